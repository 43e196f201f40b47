//! Whether a text column holds dates, and whether the day stands before the month.
//!
//! A column holds dates when at least 95 % of its distinct values can be read ([`super::times`]);
//! numbers such as 20130131 only under a name such as `date`. The order of `3/4/2024` is decided
//! over the whole column. It fails on columns where no value settles the order, and says so.
//! Cost O(levels · length); columns without dates are left after 20 values.

use super::infer::Inferred;
use super::names::says_time;
use super::note::note;
use super::times::{Order, read};
use ruska_core::{Finding, FindingCode, Meaning, Severity};

/// Whether a number such as 20130131 is a date.
pub(crate) fn compact_date(value: i64) -> bool {
    (18_000_101..=22_001_231).contains(&value) && read(&value.to_string(), false).is_some()
}

/// The meaning when at least 95 % of the distinct values are dates.
pub(crate) fn dates(name: &str, levels: &[&str]) -> Option<Inferred> {
    let head = levels.iter().take(20);
    let likely = head.clone().filter(|level| read(level, false).is_some()).count();
    if likely * 2 < head.len() {
        return None;
    }
    let mut tally = DateTally::default();
    levels.iter().for_each(|level| tally.add(level));
    let compact = tally.compact > 0 && !says_time(name);
    if compact || (levels.len() - tally.strays.len()) * 20 < levels.len() * 19 {
        return None;
    }
    Some((Meaning::Time { day_first: tally.day_first() }, tally.findings(name)))
}

/// What the distinct values of a column say about dates.
#[derive(Default)]
pub(crate) struct DateTally<'a> {
    /// Values that are no dates.
    pub(crate) strays: Vec<&'a str>,
    compact: usize,
    day_first: usize,
    month_first: usize,
    slashes: usize,
    dots: usize,
}

impl<'a> DateTally<'a> {
    pub(crate) fn add(&mut self, level: &'a str) {
        let Some(moment) = read(level, false) else {
            self.strays.push(level);
            return;
        };
        self.compact += usize::from(moment.compact);
        match moment.order {
            Order::DayFirst => self.day_first += 1,
            Order::MonthFirst => self.month_first += 1,
            Order::Open(b'/') => self.slashes += 1,
            Order::Open(_) => self.dots += 1,
            Order::Stated => {}
        }
    }

    /// By the values that can only be read one way; where there are none, `3/4/2024` is month
    /// first and `3.4.2024` or `3-4-2024` day first.
    pub(crate) fn day_first(&self) -> bool {
        if self.day_first == self.month_first {
            return self.dots > self.slashes;
        }
        self.day_first > self.month_first
    }

    pub(crate) fn findings(&self, name: &str) -> Vec<Finding> {
        let warn = |count, what, advice: &str| {
            let (code, advice) = (FindingCode::Reading, advice.to_owned());
            note(code, Severity::Warning, Some(name), count, what, advice)
        };
        let mut findings = vec![];
        if !self.strays.is_empty() {
            let count = self.strays.len();
            let what = format!("column `{name}` holds dates, but {count} distinct values are none");
            let finding = warn(count, what, "they count as missing; correct them in the data");
            let examples = self.strays.iter().take(3).map(|s| (*s).to_owned()).collect();
            findings.push(Finding { examples, ..finding });
        }
        let usual = if self.day_first() { "day/month" } else { "month/day" };
        let open = self.slashes + self.dots;
        let rarer = self.day_first.min(self.month_first);
        if rarer > 0 {
            let what = format!("column `{name}` mixes day/month and month/day; read as {usual}");
            findings.push(warn(rarer, what, "write dates as YYYY-MM-DD"));
        } else if open > 0 && self.day_first + self.month_first == 0 {
            let what = format!("nothing in column `{name}` tells day from month; read as {usual}");
            findings.push(warn(open, what, "write dates as YYYY-MM-DD"));
        }
        findings
    }
}
