//! Options of `key=value` terms, such as `tp=100,fp=-20,fn=-50,tn=0`.

use ruska_data::hint;

/// The values of terms in the order of the keys, each of which there must be once; `read` gives the value of a
/// text, or what is wrong about it, which is told after the key. `of` says what values are, in capitals.
///
/// Fails with the term that is wrong, and an example of how it should be.
pub fn terms<T, const N: usize>(
    text: &str,
    keys: [&str; N],
    (of, example): (&str, &str),
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<[T; N], String> {
    let mut found: [Option<T>; N] = [const { None }; N];
    for term in text.split(',') {
        let Some((key, value)) = term.split_once('=') else {
            return Err(format!("`{}` is not KEY={of}; write it as {example}", term.trim()));
        };
        let key = key.trim();
        let Some(place) = keys.iter().position(|k| *k == key) else {
            let near = hint(key, keys);
            return Err(format!("`{key}` is none of {}{near}", keys.join(", ")));
        };
        let value = read(value.trim()).map_err(|why| format!("{key} {why}"))?;
        if found[place].replace(value).is_some() {
            return Err(format!("{key} is given twice"));
        }
    }
    match keys.iter().zip(&found).find(|(_, value)| value.is_none()) {
        Some((key, _)) => Err(format!("{key} is missing; give all, as in {example}")),
        None => Ok(found.map(|value| value.expect("every key was found"))),
    }
}
