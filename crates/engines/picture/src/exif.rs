//! The orientation in Exif data, which is a TIFF file: a header of eight bytes, then a directory of entries of twelve
//! bytes each (TIFF 6.0, section 2; Exif 2.32, section 4.6).

use crate::parts::array;

/// Tag of the orientation.
const ORIENTATION: u16 = 0x0112;
/// Type of a value of two bytes.
const SHORT: u16 = 3;

/// How the picture is to be turned, 1 to 8; 0 where nothing is said or cannot be read.
pub fn orientation(tiff: &[u8]) -> u16 {
    found(tiff).filter(|o| (1..=8).contains(o)).unwrap_or(0)
}

fn found(tiff: &[u8]) -> Option<u16> {
    let is_big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let short = |at| array(tiff, at).map(|b| if is_big { u16::from_be_bytes(b) } else { u16::from_le_bytes(b) });
    let long = |at| array(tiff, at).map(|b| if is_big { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) });
    let directory = usize::try_from(long(4)?).ok()?;
    let count = usize::from(short(directory)?);
    (0..count).find_map(|i| {
        let entry = directory.checked_add(2 + 12 * i)?;
        let is_it = short(entry)? == ORIENTATION && short(entry + 2)? == SHORT && long(entry + 4)? == 1;
        if is_it { short(entry + 8) } else { None }
    })
}

/// Exif data that says how to turn the picture and nothing else.
pub fn only(orientation: u16) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08\0\x01".to_vec();
    tiff.extend(ORIENTATION.to_be_bytes());
    tiff.extend(SHORT.to_be_bytes());
    tiff.extend(1u32.to_be_bytes());
    tiff.extend(orientation.to_be_bytes());
    // The rest of the value's four bytes, and no further directory.
    tiff.extend([0; 6]);
    tiff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for o in 1..=8 {
            assert_eq!(orientation(&only(o)), o);
        }
        assert_eq!([orientation(&only(9)), orientation(b"MM\0*\0\0\0\x08"), orientation(b"")], [0, 0, 0]);
    }

    #[test]
    fn little_endian_and_behind_other_entries() {
        let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
        tiff.extend(b"\x0f\x01\x02\0\x04\0\0\0abc\0");
        tiff.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
        assert_eq!(orientation(&tiff), 6);
        // A directory that lies beyond the end.
        tiff[4] = 200;
        assert_eq!(orientation(&tiff), 0);
    }
}
