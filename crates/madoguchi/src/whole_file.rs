//! A file that appears under its name only when it is whole; otherwise its part is removed.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::failure::{Code, Failure};

/// A file that is being written.
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
        if !self.done
            && let Err(error) = std::fs::remove_file(&self.part)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            eprintln!("madoguchi: {} could not be removed: {error}", self.part.display());
        }
    }
}
