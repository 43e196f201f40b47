//! Who acts, where nobody says so.

/// Who acts: `RUSKA_ACTOR` of the environment, else the name of the account that the environment or the system knows,
/// else `uid 1000`, and `unknown` where the system tells nothing.
pub fn actor() -> String {
    let named =
        |variable: &str| std::env::var(variable).ok().filter(|name| !name.trim().is_empty());
    let account = ["RUSKA_ACTOR", "USER", "LOGNAME", "USERNAME"].into_iter().find_map(named);
    account.or_else(of_system).unwrap_or_else(|| "unknown".to_owned())
}

/// The account that this process has.
#[cfg(unix)]
fn of_system() -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    // What stands for a process belongs to its account.
    let uid = std::fs::metadata("/proc/self").ok()?.uid();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    Some(name_of(uid, &accounts).unwrap_or_else(|| format!("uid {uid}")))
}

#[cfg(not(unix))]
fn of_system() -> Option<String> {
    None
}

/// The name of a user in the text of `/etc/passwd`.
#[cfg(unix)]
fn name_of(uid: u32, accounts: &str) -> Option<String> {
    let fields = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let of = |fields: &Vec<&str>| fields.get(2).and_then(|id| id.parse().ok()) == Some(uid);
    fields.into_iter().find(of).map(|fields| fields[0].to_owned()).filter(|name| !name.is_empty())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_found_by_their_number() {
        let accounts =
            "root:x:0:0:root:/root:/bin/bash\n# none\n\nann:x:1000:100::/home/ann:/bin/sh\nx:y\n";
        assert_eq!(name_of(1000, accounts).as_deref(), Some("ann"));
        assert_eq!(name_of(0, accounts).as_deref(), Some("root"));
        assert_eq!((name_of(100, accounts), name_of(7, "")), (None, None));
    }
}
