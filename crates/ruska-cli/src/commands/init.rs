//! `ruska init`: a new project.

use super::stamp;
use crate::args::InitArgs;
use crate::output::{Say, clean};
use crate::{Ending, Failure, Usage};
use ruska_ops::init::init;
use std::fmt::Write;
use std::path::Path;

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
    let mut text = format!("{}: a project that predicts `{}`\n", folder.display(), project.target);
    for file in &project.files {
        let _ = writeln!(text, "  {file}");
    }
    let _ = writeln!(text, "next    cd {} && ruska job run jobs/dev.toml", folder.display());
    say.result(&clean(&text), &project)?;
    Ok(Ending::Done)
}
