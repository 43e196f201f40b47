//! Files to frames and back: readers, schema inference, findings, writers
