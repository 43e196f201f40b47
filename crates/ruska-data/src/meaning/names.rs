//! What column names say.

/// Lower-case words of a name: `customerID`, `customer_id` and `Customer Id` all give
/// `customer`, `id`.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in name.chars() {
        let starts_word = c.is_uppercase() && after_lower;
        after_lower = c.is_lowercase() || c.is_numeric();
        if starts_word || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().expect("there is always a word").extend(c.to_lowercase());
        }
    }
    words.retain(|w| !w.is_empty());
    words
}

/// Whether a name says that the values identify rows.
pub fn says_identifier(name: &str) -> bool {
    const LAST: [&str; 12] =
        ["id", "ids", "key", "nr", "no", "number", "uuid", "guid", "rowid", "pk", "serial", "uid"];
    // A plain ending `id` would take in `paid` and `humid`.
    const OWNERS: [&str; 20] = [
        "user",
        "customer",
        "client",
        "order",
        "product",
        "item",
        "session",
        "account",
        "passenger",
        "patient",
        "person",
        "employee",
        "row",
        "record",
        "transaction",
        "loan",
        "case",
        "member",
        "student",
        "device",
    ];
    let words = words(name);
    words.last().is_some_and(|last| {
        LAST.contains(&last.as_str())
            || last.strip_suffix("id").is_some_and(|owner| OWNERS.contains(&owner))
    })
}

/// Levels that may repeat and be names of accounts all the same.
const MANY_LEVELS: u64 = 100;

/// Whether levels are rather the names of rows, persons or accounts, though they repeat: most of the
/// `rows` with a value have one of the `distinct` for themselves, the column says so and has very
/// many, or they are e-mail addresses.
pub fn names_rows<'a>(
    column: &str,
    distinct: u64,
    rows: u64,
    levels: impl Iterator<Item = &'a String>,
) -> bool {
    let address = |level: &&String| {
        let (name, host) = level.trim().split_once('@').unwrap_or_default();
        !name.is_empty() && host.contains('.') && !level.trim().contains(' ')
    };
    2 * distinct > rows
        || (distinct > MANY_LEVELS && says_identifier(column))
        || 2 * levels.filter(address).count() as u64 > distinct
}

/// Whether numbers, or points in time, are rather those of persons, accounts or rows: the column says so
/// and has very many of them, or they are the days on which persons were born.
pub fn numbers_name_rows(column: &str, times: bool, distinct: impl FnOnce() -> u64) -> bool {
    const BORN: [&str; 7] =
        ["birth", "birthday", "birthdate", "born", "dob", "geburtsdatum", "geburtstag"];
    let born = || words(column).iter().any(|word| BORN.contains(&word.as_str()));
    (times && born()) || (says_identifier(column) && distinct() > MANY_LEVELS)
}

/// Whether a name says that the values count the rows of the file.
pub(crate) fn says_row_number(name: &str) -> bool {
    const ROWS: [&str; 11] = [
        "", "index", "idx", "row", "rows", "rownames", "rownum", "unnamed0", "obs", "instant",
        "seq",
    ];
    ROWS.contains(&words(name).concat().as_str())
}

/// Whether a name says that the values are dates or times.
pub(crate) fn says_time(name: &str) -> bool {
    const TIME: [&str; 10] =
        ["date", "day", "dt", "time", "ymd", "yyyymmdd", "timestamp", "datum", "dob", "datetime"];
    words(name).iter().any(|w| TIME.contains(&w.as_str()) || w.ends_with("date"))
}

/// Whether a name says that the values count time, so that a sequence is a trend.
pub(crate) fn says_trend(name: &str) -> bool {
    const TREND: [&str; 16] = [
        "year", "yr", "quarter", "month", "week", "day", "hour", "minute", "second", "time",
        "date", "period", "step", "t", "x", "age",
    ];
    words(name).iter().any(|w| TREND.contains(&w.as_str()))
}

/// Up to three of the candidates that look most like a name, best first.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let wanted = name.to_lowercase();
    // Among short names every other one is near.
    let limit = match wanted.chars().count() {
        0..=2 => 0,
        3 => 1,
        n => 2.max(n / 3),
    };
    let mut found: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let contained = wanted.chars().count().min(lower.chars().count()) >= 3
                && (lower.contains(&wanted) || wanted.contains(&lower));
            let distance = edits(&wanted, &lower);
            let distance = if contained { distance.min(limit) } else { distance };
            (distance <= limit).then_some((distance, candidate))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().take(3).map(|(_, c)| c.to_owned()).collect()
}

/// `; did you mean `x`?` with the closest of some names, or nothing.
///
/// ```
/// assert_eq!(ruska_data::hint("agee", ["age", "name"]), "; did you mean `age`?");
/// assert_eq!(ruska_data::hint("zebra", ["age", "name"]), "");
/// ```
pub fn hint<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let near = closest(name, candidates);
    near.first().map_or(String::new(), |near| format!("; did you mean `{near}`?"))
}

/// Levenshtein distance: insertions, deletions and replacements. O(|a| · |b|).
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_names() {
        for name in ["customerID", "customer_id", "Customer Id", "customer-id"] {
            assert_eq!(words(name), ["customer", "id"], "{name}");
        }
        assert_eq!(words("😀"), Vec::<String>::new());
    }

    #[test]
    fn identifiers_by_name() {
        for name in ["customerID", "id", "PassengerId", "order no", "uuid", "customerid"] {
            assert!(says_identifier(name), "{name}");
        }
        for name in ["paid", "humid", "grid", "age", "num_accounts", "", "idle", "covid"] {
            assert!(!says_identifier(name), "{name}");
        }
    }

    #[test]
    fn distance_and_suggestions() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(closest("chrun", ["Churn", "gender", "tenure"]), ["Churn"]);
        assert_eq!(closest("price", ["Price (EUR)", "rooms"]), ["Price (EUR)"]);
        assert!(closest("zzz", ["Churn", "gender"]).is_empty());
        assert!(closest("y", ["x", "z", "id", "year"]).is_empty());
        assert!(closest("ab", ["x", "abc", "cab"]).is_empty());
        assert_eq!(closest("Y", ["x", "y"]), ["y"]);
        assert_eq!(closest("agr", ["age", "id"]), ["age"]);
    }
}
