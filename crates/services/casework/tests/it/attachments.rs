//! Files in a case: sealed as they arrive, gone when they do not.

use std::fs;
use std::path::Path;

use casework::attachment::{self, ARRIVES_WITHIN, Blobs, FolderBlobs, MAX_FILES, MAX_PICTURE, Upload};
use casework::entry::{Attached, Media, Outcome, Shown, What};
use casework::report::{self, Reporter};
use casework::{CaseError, case};
use testkit::on_both_engines;
use vault::VaultError;

use crate::town::{KEPT, Town};

pub(crate) fn store() -> (tempfile::TempDir, FolderBlobs) {
    let folder = tempfile::tempdir().expect("a folder");
    let blobs = FolderBlobs::open(&folder.path().join("files")).expect("opened");
    (folder, blobs)
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    fs::read_dir(folder.join("files")).expect("a folder").map(|entry| entry.expect("a file").path()).collect()
}

async fn by_child(town: &Town, blobs: &FolderBlobs, child: &Reporter, name: &str) -> Upload {
    attachment::begin_by_reporter(town.house(), town.rng().as_mut(), blobs, child, name).await.expect("begun")
}

/// Sends a file as the child does, in pieces.
pub(crate) async fn sent(
    town: &Town,
    blobs: &FolderBlobs,
    child: &Reporter,
    name: &str,
    bytes: &[u8],
) -> casework::Result<()> {
    let mut upload = by_child(town, blobs, child, name).await;
    let id = upload.blob().to_owned();
    let taken = bytes.chunks(1_000).try_for_each(|piece| upload.take(piece));
    match taken.and_then(|()| upload.finish()) {
        Ok(file) => attachment::attach_by_reporter(town.house(), town.rng().as_mut(), child, file).await,
        Err(error) => {
            attachment::abort(town.house(), blobs, &id).await.expect("given up");
            Err(error)
        }
    }
}

pub(crate) async fn talk_files(town: &Town, child: &Reporter) -> Vec<(String, Attached)> {
    let talk = report::read(town.house(), child).await.expect("read");
    let file = |placed: casework::Placed| match placed.entry.what {
        What::Attached(file) => Some((placed.id, file)),
        _ => None,
    };
    talk.entries.into_iter().filter_map(file).collect()
}

pub(crate) fn content(blobs: &FolderBlobs, file: &Attached) -> casework::Result<Vec<u8>> {
    let mut to = Vec::new();
    attachment::open(blobs, file, &mut to).map(|()| to)
}

fn png(size: usize) -> Vec<u8> {
    let chunk = |name: &[u8; 4], body: &[u8]| {
        let named = [&name[..], body].concat();
        let length = u32::try_from(body.len()).expect("short").to_be_bytes();
        [&length[..], &named, &picture::png::crc(&named).to_be_bytes()].concat()
    };
    let head = [&2u32.to_be_bytes()[..], &2u32.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    // The check sum of data is not looked at, and slow to make for so much.
    let data = [&u32::try_from(size).expect("short").to_be_bytes()[..], b"IDAT", &vec![7; size + 4]].concat();
    [
        picture::png::SIGNATURE,
        &chunk(b"IHDR", &head),
        &chunk(b"tEXt", b"GPS\x0034.8N 135.6E"),
        &data,
        &chunk(b"IEND", b""),
    ]
    .concat()
}

on_both_engines! {
    async fn a_file_goes_in_and_comes_out(t: TestDb) {
        let town = Town::found(t).await;
        let (folder, blobs) = store();
        let (_, child) = town.told("日記を送ります").await;
        // Longer than a chunk, with a character across pieces.
        let diary = "いやだった日。".repeat(10_000);
        sent(&town, &blobs, &child, "../日記\u{202e}.txt", diary.as_bytes()).await.expect("sent");
        let desk = town.unlocked("c1").await;
        let (id, file) = talk_files(&town, &child).await.remove(0);
        assert_eq!((file.name.as_str(), file.media, file.bytes), ("日記.txt", Media::Text, diary.len() as u64));
        let found = attachment::find(town.house(), &desk, &child.case, &id).await.expect("found");
        assert_eq!(found, file);
        assert_eq!(attachment::find_by_reporter(town.house(), &child, &id).await.expect("found"), file);
        assert_eq!(content(&blobs, &file).expect("opened"), diary.as_bytes());
        assert!(case::list(town.house(), &desk, case::BULLYING).await.expect("listed")[0].clear.has_news);
        assert_eq!(files(folder.path()).len(), 1);
        // The desk's own file is not in the talk, and other accounts find neither.
        let mut upload = attachment::begin(town.house(), town.rng().as_mut(), &blobs, &desk, &child.case, (Shown::Case, "記録.pdf")).await.expect("begun");
        upload.take(b"%PDF-1.7 notes of the meeting").expect("taken");
        let arrived = upload.finish().expect("whole");
        let view = attachment::attach(town.house(), town.rng().as_mut(), &desk, arrived).await.expect("attached");
        let last = view.file.entries.last().expect("an entry");
        assert!(matches!(&last.entry.what, What::Attached(file) if file.media == Media::Pdf && file.shown == Shown::Case));
        assert_eq!(talk_files(&town, &child).await.len(), 1);
        assert!(matches!(attachment::find_by_reporter(town.house(), &child, &last.id).await, Err(CaseError::NotFound)));
        town.join("c4").await;
        let other = town.unlocked("c4").await;
        assert!(matches!(attachment::find(town.house(), &other, &child.case, &id).await, Err(CaseError::NotFound)));
        let begun = attachment::begin(town.house(), town.rng().as_mut(), &blobs, &other, &child.case, (Shown::Case, "x")).await;
        assert!(matches!(begun, Err(CaseError::NotFound)));
        // A reader taken away and all sealed anew: whoever stays opens the file still.
        case::remove_reader(town.house(), town.rng().as_mut(), &desk, &child.case, "c2").await.expect("removed");
        let found = attachment::find(town.house(), &desk, &child.case, &id).await.expect("found");
        assert_eq!(content(&blobs, &found).expect("opened"), diary.as_bytes());
    }

    async fn no_entry_names_a_file_that_did_not_arrive(t: TestDb) {
        let town = Town::found(t).await;
        let (_folder, blobs) = store();
        let (_, child) = town.told("話").await;
        sent(&town, &blobs, &child, "a.txt", b"words").await.expect("sent");
        let (_, file) = talk_files(&town, &child).await.remove(0);
        let forged = report::say(town.house(), town.rng().as_mut(), &child, What::Attached(file.clone())).await;
        assert!(matches!(forged, Err(CaseError::Rule(_))), "{forged:?}");
        let forged = town.write(&town.unlocked("c1").await, &child.case, vec![What::Attached(file)]).await;
        assert!(matches!(forged, Err(CaseError::Rule(_))), "{forged:?}");
    }

    async fn pictures_of_the_reporter_tell_no_place(t: TestDb) {
        let town = Town::found(t).await;
        let (folder, blobs) = store();
        let (_, child) = town.told("けがの写真").await;
        let photo = png(3_000);
        sent(&town, &blobs, &child, "けが.png", &photo).await.expect("sent");
        let (_, file) = talk_files(&town, &child).await.remove(0);
        let kept = content(&blobs, &file).expect("opened");
        assert!(file.media == Media::Png && kept.len() < photo.len() && !kept.windows(3).any(|w| w == b"GPS"));
        assert_eq!(file.bytes, kept.len() as u64);
        // The desk's are kept as they are.
        let desk = town.unlocked("c1").await;
        let mut upload = attachment::begin(town.house(), town.rng().as_mut(), &blobs, &desk, &child.case, (Shown::Case, "原本.png")).await.expect("begun");
        upload.take(&photo).expect("taken");
        let arrived = upload.finish().expect("whole");
        let view = attachment::attach(town.house(), town.rng().as_mut(), &desk, arrived).await.expect("attached");
        let Some(What::Attached(file)) = view.file.entries.last().map(|placed| placed.entry.what.clone()) else { panic!("a file") };
        assert_eq!(content(&blobs, &file).expect("opened"), photo);
        let before = files(folder.path()).len();
        for (name, bytes) in [
            ("IMG.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0".to_vec()),
            ("raw.dng", b"II*\0\x08\0\0\0\0\0\0\0\0\0".to_vec()),
            ("cut.png", photo[..photo.len() - 20].to_vec()),
            ("empty.txt", Vec::new()),
            ("large.png", png(MAX_PICTURE)),
        ] {
            let refused = sent(&town, &blobs, &child, name, &bytes).await;
            assert!(matches!(&refused, Err(CaseError::Field { field: "file", reason }) if reason.contains('。')), "{name}: {refused:?}");
        }
        assert_eq!(files(folder.path()).len(), before, "what was refused leaves nothing");
        assert_eq!(town.number("SELECT count(*) AS n FROM case_blob").await, before as i64);
    }

    async fn what_is_cut_off_is_swept_up(t: TestDb) {
        let town = Town::found(t).await;
        let (folder, blobs) = store();
        let (_, child) = town.told("話").await;
        sent(&town, &blobs, &child, "a.txt", b"words").await.expect("sent");
        // Cut off, and a process that ended without a word.
        drop(by_child(&town, &blobs, &child, "b").await);
        let mut lost = by_child(&town, &blobs, &child, "c").await;
        lost.take(&[0; 100_000]).expect("taken");
        std::mem::forget(lost);
        // One that is whole and in no entry yet, and one that still arrives.
        let mut late = by_child(&town, &blobs, &child, "d").await;
        late.take(b"some words that come late").expect("taken");
        let late = late.finish().expect("whole");
        assert_eq!(files(folder.path()).len(), 3);
        fs::write(folder.path().join("files/0a0a"), b"of no row").expect("written");
        fs::write(folder.path().join("files/README"), b"not ours").expect("written");
        assert_eq!(attachment::sweep(town.house(), &blobs).await.expect("swept"), 1, "only what no row names");
        town.test.clock.advance(ARRIVES_WITHIN);
        assert_eq!(attachment::sweep(town.house(), &blobs).await.expect("swept"), 0, "it may arrive yet");
        town.test.clock.advance(std::time::Duration::from_millis(1));
        assert_eq!(attachment::sweep(town.house(), &blobs).await.expect("swept"), 2);
        let too_late = attachment::attach_by_reporter(town.house(), town.rng().as_mut(), &child, late).await;
        assert!(matches!(too_late, Err(CaseError::Rule(_))), "{too_late:?}");
        let left: Vec<_> = files(folder.path()).into_iter().filter(|path| !path.ends_with("README")).collect();
        let (_, file) = talk_files(&town, &child).await.remove(0);
        assert_eq!(left, [folder.path().join("files").join(&file.blob)]);
        assert_eq!(content(&blobs, &file).expect("opened"), b"words");
        // Giving up what stands in an entry does nothing.
        attachment::abort(town.house(), &blobs, &file.blob).await.expect("nothing to do");
        assert_eq!(content(&blobs, &file).expect("opened"), b"words");
    }

    async fn a_shredded_case_leaves_no_file(t: TestDb) {
        let town = Town::found(t).await;
        let (folder, blobs) = store();
        let (_, child) = town.told("話").await;
        sent(&town, &blobs, &child, "a.txt", b"words").await.expect("sent");
        let desk = town.unlocked("c1").await;
        town.write(&desk, &child.case, vec![What::Closed { outcome: Outcome::Withdrawn, why: "本人の希望".into() }]).await.expect("closed");
        town.test.clock.advance(KEPT);
        assert_eq!(case::shred_due(town.house()).await.expect("ran"), 1);
        assert_eq!(attachment::sweep(town.house(), &blobs).await.expect("swept"), 1);
        assert_eq!(files(folder.path()).len(), 0);
    }

    async fn swapped_and_cut_files_are_errors(t: TestDb) {
        let town = Town::found(t).await;
        let (folder, blobs) = store();
        let (_, child) = town.told("話").await;
        for words in ["one".repeat(50_000), "two".repeat(50_000)] {
            sent(&town, &blobs, &child, "a.txt", words.as_bytes()).await.expect("sent");
        }
        let both = talk_files(&town, &child).await;
        let path = |at: usize| folder.path().join("files").join(&both[at].1.blob);
        let (one, two) = (fs::read(path(0)).expect("read"), fs::read(path(1)).expect("read"));
        let is_refused = |at: usize, what: &str| {
            let opened = content(&blobs, &both[at].1);
            assert!(matches!(opened, Err(CaseError::Vault(VaultError::Opaque | VaultError::Form(_)))), "{what}");
        };
        fs::write(path(0), &two).expect("written");
        fs::write(path(1), &one).expect("written");
        is_refused(0, "swapped");
        is_refused(1, "swapped");
        let chunk = 65_536 + 16;
        let turned = [&one[..one.len() - 1], &[one[one.len() - 1] ^ 1]].concat();
        let longer = [&one[..], &[0]].concat();
        for (what, bytes) in [("empty", &one[..0]), ("head", &one[..20]), ("first chunk", &one[..20 + chunk]), ("one byte less", &one[..one.len() - 1]), ("one more", &longer), ("changed", &turned)] {
            fs::write(path(0), bytes).expect("written");
            is_refused(0, what);
        }
        fs::remove_file(path(0)).expect("removed");
        assert!(matches!(content(&blobs, &both[0].1), Err(CaseError::Blobs(_))));
        assert!(blobs.read("../x").is_err() && blobs.begin("a/b").is_err() && blobs.remove("").is_err());
    }

    async fn a_case_takes_only_so_many(t: TestDb) {
        let town = Town::found(t).await;
        let (_folder, blobs) = store();
        let (_, child) = town.told("話").await;
        for _ in 0..MAX_FILES {
            drop(by_child(&town, &blobs, &child, "a").await);
        }
        let more = attachment::begin_by_reporter(town.house(), town.rng().as_mut(), &blobs, &child, "a").await;
        assert!(matches!(more, Err(CaseError::Rule(_))));
    }
}
