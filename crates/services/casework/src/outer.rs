//! The one more key of each case, kept outside of the database and of its backups. Without it nothing of the case opens,
//! so destroying it ends the case in every old backup too.

use std::collections::HashMap;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use vault::OuterKey;

use crate::{CaseError, Result};

/// Where the outer keys lie.
pub trait OuterKeys: Send + Sync {
    /// Keeps the key of a new case. Fails if there is one already.
    fn keep(&self, case: &str, key: &OuterKey) -> Result<()>;
    /// The key of a case; none if it was destroyed.
    fn get(&self, case: &str) -> Result<Option<OuterKey>>;
    /// Destroys the key of a case. Doing it again does nothing.
    fn destroy(&self, case: &str) -> Result<()>;
}

/// A folder with a file for each case. It must lie on a disk that the main backup does not copy; a copy of it belongs
/// somewhere else, and is thinned out when a case ends.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes the folder, which only its owner may read, if it is not there.
    pub fn open(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).map_err(told)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(told)?;
        }
        Ok(Folder(path.to_owned()))
    }

    fn file(&self, case: &str) -> Result<PathBuf> {
        // Ids are ours; one that is not must not lead elsewhere.
        if case.is_empty() || !case.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-') {
            return Err(CaseError::Outer("a case's id has an odd form".into()));
        }
        Ok(self.0.join(format!("{case}.key")))
    }
}

fn told(error: std::io::Error) -> CaseError {
    match error.kind() {
        ErrorKind::StorageFull => CaseError::Outer("the disk is full".into()),
        _ => CaseError::Outer(error.to_string()),
    }
}

impl OuterKeys for Folder {
    fn keep(&self, case: &str, key: &OuterKey) -> Result<()> {
        let path = self.file(case)?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut file = options.open(&path).map_err(told)?;
        // The case is stored only after this: a key that a power cut took would take the case with it.
        let written = file.write_all(&*key.to_bytes()).and_then(|()| file.sync_all());
        if let Err(error) = written {
            // Half a key would stand in the way of the next try.
            fs::remove_file(&path).map_err(told)?;
            return Err(told(error));
        }
        fs::File::open(&self.0).and_then(|folder| folder.sync_all()).map_err(told)
    }

    fn get(&self, case: &str) -> Result<Option<OuterKey>> {
        match fs::read(self.file(case)?) {
            Ok(bytes) => Ok(Some(OuterKey::from_bytes(&bytes)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(told(error)),
        }
    }

    fn destroy(&self, case: &str) -> Result<()> {
        let path = self.file(case)?;
        match fs::OpenOptions::new().write(true).open(&path) {
            // Overwritten first; on disks that write elsewhere this does not help, and the page about threats says so.
            Ok(mut file) => {
                file.write_all(&[0; 32]).and_then(|()| file.sync_all()).map_err(told)?;
            }
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(told(error)),
        }
        fs::remove_file(path).map_err(told)
    }
}

/// In memory, for tests.
#[derive(Debug, Default)]
pub struct Memory(Mutex<HashMap<String, OuterKey>>);

impl OuterKeys for Memory {
    fn keep(&self, case: &str, key: &OuterKey) -> Result<()> {
        let mut keys = self.0.lock().map_err(|e| CaseError::Outer(e.to_string()))?;
        if keys.contains_key(case) {
            return Err(CaseError::Outer("there is a key already".into()));
        }
        keys.insert(case.into(), key.clone());
        Ok(())
    }

    fn get(&self, case: &str) -> Result<Option<OuterKey>> {
        Ok(self.0.lock().map_err(|e| CaseError::Outer(e.to_string()))?.get(case).cloned())
    }

    fn destroy(&self, case: &str) -> Result<()> {
        self.0.lock().map_err(|e| CaseError::Outer(e.to_string()))?.remove(case);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_folder_keeps_gives_and_destroys() {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = Folder::open(&folder.path().join("keys")).expect("opened");
        let mut rng = rand::rngs::StdRng::seed_from_u64(1);
        let key = OuterKey::generate(&mut rng);
        keys.keep("0a-1", &key).expect("kept");
        assert!(keys.keep("0a-1", &OuterKey::generate(&mut rng)).is_err(), "never overwritten");
        assert_eq!(keys.get("0a-1").expect("read"), Some(key));
        keys.destroy("0a-1").expect("destroyed");
        keys.destroy("0a-1").expect("nothing to do");
        assert_eq!(keys.get("0a-1").expect("read"), None);
        for odd in ["", "../x", "a/b", "x"] {
            assert!(keys.get(odd).is_err(), "{odd:?}");
        }
    }
}
