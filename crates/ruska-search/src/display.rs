//! The leaderboard as plain text, for programs that print it.

use crate::leaderboard::{Entry, Leaderboard};
use std::fmt;

impl fmt::Display for Leaderboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>3}  {:<56} {:>12} {:>11}  fit s", "#", "pipeline", self.metric, "± s.e.")?;
        for entry in &self.entries {
            let rank = entry.rank.map_or("–".to_owned(), |r| r.to_string());
            let what = match entry.rank {
                Some(_) => entry.pipeline.clone(),
                None => format!("{} ({})", entry.learner, entry.note),
            };
            let what: String = what.chars().take(56).collect();
            let (score, error) = (entry.score_text(), entry.error_text());
            writeln!(f, "{rank:>3}  {what:<56} {score:>12} {error:>11}  {:.2}", entry.fit_seconds)?;
        }
        Ok(())
    }
}

impl Entry {
    fn score_text(&self) -> String {
        self.score.map_or(String::new(), |s| format!("{s:.6}"))
    }

    fn error_text(&self) -> String {
        self.standard_error.map_or(String::new(), |e| format!("{e:.6}"))
    }
}
