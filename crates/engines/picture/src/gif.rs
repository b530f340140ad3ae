//! GIF: a screen and blocks (GIF89a, sections 17 to 27). Comments and what applications noted go, but for how often a
//! moving picture is repeated; so does what stands behind the end.

use crate::parts::{Picture, le16};

const REPEATS: [&[u8]; 2] = [b"NETSCAPE2.0", b"ANIMEXTS1.0"];

/// Reads a GIF; none if it is not one.
pub(crate) fn read(file: &[u8]) -> Option<Picture> {
    let mut picture = Picture::default();
    (picture.width, picture.height) = (le16(file, 6)?.into(), le16(file, 8)?.into());
    let mut at = 13 + colours(*file.get(10)?);
    file.get(12..at)?;
    picture.keep(0..at);
    let mut has_image = false;
    loop {
        let end = match *file.get(at)? {
            // An image: its place, perhaps colours of its own, the size of its codes, its data.
            0x2c => {
                has_image = true;
                let colours = colours(*file.get(at + 9)?);
                let end = behind_blocks(file, at + 11 + colours)?;
                picture.keep(at..end);
                end
            }
            0x21 => {
                let label = *file.get(at + 1)?;
                let end = behind_blocks(file, at + 2)?;
                let names = file.get(at + 3..at + 14).unwrap_or_default();
                let stays = match label {
                    // How an image is shown, and text that is one.
                    0xf9 | 0x01 => true,
                    0xff => file.get(at + 2) == Some(&11) && REPEATS.contains(&names),
                    _ => false,
                };
                if stays {
                    picture.keep(at..end);
                }
                end
            }
            0x3b if has_image => {
                picture.keep(at..at + 1);
                return Some(picture);
            }
            _ => return None,
        };
        at = end;
    }
}

/// Bytes of the table of colours that a field of flags tells of.
fn colours(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// The place behind a chain of blocks, each with its length first; an empty one ends it.
fn behind_blocks(file: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*file.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}
