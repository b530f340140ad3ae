//! Disks that are full: a sentence, nothing half-written, and a city that goes on when there is room again.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::table::{lines, row};
use crate::support::{City, code, files, run, tell};

/// A disk of some kilobytes.
struct Disk(tempfile::TempDir);

impl Disk {
    /// `None` where this user may not mount one; then the test says that it was not run.
    fn of(kilobytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let size = format!("size={kilobytes}k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        if mounted.is_ok_and(|m| m.status.success()) {
            return Some(Disk(folder));
        }
        tell("not run: the tests of full disks need the right to mount a small one (root)");
        None
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let mut ballast = std::fs::File::create(self.path("ballast")).expect("a file");
        let block = [1u8; 1024];
        while std::io::Write::write_all(&mut ballast, &block).is_ok() {}
    }

    fn free(&self) {
        std::fs::remove_file(self.path("ballast")).expect("removed");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(self.0.path()).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            tell(&format!("{} stays mounted", self.0.path().display()));
        }
    }
}

fn demo(folder: &Path) -> crate::support::Said {
    run(["demo".as_ref(), folder.as_os_str()])
}

#[test]
fn a_city_for_which_there_is_no_room_is_not_begun() {
    for kilobytes in [8, 64, 700, 1600, 3000, 5000, 9000, 13_000] {
        let Some(disk) = Disk::of(kilobytes) else { return };
        let place = disk.path("city");
        let said = demo(&place);
        if said.status.success() {
            // The last step, folding the log into the database, may be left for the next command.
            let config = place.join("madoguchi.toml");
            let said = run(["--config".as_ref(), config.as_os_str(), "migrate".as_ref(), "--dry-run".as_ref()]);
            assert!(said.done().contains("nothing to do"), "{kilobytes} KB");
            continue;
        }
        assert!(kilobytes < 13_000, "it fits: {}", said.err);
        let said_code = said.status.code().unwrap_or(0);
        assert!([code::DATABASE, code::FILE].contains(&said_code), "{kilobytes} KB: {said_code} {}", said.err);
        let words = said.failed(said_code, &["full"]);
        assert!(words.contains("free some space") || words.contains("the free space"), "{words}");
        // What is left does not stand in the way once there is room.
        assert_eq!(files(&place), [""; 0], "{kilobytes} KB: {words}");
    }
    let Some(disk) = Disk::of(13_000) else { return };
    disk.fill();
    assert!(!demo(&disk.path("city")).status.success());
    disk.free();
    demo(&disk.path("city")).done();
}

#[test]
fn an_import_without_room_stores_nothing_and_is_repeated_with_room() {
    let Some(disk) = Disk::of(14 * 1024) else { return };
    demo(&disk.path("city")).done();
    let config = disk.path("city/madoguchi.toml");
    let folder = tempfile::tempdir().expect("a folder");
    let command = |arguments: &[&str]| {
        let mut all = vec!["--config".into(), config.display().to_string()];
        all.extend(arguments.iter().map(|a| (*a).to_owned()));
        run(all)
    };
    let file = |name: &str| folder.path().join(name).display().to_string();
    let export = || {
        command(&["export", "faq", &file("all.csv")]).done();
        std::fs::read_to_string(file("all.csv")).expect("read")
    };
    let before = export();
    std::fs::write(file("many.csv"), lines((0..20_000).map(|n| row(&format!("row-{n}"))))).expect("written");
    std::fs::write(file("few.csv"), lines((0..50).map(|n| row(&format!("row-{n}"))))).expect("written");
    // Too much for the disk.
    let full = [
        "the disk that holds the database is full",
        "nothing of this change was stored",
        "free some space and repeat it",
    ];
    command(&["import", "faq", &file("many.csv")]).failed(code::DATABASE, &full);
    assert_eq!(export(), before);
    // Little, but the disk is full to the brim.
    disk.fill();
    command(&["import", "faq", &file("few.csv")]).failed(code::DATABASE, &["disk"]);
    for (arguments, target) in [
        (["backup", "city/new.backup"], "city/new.backup"),
        (["export faq", "city/new.csv"], "city/new.csv"),
        (["export faq", "city/new.xlsx"], "city/new.xlsx"),
    ] {
        let target = disk.path(target).display().to_string();
        let mut words: Vec<&str> = arguments[0].split(' ').collect();
        words.push(&target);
        let said = command(&words);
        assert!(matches!(said.status.code(), Some(code::FILE | code::DATABASE)), "{}", said.err);
        assert!(said.err.contains("disk") || said.err.contains("No space left"), "{}", said.err);
        assert!(!Path::new(&target).exists() && !Path::new(&format!("{target}.part")).exists(), "{target}");
    }
    disk.free();
    assert_eq!(export(), before);
    assert!(command(&["import", "faq", &file("few.csv")]).done().starts_with("50 new, 0 changed, 0 unchanged"));
    assert_eq!(export().lines().count(), before.lines().count() + 50);
    assert!(command(&["doctor"]).out.contains("can be written to"));
    assert_eq!(
        files(&disk.path("city")),
        ["madoguchi.toml", "minamo.db", "minamo.key", "minamo.outer-keys", "minamo.sealed-files"]
    );
}

#[test]
fn a_backup_without_room_leaves_nothing_and_keeps_the_one_before() {
    let city = City::demo();
    let Some(disk) = Disk::of(100) else { return };
    let target = disk.path("city.backup").display().to_string();
    let refused = || {
        city.run(["backup", "--force", &target]).failed(
            code::FILE,
            &["city.backup cannot be written", "No space left", "nothing half-written was left", "the free space"],
        )
    };
    refused();
    assert_eq!(files(disk.0.path()), [""; 0]);
    std::fs::write(&target, "the one before").expect("written");
    refused();
    assert_eq!(std::fs::read_to_string(&target).expect("read"), "the one before");
    assert_eq!(files(disk.0.path()), ["city.backup"]);
}

#[test]
fn a_restore_without_room_leaves_nothing() {
    let city = City::demo();
    city.run(["backup", "city.backup"]).done();
    for kilobytes in [8, 200, 900] {
        let Some(disk) = Disk::of(kilobytes) else { return };
        let database = format!("sqlite:{}", disk.path("new.db").display());
        let said =
            run(["restore".as_ref(), city.path("city.backup").as_os_str(), "--database".as_ref(), database.as_ref()]);
        let words = said.failed(code::DATABASE, &["disk"]);
        assert!(words.contains("free some space") || words.contains("has room"), "{words}");
        assert_eq!(files(disk.0.path()), [""; 0], "{kilobytes} KB");
    }
}
