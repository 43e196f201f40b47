//! Where data lie, seen from a project.

use std::path::{Component, Path, PathBuf};

/// Folders above the project within which data are near.
const NEAR: usize = 2;

/// The path of a source of data from a project's folder, such as `../churn.csv`; none where they
/// share no folder but one far above, so that they would not be moved together.
pub(super) fn relative(source: &str, project: &Path) -> Option<String> {
    let (source, project) = (real(Path::new(source))?, real(project)?);
    let above = |up: &usize| {
        let shared = project.ancestors().nth(*up)?;
        // The root is no folder of anybody's.
        shared.parent()?;
        let below = source.strip_prefix(shared).ok()?;
        let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
        Some("../".repeat(*up) + &parts?.join("/"))
    };
    (0..=NEAR).find_map(|up| above(&up))
}

/// A path without links and dots, as far as it is there; the rest, such as a pattern or a folder to
/// come, as it is.
fn real(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let there = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
    let (above, real) = there?;
    let rest = path.strip_prefix(above).ok()?;
    let plain = rest.components().all(|part| matches!(part, Component::Normal(_)));
    plain.then(|| if rest.as_os_str().is_empty() { real } else { real.join(rest) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_lies_near_is_named_from_the_project() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir_all(at("a/b/c")).unwrap();
        let seen =
            |source: &str, project: &str| relative(&at(source).display().to_string(), &at(project));
        assert_eq!(seen("a/x.csv", "a/new"), Some("../x.csv".into()));
        assert_eq!(seen("a/b/c/*.csv", "a/new"), Some("../b/c/*.csv".into()));
        assert_eq!(seen("x.csv", "a/new"), Some("../../x.csv".into()));
        assert_eq!(seen("x.csv", "a/b/c/new"), None);
        assert_eq!(seen("a/b/../x.csv", "a/new"), Some("../x.csv".into()));
        assert_eq!(seen("a/gone/../x.csv", "a/new"), None, "nobody says where it leads");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir_all(at("far/real")).unwrap();
        std::fs::write(at("far/x.csv"), "").unwrap();
        std::os::unix::fs::symlink(at("far/real"), at("link")).unwrap();
        // `..` of what a link leads to is not the folder that the link is in.
        let seen = relative(&at("far/x.csv").display().to_string(), &at("link/new"));
        assert_eq!(seen, Some("../../x.csv".into()));
    }
}
