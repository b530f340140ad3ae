//! JPEG: markers with segments (ITU-T T.81, annex B). Kept are those that a decoder needs; of the application's own
//! segments only JFIF without a thumbnail, colour profiles and Adobe's word on colours stay. Exif, XMP, IPTC, comments
//! and whatever stands behind the end of the picture go.

use crate::exif;
use crate::parts::{Part, Picture, be16};

const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
const EXIF: &[u8] = b"Exif\0\0";

/// Reads a JPEG; none if it is not one.
pub(crate) fn read(file: &[u8]) -> Option<Picture> {
    let mut picture = Picture::default();
    picture.keep(0..2);
    let (mut at, mut has_size, mut has_scan) = (2, false, false);
    // Exif stands behind the start and JFIF.
    let mut place = 1;
    loop {
        // A photograph that was cut off on its way shows what has come.
        let cut_off = || has_scan.then_some(());
        let Some((marker, from)) = marker(file, at) else {
            cut_off()?;
            break;
        };
        if marker == END {
            picture.keep(from..from + 2);
            break;
        }
        // Markers without a segment stand within scans only.
        if marker < 0xc0 || (0xd0..=0xd8).contains(&marker) {
            return None;
        }
        let length = be16(file, from + 2).map(usize::from);
        let Some(end) = length.map(|l| from + 2 + l).filter(|end| *end <= file.len()) else {
            cut_off()?;
            break;
        };
        let body = file.get(from + 4..end)?;
        match marker {
            // Frames, but for tables (C4, CC) and the extension (C8).
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                (picture.height, picture.width) = frame(body)?;
                has_size = true;
                picture.keep(from..end);
            }
            0xe0 if body.starts_with(b"JFIF\0") && body.len() == 14 => {
                if picture.parts.len() == place {
                    place += 1;
                }
                picture.keep(from..end);
            }
            0xe1 if body.starts_with(EXIF) => {
                let said = exif::orientation(&body[EXIF.len()..]);
                picture.orientation = if picture.orientation == 0 { said } else { picture.orientation };
            }
            0xe2 if body.starts_with(b"ICC_PROFILE\0") => picture.keep(from..end),
            0xee if body.starts_with(b"Adobe") => picture.keep(from..end),
            // What else applications wrote, and comments.
            0xe0..=0xef | 0xfe => {}
            SCAN => {
                if !has_size {
                    return None;
                }
                has_scan = true;
                let end = end_of_scan(file, end);
                picture.keep(from..end);
                at = end;
                continue;
            }
            _ => picture.keep(from..end),
        }
        at = end;
    }
    if !has_scan {
        return None;
    }
    if picture.is_turned() {
        picture.parts.insert(place, Part::Made(turning(picture.orientation)));
    }
    Some(picture)
}

/// The marker at a place, behind bytes that fill, and where it begins.
fn marker(file: &[u8], mut at: usize) -> Option<(u8, usize)> {
    if *file.get(at)? != 0xff {
        return None;
    }
    while *file.get(at + 1)? == 0xff {
        at += 1;
    }
    Some((*file.get(at + 1)?, at))
}

/// Height and width of a frame.
fn frame(body: &[u8]) -> Option<(u32, u32)> {
    let components = usize::from(*body.get(5)?);
    if components == 0 || body.len() < 6 + 3 * components {
        return None;
    }
    Some((be16(body, 1)?.into(), be16(body, 3)?.into()))
}

/// Where the data of a scan end: at the next marker that is none of a restart and no stuffed byte.
fn end_of_scan(file: &[u8], from: usize) -> usize {
    let is_data = |next: u8| next == 0 || next == 0xff || (0xd0..=0xd7).contains(&next);
    let rest = file.get(from..).unwrap_or_default();
    rest.windows(2).position(|w| w[0] == 0xff && !is_data(w[1])).map_or(file.len(), |i| from + i)
}

/// A segment that says how to turn the picture.
fn turning(orientation: u16) -> Vec<u8> {
    let tiff = exif::only(orientation);
    let length = u16::try_from(2 + EXIF.len() + tiff.len()).unwrap_or(u16::MAX);
    [&[0xff, 0xe1][..], &length.to_be_bytes(), EXIF, &tiff].concat()
}
