//! Lists of column names in one word of the command line, separated as in a CSV record.

/// The names of one use of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Names(Vec<String>);

impl Names {
    /// Reads `a, b,"c,d"`: blanks around names do not count, within double quotes everything does,
    /// two quotes there are one. What follows a closing quote belongs to the name: `"a,b"=text`.
    ///
    /// Fails when a quote stays open or a name is empty.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut names = vec![];
        let mut rest = text;
        loop {
            rest = rest.trim_start();
            let mut name = String::new();
            if let Some(quoted) = rest.strip_prefix('"') {
                rest = unquote(quoted, &mut name)
                    .ok_or_else(|| "a double quote is opened and never closed".to_owned())?;
            }
            let (tail, after) = match rest.split_once(',') {
                Some((tail, after)) => (tail, Some(after)),
                None => (rest, None),
            };
            name += tail.trim_end();
            if name.is_empty() {
                return Err("a name is empty; names are separated by single commas".to_owned());
            }
            names.push(name);
            match after {
                Some(after) => rest = after,
                None => return Ok(Self(names)),
            }
        }
    }

    /// The names of each use of an option, in order.
    pub(crate) fn each(uses: &[Self]) -> Vec<Vec<String>> {
        uses.iter().map(|names| names.0.clone()).collect()
    }

    /// The names of every use of an option, in order.
    pub(crate) fn all(uses: &[Self]) -> Vec<String> {
        uses.iter().flat_map(|names| names.0.iter().cloned()).collect()
    }
}

/// Adds text up to the closing quote to a name and gives what follows it.
fn unquote<'a>(mut text: &'a str, name: &mut String) -> Option<&'a str> {
    loop {
        let (within, after) = text.split_once('"')?;
        name.push_str(within);
        match after.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                text = more;
            }
            None => return Some(after),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn names_are_separated_as_in_a_record() {
        let read = |text: &str| Names::parse(text).unwrap().0;
        assert_eq!(read("a,b"), ["a", "b"]);
        assert_eq!(read(" a , b c"), ["a", "b c"]);
        assert_eq!(read(r#""a,b",c"#), ["a,b", "c"]);
        assert_eq!(read(r#""say ""hi""",6" pipe"#), [r#"say "hi""#, r#"6" pipe"#]);
        assert_eq!(read(r#"" a","b,c"=text"#), [" a", "b,c=text"]);
        for wrong in ["", "a,,b", "a,", r#""a"#] {
            assert!(Names::parse(wrong).is_err(), "{wrong}");
        }
    }
}
