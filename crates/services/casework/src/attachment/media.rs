//! What a file is, told from its bytes as they arrive.

use picture::Form;

use crate::entry::Media;

impl Media {
    /// The media type with which it is served.
    pub const fn media_type(self) -> &'static str {
        match self {
            Media::Pdf => "application/pdf",
            Media::Png => "image/png",
            Media::Jpeg => "image/jpeg",
            Media::Text => "text/plain; charset=utf-8",
            Media::Other => "application/octet-stream",
        }
    }

    /// Whether it may be shown within a page; anything else is only handed out to be stored.
    pub const fn is_inline(self) -> bool {
        !matches!(self, Media::Other)
    }
}

/// Looks at the bytes of a file, piece by piece, and keeps only its beginning.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    begin: Vec<u8>,
    /// The beginning of a character whose rest has not come, at most three bytes.
    rest: Vec<u8>,
    is_no_text: bool,
}

impl Look {
    pub(super) fn take(&mut self, piece: &[u8]) {
        let missing = picture::BEGIN.saturating_sub(self.begin.len()).min(piece.len());
        self.begin.extend_from_slice(&piece[..missing]);
        if self.is_no_text {
            return;
        }
        // A character that lies across two pieces is put together first, byte by byte.
        let mut piece = piece;
        while !self.rest.is_empty() && !piece.is_empty() {
            self.rest.push(piece[0]);
            piece = &piece[1..];
            match std::str::from_utf8(&self.rest) {
                Ok(text) => {
                    self.is_no_text |= !is_plain(text);
                    self.rest.clear();
                }
                Err(error) if error.error_len().is_some() => {
                    self.is_no_text = true;
                    return;
                }
                Err(_) => {}
            }
        }
        match std::str::from_utf8(piece) {
            Ok(text) => self.is_no_text |= !is_plain(text),
            Err(error) => {
                let (whole, rest) = piece.split_at(error.valid_up_to());
                self.is_no_text |= error.error_len().is_some() || !std::str::from_utf8(whole).is_ok_and(is_plain);
                self.rest = rest.iter().take(3).copied().collect();
            }
        }
    }

    /// What the file is, when all of it came.
    pub(super) fn media(&self) -> Media {
        match Form::of(&self.begin) {
            Some(Form::Jpeg) => Media::Jpeg,
            Some(Form::Png) => Media::Png,
            Some(Form::Gif | Form::Webp) => Media::Other,
            None if self.begin.starts_with(b"%PDF-") => Media::Pdf,
            None if self.is_no_text || !self.rest.is_empty() => Media::Other,
            None => Media::Text,
        }
    }
}

/// Without signs that steer: such a file is no text.
fn is_plain(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn looked(bytes: &[u8], step: usize) -> Media {
        let mut look = Look::default();
        bytes.chunks(step).for_each(|piece| look.take(piece));
        look.media()
    }

    #[test]
    fn by_the_bytes() {
        for (bytes, wanted) in [
            (&b"%PDF-1.7\n..."[..], Media::Pdf),
            (b"\x89PNG\r\n\x1a\n....", Media::Png),
            (b"\xff\xd8\xff\xe0", Media::Jpeg),
            ("いやだった日記".as_bytes(), Media::Text),
            (b"GIF89a......", Media::Other),
            (b"MZ\x90\0", Media::Other),
            (b"text \0", Media::Other),
            (&"あ".as_bytes()[..2], Media::Other),
        ] {
            for step in 1..5 {
                assert_eq!(looked(bytes, step), wanted, "{bytes:?} in steps of {step}");
            }
        }
        assert!(!Media::Other.is_inline() && Media::Other.media_type() == "application/octet-stream");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn pieces_do_not_matter(text in "(?s).{0,40}", mut bytes in prop::collection::vec(any::<u8>(), 0..3), step in 1usize..9) {
            let mut all = text.into_bytes();
            all.append(&mut bytes);
            prop_assert_eq!(looked(&all, step), looked(&all, all.len().max(1)));
        }
    }
}
