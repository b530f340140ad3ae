//! PNG: a signature and chunks (PNG, third edition, sections 5 and 11). Kept are the chunks that a picture, its colours
//! and its movement need; texts, times, Exif, what nobody knows and what stands behind the end go.

use crate::exif;
use crate::parts::{Part, Picture, array};

/// How every PNG begins.
pub const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

const KEPT: [&[u8; 4]; 18] = [
    b"PLTE", b"IDAT", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"mDCV", b"cLLI", b"bKGD", b"pHYs",
    b"sBIT", b"hIST", b"sPLT", b"acTL", b"fcTL", b"fdAT",
];

/// Reads a PNG; none if it is not one.
pub(crate) fn read(file: &[u8]) -> Option<Picture> {
    let mut picture = Picture::default();
    let head = 8..33;
    (picture.width, picture.height) = header(file.get(head.clone())?)?;
    picture.keep(0..head.end);
    let (mut at, mut has_data) = (head.end, false);
    loop {
        let length = usize::try_from(u32::from_be_bytes(array(file, at)?)).ok()?;
        let name: [u8; 4] = array(file, at + 4)?;
        let end = at.checked_add(12)?.checked_add(length)?;
        let body = file.get(at + 8..end - 4)?;
        file.get(end - 4..end)?;
        if !name.iter().all(u8::is_ascii_alphabetic) {
            return None;
        }
        match &name {
            b"IEND" => {
                if !has_data || length != 0 {
                    return None;
                }
                picture.keep(at..end);
                return Some(turned(picture));
            }
            b"eXIf" => picture.orientation = exif::orientation(body),
            known if KEPT.contains(&known) => {
                has_data = has_data || known == b"IDAT";
                picture.keep(at..end);
            }
            // A chunk without which a picture cannot be shown has a capital letter first.
            [first, ..] if first.is_ascii_uppercase() => return None,
            _ => {}
        }
        at = end;
    }
}

/// Width and height of a header chunk that is what a header may be.
fn header(chunk: &[u8]) -> Option<(u32, u32)> {
    let is_right = chunk.starts_with(b"\0\0\0\x0dIHDR") && array(chunk, 21)? == crc(chunk.get(4..21)?).to_be_bytes();
    let (depth, colours) = (*chunk.get(16)?, *chunk.get(17)?);
    let fits = match colours {
        0 => matches!(depth, 1 | 2 | 4 | 8 | 16),
        3 => matches!(depth, 1 | 2 | 4 | 8),
        2 | 4 | 6 => matches!(depth, 8 | 16),
        _ => false,
    };
    let plain = chunk.get(18..20)? == [0, 0] && *chunk.get(20)? <= 1;
    (is_right && fits && plain).then_some((u32::from_be_bytes(array(chunk, 8)?), u32::from_be_bytes(array(chunk, 12)?)))
}

/// With a chunk that says how to turn the picture, where something did.
fn turned(mut picture: Picture) -> Picture {
    if picture.is_turned() {
        let tiff = exif::only(picture.orientation);
        let length = u32::try_from(tiff.len()).unwrap_or(0).to_be_bytes();
        let named = [b"eXIf".as_slice(), &tiff].concat();
        let chunk = [&length[..], &named, &crc(&named).to_be_bytes()].concat();
        // Before the data, behind the header.
        picture.parts.insert(1, Part::Made(chunk));
    }
    picture
}

/// The check sum of chunks: CRC-32 as in ISO 3309, bit by bit, since only headers are summed.
pub fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |s, _| if s & 1 == 1 { (s >> 1) ^ 0xedb8_8320 } else { s >> 1 })
    })
}
