//! Where the bytes of files lie: sealed, under ids without meaning.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::{CaseError, Result};

/// A store of sealed files. Its errors are [`CaseError::Blobs`].
pub trait Blobs: Send + Sync {
    /// Begins a file. Until it is kept, [`Blobs::read`] does not find it.
    fn begin(&self, id: &str) -> Result<Box<dyn Arriving>>;
    /// Reads a file; none if it is not there.
    fn read(&self, id: &str) -> Result<Option<Box<dyn Read + Send>>>;
    /// Removes a file, whole or not. Doing it again does nothing.
    fn remove(&self, id: &str) -> Result<()>;
    /// The ids of all files, also of those that are not whole.
    fn all(&self) -> Result<Vec<String>>;
}

/// A file that arrives. Dropped before it is kept, it leaves nothing.
pub trait Arriving: Write + Send {
    /// Keeps it: after this it outlives a power cut.
    fn keep(self: Box<Self>) -> Result<()>;
}

/// A folder with a file for each. What arrives is written under another name, synced, and renamed.
#[derive(Clone, Debug)]
pub struct FolderBlobs(PathBuf);

const PART: &str = ".part";

impl FolderBlobs {
    /// Makes the folder, which only its owner may read, if it is not there.
    pub fn open(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).map_err(told)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(told)?;
        }
        Ok(FolderBlobs(path.to_owned()))
    }

    /// Path of a file and of what arrives of it.
    fn paths(&self, id: &str) -> Result<(PathBuf, PathBuf)> {
        if !is_id(id) {
            return Err(CaseError::Blobs("a file's id has an odd form".into()));
        }
        Ok((self.0.join(id), self.0.join(format!("{id}{PART}"))))
    }
}

/// Ids are ours; one that is not must not lead elsewhere.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

fn told(error: std::io::Error) -> CaseError {
    // The kind names no path.
    CaseError::Blobs(error.kind().to_string())
}

fn gone(result: std::io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(told(error)),
        _ => Ok(()),
    }
}

struct Part {
    file: fs::File,
    folder: PathBuf,
    part: PathBuf,
    whole: PathBuf,
    is_kept: bool,
}

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl Arriving for Part {
    fn keep(mut self: Box<Self>) -> Result<()> {
        self.file.sync_all().map_err(told)?;
        fs::rename(&self.part, &self.whole).map_err(told)?;
        self.is_kept = true;
        fs::File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(told)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.is_kept {
            // What stays because this fails is swept up.
            let _left = fs::remove_file(&self.part);
        }
    }
}

impl Blobs for FolderBlobs {
    fn begin(&self, id: &str) -> Result<Box<dyn Arriving>> {
        let (whole, part) = self.paths(id)?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let file = options.open(&part).map_err(told)?;
        Ok(Box::new(Part { file, folder: self.0.clone(), part, whole, is_kept: false }))
    }

    fn read(&self, id: &str) -> Result<Option<Box<dyn Read + Send>>> {
        match fs::File::open(self.paths(id)?.0) {
            Ok(file) => Ok(Some(Box::new(file))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(told(error)),
        }
    }

    fn remove(&self, id: &str) -> Result<()> {
        let (whole, part) = self.paths(id)?;
        gone(fs::remove_file(part)).and(gone(fs::remove_file(whole)))
    }

    fn all(&self) -> Result<Vec<String>> {
        let mut ids = std::collections::BTreeSet::new();
        for entry in fs::read_dir(&self.0).map_err(told)? {
            let name = entry.map_err(told)?.file_name();
            let Some(name) = name.to_str() else { continue };
            let id = name.strip_suffix(PART).unwrap_or(name);
            // What somebody else put there is left alone.
            if is_id(id) {
                ids.insert(id.to_owned());
            }
        }
        Ok(ids.into_iter().collect())
    }
}
