//! Gradients against differences, and nets against functions they must learn.

mod gradients;
mod learning;
