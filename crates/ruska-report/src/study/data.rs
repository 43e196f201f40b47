//! The table and what is odd about it.

use super::is_sensitive;
use crate::page::{Part, Section};
use crate::profile::{columns, findings};
use ruska::Story;

/// What was learned from.
pub(super) fn section(story: &Story) -> Option<Section> {
    let mut parts = findings(&story.record.findings);
    if let Some(profile) = &story.profile {
        parts.push(Part::Table(columns(profile, &|name| is_sensitive(story, name))));
    }
    Some(Section { id: "data", title: "The data".to_owned(), parts })
}
