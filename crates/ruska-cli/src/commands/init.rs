//! `ruska init`: a new project.

use super::stamp;
use crate::args::InitArgs;
use crate::output::{Say, short};
use crate::{Ending, Failure, Usage};
use ruska::notation::shell_word;
use ruska_ops::init::init;
use std::fmt::Write;
use std::path::Path;

/// Columns told by name.
const NAMED: usize = 3;

/// Writes a project and tells how to go on.
pub(crate) fn run(args: &InitArgs, say: Say) -> Result<Ending, Failure> {
    let data = args.data.as_deref().zip(args.target.as_deref());
    if data.is_some_and(|(source, _)| source == "-") {
        return Err(
            Usage("--data: a project cannot read standard input; name a file".into()).into()
        );
    }
    let folder = args.folder.as_deref().unwrap_or(Path::new(&args.name));
    let project = init(folder, &args.name, data, stamp("").at_ms)?;
    project.caveats.iter().for_each(|caveat| say.note(&format!("! {caveat}")));
    let word = shell_word(&folder.display().to_string());
    let mut text = format!("{}: a project that predicts `{}`\n", folder.display(), project.target);
    for file in &project.files {
        let _ = writeln!(text, "  {file}");
    }
    match &project.leaks[..] {
        [] => {}
        [one] => {
            let _ = writeln!(
                text,
                "`{}` tells the target nearly alone; the jobs leave it out (drop_leaks)",
                short(one, 40)
            );
        }
        several => {
            let named: Vec<String> = several.iter().take(NAMED).map(|c| short(c, 20)).collect();
            let more = if several.len() > NAMED { ", …" } else { "" };
            let _ = writeln!(
                text,
                "{} columns tell the target nearly alone ({}{more});\n  the jobs leave them out (drop_leaks)",
                several.len(),
                named.join(", ")
            );
        }
    }
    let _ = writeln!(text, "next    cd {word} && ruska job run jobs/dev.toml");
    say.result(&text, &project)?;
    Ok(Ending::Done)
}
