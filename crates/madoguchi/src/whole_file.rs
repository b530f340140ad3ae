//! Files that are there when they are whole; otherwise nothing half-written stays.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::failure::{Code, Failure};

/// A file that is being written. It gets its name when it is whole; otherwise its part is removed.
pub(crate) struct WholeFile {
    target: PathBuf,
    part: PathBuf,
    file: File,
    done: bool,
}

fn failed(target: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Code::File, format!("{} cannot be written: {error}", target.display()))
        .hint("nothing half-written was left; check the folder and the free space")
}

impl WholeFile {
    pub(crate) fn create(target: &Path) -> Result<Self, Failure> {
        let mut part = target.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).map_err(|e| failed(target, &e))?;
        Ok(WholeFile { target: target.to_owned(), part, file, done: false })
    }

    /// A file with these contents, still without its name.
    pub(crate) fn with(target: &Path, bytes: &[u8]) -> Result<Self, Failure> {
        let mut whole = WholeFile::create(target)?;
        // On the disk now, so that nothing but the name is left to fail.
        whole.file.write_all(bytes).and_then(|()| whole.file.sync_all()).map_err(|e| whole.failed(&e))?;
        Ok(whole)
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    pub(crate) fn failed(&self, error: &std::io::Error) -> Failure {
        failed(&self.target, error)
    }

    /// Gives the file its name.
    pub(crate) fn keep(mut self) -> Result<(), Failure> {
        self.file.sync_all().and_then(|()| std::fs::rename(&self.part, &self.target)).map_err(|e| self.failed(&e))?;
        self.done = true;
        Ok(())
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if !self.done {
            remove(&self.part);
        }
    }
}

/// The file of an SQLite database that is not there yet. Unless it is kept, it is removed, with what
/// SQLite puts beside it; a database that was there before is left alone.
pub(crate) struct NewDatabase(Option<PathBuf>);

impl NewDatabase {
    pub(crate) fn at(address: &str) -> Self {
        NewDatabase(address.strip_prefix("sqlite:").map(PathBuf::from).filter(|file| !file.exists()))
    }

    pub(crate) fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for NewDatabase {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            if let Some(file) = &self.0 {
                let mut name = file.as_os_str().to_owned();
                name.push(suffix);
                remove(Path::new(&name));
            }
        }
    }
}

pub(crate) fn remove(file: &Path) {
    if let Err(error) = std::fs::remove_file(file)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        eprintln!("madoguchi: {} could not be removed: {error}", file.display());
    }
}
