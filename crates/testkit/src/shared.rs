//! Files that one test makes and the others of the same build take over.
//!
//! Every test is a process of its own, and analysing the articles of the demo city costs most of a second in each. So
//! the first one leaves what it made, and the others begin with a copy. A build that differs finds nothing: what is
//! shared belongs to the very file of the tests that runs.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::random_word;

/// The folder beside the test binaries, with the binary's name and its own stamp.
fn place() -> (PathBuf, String, String) {
    let binary = std::env::current_exe().expect("the path of the tests");
    let folder = binary.parent().and_then(Path::parent).expect("a folder of the build").join("shared-by-tests");
    let changed = binary.metadata().and_then(|m| m.modified()).expect("when the tests were built");
    let stamp = changed.duration_since(UNIX_EPOCH).expect("a time after 1970").as_nanos();
    let name = binary.file_name().expect("a name").to_string_lossy().into_owned();
    (folder, name, stamp.to_string())
}

/// Copies what an earlier test of this build left under `name` to the file `to`. If there is nothing yet, nothing
/// happens.
pub fn take_over(name: &str, to: &Path) {
    let (folder, binary, stamp) = place();
    match std::fs::copy(folder.join(format!("{binary}.{stamp}.{name}")), to) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => panic!("what the tests share cannot be read: {error}"),
    }
}

/// Leaves a file for later tests of this build, if none is there yet, and removes those of earlier builds.
pub fn leave(name: &str, from: &Path) {
    let (folder, binary, stamp) = place();
    let file = folder.join(format!("{binary}.{stamp}.{name}"));
    if file.exists() {
        return;
    }
    std::fs::create_dir_all(&folder).expect("a folder for what the tests share");
    for entry in std::fs::read_dir(&folder).expect("what the tests share") {
        let old = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        if old.strip_prefix(&binary).is_some_and(|rest| !rest.starts_with(&format!(".{stamp}."))) {
            // Another test may have removed it just now; a file that stays harms nobody.
            let _gone_or_harmless = std::fs::remove_file(folder.join(old));
        }
    }
    let part = folder.join(format!("{binary}.{stamp}.{}", random_word()));
    std::fs::copy(from, &part).expect("copied");
    std::fs::rename(&part, &file).expect("in place as a whole");
}
