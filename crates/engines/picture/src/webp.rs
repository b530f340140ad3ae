//! WebP: chunks in a RIFF file (RFC 9649, section 2). Exif, XMP, what nobody knows and what stands behind the end go.

use crate::exif;
use crate::parts::{Part, Picture, array, le16};

/// Flags of the extended header: Exif and XMP are there.
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;

/// Reads a WebP; none if it is not one.
pub(crate) fn read(file: &[u8]) -> Option<Picture> {
    let size = usize::try_from(u32::from_le_bytes(array(file, 4)?)).ok()?;
    let file = file.get(..size.checked_add(8)?)?;
    let mut picture = Picture::default();
    let (mut at, mut flags, mut has_image) = (12, None, false);
    let mut data = Vec::new();
    while at < file.len() {
        let name: [u8; 4] = array(file, at)?;
        let length = usize::try_from(u32::from_le_bytes(array(file, at + 4)?)).ok()?;
        let from = at + 8;
        let end = from.checked_add(length)?;
        let body = file.get(from..end)?;
        // Chunks have an even length; the last one may lack the byte that makes it so.
        let padded = end.checked_add(length % 2)?.min(file.len());
        let is_first = at == 12;
        match &name {
            b"VP8X" if is_first => {
                flags = Some(*body.first()?);
                (picture.width, picture.height) = (le24(body, 4)? + 1, le24(body, 7)? + 1);
                data.push(at..padded);
            }
            b"VP8 " | b"VP8L" | b"ANMF" => {
                if is_first {
                    (picture.width, picture.height) = if &name == b"VP8 " { lossy(body)? } else { lossless(body)? };
                }
                has_image = true;
                data.push(at..padded);
            }
            b"EXIF" => picture.orientation = exif::orientation(body.strip_prefix(b"Exif\0\0").unwrap_or(body)),
            b"ICCP" | b"ANIM" | b"ALPH" => data.push(at..padded),
            _ if is_first => return None,
            _ => {}
        }
        at = padded;
    }
    if !has_image {
        return None;
    }
    if flags.is_none() {
        // Without the extended header nothing else is looked at.
        picture.orientation = 0;
    }
    assembled(&mut picture, file, &data, flags);
    Some(picture)
}

/// Puts a header of the new length before the chunks that stay.
fn assembled(picture: &mut Picture, file: &[u8], data: &[std::ops::Range<usize>], flags: Option<u8>) {
    let tiff = exif::only(picture.orientation);
    let turns = picture.is_turned();
    let more = if turns { 8 + tiff.len() } else { 0 };
    // A last chunk without the byte that makes its length even gets it.
    let pad = data.last().is_some_and(|last| (last.end - last.start) % 2 == 1);
    let length = 4 + data.iter().map(|r| r.end - r.start).sum::<usize>() + usize::from(pad) + more;
    let length = u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
    picture.parts.push(Part::Made([b"RIFF", &length[..], b"WEBP"].concat()));
    for range in data {
        match flags.filter(|_| range.start == 12) {
            Some(before) => {
                let mut header = file.get(range.clone()).unwrap_or_default().to_vec();
                let kept = before & !(HAS_EXIF | HAS_XMP);
                if let Some(byte) = header.get_mut(8) {
                    *byte = if turns { kept | HAS_EXIF } else { kept };
                }
                picture.parts.push(Part::Made(header));
            }
            None => picture.keep(range.clone()),
        }
    }
    if pad {
        picture.parts.push(Part::Made(vec![0]));
    }
    if turns {
        let length = u32::try_from(tiff.len()).unwrap_or(0).to_le_bytes();
        picture.parts.push(Part::Made([b"EXIF", &length[..], &tiff].concat()));
    }
}

fn le24(bytes: &[u8], at: usize) -> Option<u32> {
    let [a, b, c] = array(bytes, at)?;
    Some(u32::from_le_bytes([a, b, c, 0]))
}

/// Width and height in a lossy image's first frame (RFC 6386, section 9.1).
fn lossy(body: &[u8]) -> Option<(u32, u32)> {
    let is_key = body.first()? & 1 == 0 && body.get(3..6)? == [0x9d, 0x01, 0x2a];
    let side = |at| le16(body, at).map(|s| u32::from(s & 0x3fff));
    if is_key { Some((side(6)?, side(8)?)) } else { None }
}

/// Width and height in a lossless image's header: fourteen bits each, one less.
fn lossless(body: &[u8]) -> Option<(u32, u32)> {
    if *body.first()? != 0x2f {
        return None;
    }
    let bits = u32::from_le_bytes(array(body, 1)?);
    Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
}
