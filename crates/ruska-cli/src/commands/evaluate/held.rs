//! What is said of intervals and of sets of classes.

use super::share;
use crate::output::value;
use ruska::evaluation::Held;
use std::fmt::Write;

/// What they hold, and how wide or large they are.
pub(super) fn line(held: &Held) -> String {
    let (name, parts) = match held.width {
        Some(_) => ("intervals", "ranges of predictions"),
        None => ("sets", "classes"),
    };
    let asked = value(100.0 * held.share);
    let mut text = format!("{name:<12} {asked} % {name} hold {} of the rows", share(held.held));
    if let Some((least, most)) = held.between {
        let _ = write!(text, ", {} to {} by {parts}", share(least), share(most));
    }
    if let Some(width) = held.width {
        let _ = write!(text, "\n             {} wide on average", value(width));
    }
    if let Some(size) = held.size {
        let _ = write!(text, "\n             {size:.2} classes in a set on average");
    }
    text.push('\n');
    text
}
