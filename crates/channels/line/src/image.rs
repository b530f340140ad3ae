//! Kind and size of an image from its first bytes.

/// Kinds that LINE takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
}

impl Kind {
    /// As `Content-Type`.
    pub fn media_type(self) -> &'static str {
        match self {
            Kind::Jpeg => "image/jpeg",
            Kind::Png => "image/png",
        }
    }
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Kind, width and height, or nothing where it is neither JPEG nor PNG.
pub fn measure(bytes: &[u8]) -> Option<(Kind, u32, u32)> {
    match bytes.strip_prefix(PNG) {
        Some(rest) => png(rest),
        None => jpeg(bytes.strip_prefix(&[0xFF, 0xD8])?),
    }
}

/// The first chunk of a PNG is IHDR and begins with width and height (W3C PNG §11.2.1).
fn png(rest: &[u8]) -> Option<(Kind, u32, u32)> {
    let number = |at: usize| Some(u32::from_be_bytes(rest.get(at..at + 4)?.try_into().ok()?));
    (rest.get(4..8)? == b"IHDR").then_some(())?;
    Some((Kind::Png, number(8)?, number(12)?))
}

/// The first frame header, SOF0 to SOF15 but for the markers in between that are none (ITU-T T.81 table B.1).
fn jpeg(mut rest: &[u8]) -> Option<(Kind, u32, u32)> {
    loop {
        let [0xFF, marker, after @ ..] = rest else { return None };
        if *marker == 0xFF {
            rest = &rest[1..];
            continue;
        }
        let length = usize::from(u16::from_be_bytes(after.get(..2)?.try_into().ok()?));
        if matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC) {
            let number = |at: usize| Some(u32::from(u16::from_be_bytes(after.get(at..at + 2)?.try_into().ok()?)));
            return Some((Kind::Jpeg, number(5)?, number(3)?));
        }
        // The length counts itself; nothing shorter than two would move on.
        rest = after.get(length.max(2)..)?;
    }
}

/// The beginning of a PNG of a size, for tests.
#[cfg(test)]
pub(crate) fn png_header(width: u32, height: u32) -> Vec<u8> {
    [PNG, &[0, 0, 0, 13], b"IHDR", &width.to_be_bytes(), &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn png_and_jpeg_are_measured() {
        assert_eq!(measure(&png_header(2_500, 843)), Some((Kind::Png, 2_500, 843)));
        // SOI, an APP0 of four bytes, a filling 0xFF, SOF2.
        let jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xFF, 0xC2, 0, 11, 8, 3, 0x4B, 9, 0xC4, 3];
        assert_eq!(measure(&jpeg), Some((Kind::Jpeg, 2_500, 843)));
        assert_eq!(measure(&jpeg[..14]), None);
        assert_eq!(measure(b""), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(bytes: Vec<u8>, jpeg: bool) {
            let start: &[u8] = if jpeg { &[0xFF, 0xD8] } else { PNG };
            let _ = measure(&[start, &bytes].concat());
        }
    }
}
