//! Studies, tables and drift as pages that people look at.
//!
//! ```text
//! Story, Profile, Verdict ─▶ sentences, tables, pictures ─▶ Page ─▶ one HTML file
//!                                                            └────▶ its tables as CSV and JSON
//! ```
//!
//! Invariants
//! 1. A page is one file that needs nothing else: no network, no scripts, no fonts.
//! 2. Texts are no markup, whatever data calls its columns and levels; only the writing of HTML makes markup.
//! 3. Values of identifiers and of columns of people's groups are not shown; what single rows hold is masked.
//! 4. Every table of a page is there for programs, with all rows and all digits.
//! 5. Equal stories give equal bytes: no clock is asked.
//!
//! It knows the façade and what is found by operations: no algorithm, no store, no command line.

mod chart;
mod drift;
mod html;
mod page;
mod profile;
mod study;
mod table;
mod words;

pub use drift::drift;
pub use page::{Answer, Page, Part, Picture, Section};
pub use profile::profile;
pub use study::report;
pub use table::{Cell, Table};
