//! Where bytes go: standard output, a device, or a temporary file that takes its name at the end.

use crate::WriteError;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// An open place; a temporary file is removed when dropped without [`Place::keep`].
pub(super) struct Place {
    path: PathBuf,
    target: Target,
}

enum Target {
    Stdout,
    /// A pipe or device, which cannot be replaced.
    Device(File),
    /// A file beside the one to become, and the latter's true path.
    Beside(NamedTempFile, PathBuf),
}

impl Place {
    /// Standard output.
    pub(super) fn stdout() -> Self {
        Self { path: "-".into(), target: Target::Stdout }
    }

    /// A place for the file of a path.
    pub(super) fn open(path: &Path) -> Result<Self, WriteError> {
        let target = Self::target(path)
            .map_err(|e| WriteError::Io { path: path.into(), why: e.to_string() })?;
        Ok(Self { path: path.into(), target })
    }

    fn target(path: &Path) -> io::Result<Target> {
        // What a link names is replaced, not the link.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        match path.metadata() {
            Ok(m) if m.is_dir() => return Err(ErrorKind::IsADirectory.into()),
            Ok(m) if !m.is_file() => {
                return Ok(Target::Device(File::options().write(true).open(&path)?));
            }
            _ => {}
        }
        let folder = match path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".ruska-");
        #[cfg(unix)]
        {
            // As any new file: readable by whom the umask allows.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        Ok(Target::Beside(builder.tempfile_in(folder)?, path))
    }

    /// The file, where any part of it can be written.
    pub(super) fn seekable(&mut self) -> Option<&mut File> {
        match &mut self.target {
            Target::Beside(file, _) => Some(file.as_file_mut()),
            Target::Stdout | Target::Device(_) => None,
        }
    }

    /// The path asked for.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives a temporary file its name.
    pub(super) fn keep(mut self) -> Result<(), WriteError> {
        self.flush().map_err(|e| error_at(&self.path, &e))?;
        match self.target {
            Target::Beside(file, path) => {
                file.persist(path).map(drop).map_err(|e| error_at(&self.path, &e.error))
            }
            Target::Stdout | Target::Device(_) => Ok(()),
        }
    }
}

/// The typed error of a failed write to a path.
pub(super) fn error_at(path: &Path, error: &io::Error) -> WriteError {
    if error.kind() == ErrorKind::BrokenPipe && path == Path::new("-") {
        return WriteError::BrokenPipe;
    }
    WriteError::Io { path: path.into(), why: error.to_string() }
}

impl Write for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.target {
            Target::Stdout => io::stdout().write(bytes),
            Target::Device(file) => file.write(bytes),
            Target::Beside(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::Stdout => io::stdout().flush(),
            Target::Device(file) => file.flush(),
            Target::Beside(file, _) => file.flush(),
        }
    }
}
