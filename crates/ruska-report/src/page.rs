//! What a page is made of, before it is written in any language.
//!
//! Texts are plain: what stands between backticks is a name or a command, the rest is words. Nothing in them is
//! markup, whatever it looks like, so that names and values of data are safe anywhere.

use crate::html;
use crate::table::Table;
use std::io;
use std::path::Path;

/// The list of the files that a page wrote.
const LIST: &str = "tables.json";

/// A page of its own: answers first, then sections.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// What it is of.
    pub title: String,
    /// One line below the title.
    pub subtitle: String,
    /// What is asked first, with short answers.
    pub answers: Vec<Answer>,
    /// The rest, in order.
    pub sections: Vec<Section>,
}

/// A question and its answer in a few sentences.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The question.
    pub question: String,
    /// What matters most, in a few words.
    pub short: String,
    /// Sentences that say more.
    pub more: Vec<String>,
}

/// A part of a page that stands in its contents.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Where links to it lead: letters and hyphens, unique on the page.
    pub id: &'static str,
    /// Its heading.
    pub title: String,
    /// What it holds.
    pub parts: Vec<Part>,
}

/// What sections hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A heading within the section.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A list.
    List(Vec<String>),
    /// Something to beware of.
    Note(String),
    /// A command to type, or rules that keep their lines.
    Code(String),
    /// A table.
    Table(Table),
    /// Pictures beside each other, as far as there is room.
    Pictures(Vec<Picture>),
}

/// A picture as SVG.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// What it shows, above it; empty where the picture says so itself.
    pub title: String,
    /// The same in words, for those who do not see it.
    pub words: String,
    /// The picture: safe markup, since its texts were escaped.
    pub svg: String,
    /// Whether it is as wide as the page.
    pub wide: bool,
}

impl Page {
    /// The page as one HTML document that needs nothing else: no network, no scripts, no fonts.
    pub fn html(&self) -> String {
        html::document(self)
    }

    /// Its tables, in order.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.sections.iter().flat_map(|section| &section.parts).filter_map(|part| match part {
            Part::Table(table) => Some(table),
            _ => None,
        })
    }

    /// Writes the document to a file, which appears whole or not at all.
    ///
    /// Fails when it cannot be written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        ruska::write_atomically(path, self.html().as_bytes())
    }

    /// Writes each table as CSV and JSON into a folder, which is made if it is not there; gives the names of the
    /// CSV files. What an earlier page wrote there, which a list beside them tells, is replaced.
    ///
    /// Fails when the folder holds files that no page wrote, and when it or a file cannot be written.
    pub fn save_tables(&self, folder: &Path) -> io::Result<Vec<String>> {
        std::fs::create_dir_all(folder)?;
        let list = folder.join(LIST);
        match std::fs::read(&list) {
            Ok(bytes) => {
                let earlier: Vec<String> = serde_json::from_slice(&bytes).unwrap_or_default();
                for name in earlier.iter().filter(|name| is_file_name(name)) {
                    let _ = std::fs::remove_file(folder.join(name));
                }
            }
            Err(_) if std::fs::read_dir(folder)?.next().is_none() => {}
            Err(_) => {
                let what = "it holds files that no page wrote; name a new folder or an empty one";
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, what));
            }
        }
        let files = |table: &Table| {
            let csv = (format!("{}.csv", table.id), table.csv());
            [csv, (format!("{}.json", table.id), table.json())]
        };
        let files: Vec<(String, String)> = self.tables().flat_map(files).collect();
        let names: Vec<&String> = files.iter().map(|(name, _)| name).collect();
        ruska::write_atomically(&list, serde_json::json!(names).to_string().as_bytes())?;
        for (name, text) in &files {
            ruska::write_atomically(&folder.join(name), text.as_bytes())?;
        }
        Ok(self.tables().map(|table| format!("{}.csv", table.id)).collect())
    }
}

/// Whether a name is one of a file in the folder itself.
fn is_file_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
}
