//! A city of a test's own, made by the binary.

use std::path::{Path, PathBuf};

use store::{Db, OpenMode};
use tempfile::TempDir;

use super::{Said, madoguchi, run};

/// The line of the configuration with the citizens' face.
pub(crate) const PUBLIC: &str = "faces = [\"public\"]";
/// The line with all others.
pub(crate) const INSIDE: &str = "faces = [\"staff\", \"desk\", \"partner\"]";

/// A city in a folder that goes with the test.
pub(crate) struct City {
    folder: TempDir,
    /// Its configuration.
    pub(crate) config: PathBuf,
}

/// みなも市 as this binary makes it, asked once, so that its articles are analysed: made by the first test that wants it
/// and copied by the others.
fn template() -> PathBuf {
    let tests = Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(tests).expect("a folder");
    let binary = std::fs::metadata(env!("CARGO_BIN_EXE_madoguchi")).expect("the binary");
    let made = binary.modified().expect("its time").duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let folder = tests.join(format!("demo-{}", made.as_nanos()));
    let lock = std::fs::File::create(tests.join("demo.lock")).expect("a lock");
    lock.lock().expect("locked");
    if !folder.exists() {
        for old in std::fs::read_dir(tests).expect("folder") {
            let old = old.expect("entry");
            if old.file_name().to_string_lossy().starts_with("demo-") {
                std::fs::remove_dir_all(old.path()).expect("the city of an older binary goes");
            }
        }
        let part = tests.join("demo-part");
        run(["demo".as_ref(), part.as_os_str()]).done();
        run(["--config".as_ref(), part.join("madoguchi.toml").as_os_str(), "ask".as_ref(), "ごみの日".as_ref()]).done();
        std::fs::rename(part, &folder).expect("renamed");
    }
    folder
}

/// Copies what is in a folder, with the folders in it: those of sealed desks are for their owner alone.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("the demo city") {
        let entry = entry.expect("an entry");
        let (old, new) = (entry.path(), to.join(entry.file_name()));
        if old.is_dir() {
            std::fs::create_dir(&new).expect("a folder");
            let permissions = std::fs::metadata(&old).expect("read").permissions();
            std::fs::set_permissions(&new, permissions).expect("for their owner");
            copy(&old, &new);
        } else {
            std::fs::copy(old, new).expect("copied");
        }
    }
}

impl City {
    /// みなも市 with its articles.
    pub(crate) fn demo() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        copy(&template(), folder.path());
        City::ready(folder)
    }

    /// みなも市 in a given database.
    pub(crate) fn demo_in(database: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        run(["demo".as_ref(), folder.path().as_os_str(), "--database".as_ref(), database.as_ref()]).done();
        let kept = if database.starts_with("sqlite:") { "minamo.db.index" } else { "minamo.index" };
        std::fs::copy(template().join("minamo.db.index"), folder.path().join(kept)).expect("copied");
        City::ready(folder)
    }

    /// みなも市 without an article.
    pub(crate) fn bare() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for _ in ["writes the files", "makes the city"] {
            run(["init".as_ref(), folder.path().as_os_str()]).done();
        }
        City::ready(folder)
    }

    /// みなも市 without an article or an account in the given database.
    pub(crate) fn bare_in(database: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for _ in ["writes the files", "makes the city"] {
            run(["init".as_ref(), folder.path().as_os_str(), "--database".as_ref(), database.as_ref()]).done();
        }
        City::ready(folder)
    }

    /// A configuration for a database that is there, or shall be.
    pub(crate) fn configured(database: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let text =
            format!("[[city]]\nname = \"minamo\"\nhosts = [\"localhost\", \"127.0.0.1\"]\ndatabase = {database:?}\n");
        std::fs::write(folder.path().join("madoguchi.toml"), text).expect("written");
        City::ready(folder)
    }

    /// Gives the configuration ports that are free, whatever else runs on this machine, and lets requests say
    /// from where they come.
    fn ready(folder: TempDir) -> Self {
        let config = folder.path().join("madoguchi.toml");
        let text = std::fs::read_to_string(&config).expect("a configuration");
        let listen = |faces: &str| format!("\n[[listen]]\naddress = \"127.0.0.1:0\"\n{faces}\n");
        let (public, staff) = (listen(PUBLIC), listen(INSIDE));
        let text = format!("log = \"warn\"\ntrusted_proxies = [\"127.0.0.1\"]\n{text}{public}{staff}");
        std::fs::write(&config, text).expect("written");
        City { folder, config }
    }

    /// A path in its folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into its folder.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("written");
        path
    }

    /// A command about it.
    pub(crate) fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> std::process::Command {
        let mut command = madoguchi();
        command.arg("--config").arg(&self.config).args(arguments).current_dir(self.folder());
        command
    }

    /// Runs a command about it; relative paths are in its folder.
    #[track_caller]
    pub(crate) fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Said {
        Said::of(self.command(arguments))
    }

    /// Imports a file with these contents.
    #[track_caller]
    pub(crate) fn import(&self, name: &str, bytes: impl AsRef<[u8]>) -> Said {
        self.write(name, bytes);
        self.run(["import", "faq", name])
    }

    /// All articles as CSV.
    #[track_caller]
    pub(crate) fn articles(&self) -> String {
        self.run(["export", "faq", "all articles.csv"]).done();
        let text = std::fs::read_to_string(self.path("all articles.csv")).expect("read");
        std::fs::remove_file(self.path("all articles.csv")).expect("removed");
        text
    }

    /// Address of its SQLite database.
    pub(crate) fn database(&self) -> String {
        format!("sqlite:{}", self.path("minamo.db").display())
    }

    /// Does something in its SQLite database.
    pub(crate) fn with_database<T>(&self, work: impl AsyncFnOnce(&Db) -> T) -> T {
        with_database(&self.database(), work)
    }
}

/// Does something in a database.
pub(crate) fn with_database<T>(address: &str, work: impl AsyncFnOnce(&Db) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let db = Db::open(address, OpenMode::Create).await.expect("a database");
        let result = work(&db).await;
        db.close().await;
        result
    })
}
