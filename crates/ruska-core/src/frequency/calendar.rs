//! The Gregorian calendar, counted in days and months since 1970.
//!
//! Reference: H. Hinnant, "chrono-compatible low-level date algorithms".

/// Milliseconds of a day.
pub(super) const DAY: i64 = 86_400_000;
/// Milliseconds of a week.
pub(super) const WEEK: i64 = 7 * DAY;
/// The names of the days of a week, from Monday.
pub(super) const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A day of the Gregorian calendar as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// Months since January 1970, negative before.
    pub month: i64,
    /// The day of the month, from 1.
    pub day: i64,
}

impl Date {
    /// The date of a day counted from 1970-01-01. Years are taken to begin in March, so that the
    /// leap day is their last; 146,097 days make 400 years.
    pub fn of(days: i64) -> Self {
        let since = days.saturating_add(719_468);
        let (era, day) = (since.div_euclid(146_097), since.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let of_year = day - (365 * year + year / 4 - year / 100);
        let march_based = (5 * of_year + 2) / 153;
        let day = of_year - (153 * march_based + 2) / 5 + 1;
        // January and February belong to the next year, months 12 and 13 of the one begun in March.
        Self { month: (year + era * 400 - 1970) * 12 + march_based + 2, day }
    }

    /// Days since 1970-01-01; the day may lie beyond the month.
    pub(super) fn days(self) -> i64 {
        let from_march = self.month - 2;
        let year = from_march.div_euclid(12) + 1970;
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let of_year = (153 * from_march.rem_euclid(12) + 2) / 5 + self.day - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    /// The year, such as 1970.
    pub fn year(self) -> i64 {
        self.month.div_euclid(12) + 1970
    }

    /// 1 to 12.
    pub fn month_of_year(self) -> i64 {
        self.month.rem_euclid(12) + 1
    }
}

/// Days of a month counted from January 1970.
pub(super) fn month_length(month: i64) -> i64 {
    let year = month.div_euclid(12) + 1970;
    match month.rem_euclid(12) {
        3 | 5 | 8 | 10 => 30,
        1 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        1 => 28,
        _ => 31,
    }
}

/// The day of the week of a day counted from 1970-01-01, a Thursday; Monday is 0.
pub(super) fn weekday(days: i64) -> i64 {
    (days + 3).rem_euclid(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree() {
        let mut expected = Date { month: -12 * 400, day: 1 };
        let first = expected.days();
        for days in first..first + 800 * 366 {
            assert_eq!(Date::of(days), expected);
            assert_eq!(expected.days(), days);
            expected.day += 1;
            if expected.day > month_length(expected.month) {
                expected = Date { month: expected.month + 1, day: 1 };
            }
        }
        let leap = Date::of(11_016);
        assert_eq!((leap.year(), leap.month_of_year(), leap.day), (2000, 2, 29));
        assert_eq!(WEEKDAYS[weekday(11_016) as usize], "Tuesday");
    }
}
