//! Files that were damaged on the way: an error, and the target as it was.

use std::io::Read;

use store::{StoreError, backup};
use testkit::on_both_engines;

use super::{Target, fill, gzip, taken};

/// Places over the whole length, and all of the last ones, where check sums and lengths stand.
fn places(length: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..40).map(|i| length * i / 40).chain(length - 30..length).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// Ten bytes of gzip: the first three are a mark that must be right, then come one of flags and six
/// that say when and where the file was made and mean nothing to us.
const GZIP_HEADER: std::ops::Range<usize> = 3..10;

on_both_engines! {
    async fn a_file_cut_off_anywhere_is_refused(t: TestDb) {
        fill(&t).await;
        let file = taken(&t, &t.db).await;
        let target = Target::new(t.engine()).await;
        for length in places(file.len()) {
            let sentence = target.assert_refused(&format!("{length} of {} bytes", file.len()), &file[..length]).await;
            assert!(sentence.contains("ends too early") || sentence.contains("damaged"), "{length}: {sentence}");
        }
        target.restore(&file).await.expect("the whole file is good");
    }

    async fn a_changed_byte_anywhere_is_refused(t: TestDb) {
        fill(&t).await;
        let file = taken(&t, &t.db).await;
        let target = Target::new(t.engine()).await;
        for place in places(file.len()) {
            if GZIP_HEADER.contains(&place) {
                continue;
            }
            let mut changed = file.clone();
            changed[place] ^= 0xff;
            target.assert_refused(&format!("byte {place} of {}", file.len()), &changed).await;
        }
        target.restore(&file).await.expect("the file as it was is good");
    }

    async fn what_is_no_backup_is_refused(t: TestDb) {
        let target = Target::new(t.engine()).await;
        for (what, file, sentence) in [
            ("an empty file", Vec::new(), "ends too early"),
            ("a text", b"name,value\n1,2\n".to_vec(), "not a backup of madoguchi"),
            ("a long text", "市民課 ".repeat(10_000).into_bytes(), "not a backup of madoguchi"),
            ("zeros", vec![0; 100_000], "not a backup of madoguchi"),
            ("a database", b"SQLite format 3\0".repeat(100), "not a backup of madoguchi"),
            ("nothing, compressed", gzip(b""), "ends too early"),
            ("a text, compressed", gzip(b"name,value\n1,2\n"), "not what a backup holds"),
            ("other JSON", gzip(b"{\"version\":1}\n"), "not what a backup holds"),
        ] {
            let told = target.assert_refused(what, &file).await;
            assert!(told.starts_with("backup: ") && told.contains(sentence), "{what}: {told}");
        }
    }

    async fn a_disk_that_cannot_be_read_is_told(t: TestDb) {
        fill(&t).await;
        let file = taken(&t, &t.db).await;
        let target = Target::new(t.engine()).await;
        let half = file[..file.len() / 2].chain(Broken);
        let outcome = backup::restore(&target.address, &t.clock, half, |_| {}).await;
        assert!(matches!(&outcome, Err(StoreError::Backup(reason)) if reason.contains("bad sector")), "{outcome:?}");
        target.assert_untouched("half a file").await;
    }
}

/// A disk with a bad sector.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("bad sector"))
    }
}
