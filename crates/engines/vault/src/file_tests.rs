use std::io;

use proptest::prelude::*;

use super::*;
use crate::case_key::{CaseKey, OuterKey};
use crate::padding::file_size;
use crate::test_support::{changed, rng};

/// Content of a chunk.
const ROOM: usize = CHUNK - USED;
const SEALED: usize = CHUNK + TAG;

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 7 + i / 251) as u8).collect()
}

fn sealed(key: &FileKey, content: &[u8], seed: u64) -> Vec<u8> {
    let mut out = Vec::new();
    assert_eq!(seal(key, content, &mut out, &mut rng(seed)), Ok(content.len() as u64));
    out
}

fn opened(key: &FileKey, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let length = open(key, bytes, &mut out)?;
    assert_eq!(length, out.len() as u64);
    Ok(out)
}

#[test]
fn lengths_about_a_chunk_come_back() {
    let key = FileKey::generate(&mut rng(1));
    for chunks in 0..4 {
        for length in [0, 1, ROOM - 253, ROOM - 1, ROOM, ROOM + 1].map(|length| chunks * ROOM + length) {
            let content = content(length);
            let bytes = sealed(&key, &content, 2);
            assert_eq!(bytes.len() as u64, file_size(length as u64), "{length}");
            assert!(opened(&key, &bytes).as_ref() == Ok(&content), "{length}");
        }
    }
}

#[test]
fn a_changed_bit_is_refused() {
    let key = FileKey::generate(&mut rng(3));
    let bytes = sealed(&key, b"text", 4);
    for other in changed(&bytes) {
        assert!(opened(&key, &other).is_err());
    }
}

#[test]
fn cutting_moving_doubling_appending_and_swapping_are_refused() {
    let key = FileKey::generate(&mut rng(5));
    let bytes = sealed(&key, &content(4 * ROOM + 9), 6);
    let (header, chunks) = bytes.split_at(HEADER);
    let chunks: Vec<&[u8]> = chunks.chunks(SEALED).collect();
    let of = |order: &[usize]| -> Vec<u8> {
        let chosen = order.iter().map(|i| chunks[*i]);
        std::iter::once(header).chain(chosen).flatten().copied().collect()
    };
    assert_eq!(chunks.len(), 5);
    assert!(opened(&key, &of(&[0, 1, 2, 3, 4])).is_ok());
    for order in [
        &[0, 1, 2, 3][..],
        &[0, 1, 2, 4],
        &[1, 2, 3, 4],
        &[4],
        &[],
        &[1, 0, 2, 3, 4],
        &[0, 1, 3, 2, 4],
        &[0, 0, 1, 2, 3, 4],
        &[0, 1, 2, 3, 4, 4],
        &[0, 1, 2, 3, 4, 0],
    ] {
        assert_eq!(opened(&key, &of(order)), Err(VaultError::Opaque), "{order:?}");
    }
    for cut in [0, 1, HEADER - 1, HEADER + 1, HEADER + SEALED - 1, bytes.len() - 1] {
        assert!(opened(&key, &bytes[..cut]).is_err(), "{cut}");
    }
    assert_eq!(opened(&key, &[&bytes[..], b"x"].concat()), Err(VaultError::Opaque));
    // A chunk of another file, with the same key even: it has another prefix.
    let other = sealed(&key, &content(4 * ROOM + 9), 7);
    let mut swapped = bytes.clone();
    swapped[HEADER + SEALED..HEADER + 2 * SEALED].copy_from_slice(&other[HEADER + SEALED..HEADER + 2 * SEALED]);
    assert_eq!(opened(&key, &swapped), Err(VaultError::Opaque));
    assert_eq!(opened(&FileKey::generate(&mut rng(8)), &bytes), Err(VaultError::Opaque));
}

#[test]
fn a_cut_file_gives_no_more_than_its_whole_chunks() {
    let key = FileKey::generate(&mut rng(9));
    let text = content(3 * ROOM);
    let bytes = sealed(&key, &text, 10);
    let (mut opener, mut out) = (Opener::new(&key), Vec::new());
    opener.update(&bytes[..HEADER + 2 * SEALED + 5], &mut out).expect("whole chunks open");
    assert!(out == text[..2 * ROOM]);
    assert_eq!(opener.finish(&mut out), Err(VaultError::Opaque));
    assert_eq!(out.len(), 2 * ROOM);
}

#[test]
fn what_is_too_long_is_said_and_nothing_more_is_taken() {
    let mut sealer = Sealer::new(&FileKey::generate(&mut rng(11)), &mut rng(12));
    sealer.content = LONGEST;
    assert_eq!(sealer.update(b"x", &mut io::sink()), Err(VaultError::TooLong));
    assert_eq!(sealer.update(b"", &mut io::sink()), Err(VaultError::Failed));
    assert_eq!(sealer.finish(&mut io::sink()), Err(VaultError::Failed));
}

/// A disk with room for this many bytes.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = bytes.len().min(self.0);
        self.0 -= length;
        if length == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(length) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_an_error_that_stays() {
    let key = FileKey::generate(&mut rng(13));
    let mut disk = Full(SEALED);
    let mut sealer = Sealer::new(&key, &mut rng(14));
    let full = Err(VaultError::Io(io::ErrorKind::StorageFull));
    assert_eq!(sealer.update(&content(3 * ROOM), &mut disk), full);
    disk.0 = usize::MAX;
    assert_eq!(sealer.update(b"x", &mut disk), Err(VaultError::Failed));
    assert_eq!(sealer.finish(&mut disk), Err(VaultError::Failed));

    let bytes = sealed(&key, &content(3 * ROOM), 15);
    let (mut opener, mut disk) = (Opener::new(&key), Full(9));
    assert_eq!(opener.update(&bytes, &mut disk), full);
    disk.0 = usize::MAX;
    assert_eq!(opener.finish(&mut disk), Err(VaultError::Failed));
}

#[test]
fn its_key_lies_in_its_place() {
    let mut rng = rng(16);
    let data = CaseKey::generate(&mut rng).data_key(&OuterKey::generate(&mut rng), "case-1", 1);
    let place = Place { case: "case-1", epoch: 1, record: "file-1", field: "key", version: 1 };
    let key = FileKey::generate(&mut rng);
    let sealed = key.seal(&data, place, &mut rng).expect("seals");
    assert_eq!(FileKey::open(&data, place, &sealed), Ok(key));
    let other = Place { record: "file-2", ..place };
    assert_eq!(FileKey::open(&data, other, &sealed), Err(VaultError::Opaque));
    let text = record::seal(&data, place, b"not a key", &mut rng).expect("seals");
    assert_eq!(FileKey::open(&data, place, &text), Err(VaultError::Form("file key")));
}

/// A file of these chunks before encryption, as somebody with the key might make it.
fn made(key: &FileKey, chunks: &[Vec<u8>]) -> Vec<u8> {
    let header = [form::FILE; HEADER];
    let mut stream = EncryptorBE32::from_aead(key.cipher(), &prefix(&header).into());
    let mut out = header.to_vec();
    let (last, others) = chunks.split_last().expect("a chunk");
    for chunk in others {
        let mut chunk = chunk.clone();
        stream.encrypt_next_in_place(&header, &mut chunk).expect("encrypts");
        out.extend_from_slice(&chunk);
    }
    let mut last = last.clone();
    stream.encrypt_last_in_place(&header, &mut last).expect("encrypts");
    out.extend_from_slice(&last);
    out
}

fn chunk(used: usize, size: usize) -> Vec<u8> {
    let mut chunk = vec![0; size];
    chunk[..USED].copy_from_slice(&(used as u32).to_be_bytes());
    chunk
}

#[test]
fn one_content_has_one_form() {
    let key = FileKey::generate(&mut rng(20));
    let result = |chunks: &[Vec<u8>]| opened(&key, &made(&key, chunks));
    assert_eq!(result(&[chunk(200, 256)]), Ok(vec![0; 200]));
    assert_eq!(result(&[chunk(200, 512)]), Err(VaultError::Opaque), "more padding than there is");
    assert_eq!(result(&[chunk(253, 256)]), Err(VaultError::Opaque), "more content than there is room");
    assert_eq!(result(&[vec![0; USED - 1]]), Err(VaultError::Opaque), "no room for the length");
    let size = file_plain_size(2 * ROOM as u64) as usize - CHUNK;
    assert_eq!(result(&[chunk(ROOM, CHUNK), chunk(ROOM, size)]).map(|content| content.len()), Ok(2 * ROOM));
    // As many bytes in all as are right, but with a gap between.
    let late = (ROOM - 100, 101);
    let size = file_plain_size((late.0 + late.1) as u64) as usize - CHUNK;
    assert_eq!(result(&[chunk(late.0, CHUNK), chunk(late.1, size)]), Err(VaultError::Opaque), "content after padding");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_length_in_any_pieces_comes_back(length in 0usize..=200_000, cuts in prop::collection::vec(0usize..70_000, 0..9)) {
        let (key, text) = (FileKey::generate(&mut rng(17)), content(length));
        let (mut sealer, mut bytes, mut rest) = (Sealer::new(&key, &mut rng(18)), Vec::new(), &text[..]);
        for cut in &cuts {
            let (now, later) = rest.split_at(rest.len().min(*cut));
            sealer.update(now, &mut bytes).expect("seals");
            rest = later;
        }
        sealer.update(rest, &mut bytes).expect("seals");
        prop_assert_eq!(sealer.finish(&mut bytes), Ok(length as u64));

        let (mut opener, mut out, mut rest) = (Opener::new(&key), Vec::new(), &bytes[..]);
        for cut in &cuts {
            let (now, later) = rest.split_at(rest.len().min(*cut));
            opener.update(now, &mut out).expect("opens");
            rest = later;
        }
        opener.update(rest, &mut out).expect("opens");
        prop_assert_eq!(opener.finish(&mut out), Ok(length as u64));
        prop_assert!(out == text);
    }

    #[test]
    fn files_of_one_bucket_have_one_size(length in 0u64..300_000, more in 0u64..300) {
        let size = |length: u64| sealed(&FileKey::generate(&mut rng(19)), &content(length as usize), 20).len() as u64;
        prop_assert_eq!(size(length) == size(length + more), file_size(length) == file_size(length + more));
    }

    #[test]
    fn opening_takes_anything(mut bytes: Vec<u8>) {
        let key = FileKey::generate(&mut rng(21));
        prop_assert!(opened(&key, &bytes).is_err());
        bytes.insert(0, form::FILE);
        prop_assert!(opened(&key, &bytes).is_err());
    }
}
