//! Pictures as files: which form they have, how large they are, and everything dropped that does not show — where and
//! when a photograph was made, with which device, what an editor noted, and what stands behind the picture's end. Only
//! how it is to be turned stays. Pixels are not decoded.

pub mod exif;
mod gif;
mod jpeg;
mod parts;
pub mod png;
mod webp;

pub use parts::Picture;

/// The form of a picture's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// JPEG (ITU-T T.81).
    Jpeg,
    /// PNG.
    Png,
    /// GIF.
    Gif,
    /// WebP (RFC 9649).
    Webp,
}

/// Bytes from the beginning of a file that [`Form::of`], [`is_heic`], [`is_avif`] and [`is_tiff`] look at.
pub const BEGIN: usize = 12;

impl Form {
    /// The form of a file that begins so; none if it is no picture that is known here. That it is whole is known only
    /// by [`read`].
    pub fn of(begin: &[u8]) -> Option<Form> {
        let at = |from: usize, len: usize| begin.get(from..from + len).unwrap_or_default();
        match begin {
            [0xff, 0xd8, 0xff, ..] => Some(Form::Jpeg),
            _ if begin.starts_with(png::SIGNATURE) => Some(Form::Png),
            _ if begin.starts_with(b"GIF87a") || begin.starts_with(b"GIF89a") => Some(Form::Gif),
            _ if at(0, 4) == b"RIFF" && at(8, 4) == b"WEBP" => Some(Form::Webp),
            _ => None,
        }
    }
}

/// Whether a file that begins so is a photograph in Apple's form (HEIC; ISO/IEC 23008-12).
pub fn is_heic(begin: &[u8]) -> bool {
    let brands: [&[u8]; 10] =
        [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"];
    has_brand(begin, &brands)
}

/// Whether a file that begins so is an AVIF picture.
pub fn is_avif(begin: &[u8]) -> bool {
    has_brand(begin, &[b"avif", b"avis"])
}

fn has_brand(begin: &[u8], brands: &[&[u8]]) -> bool {
    begin.get(4..8) == Some(b"ftyp") && begin.get(8..12).is_some_and(|brand| brands.contains(&brand))
}

/// Whether a file that begins so is a TIFF (TIFF 6.0, section 2), as raw photographs of cameras are.
pub fn is_tiff(begin: &[u8]) -> bool {
    begin.starts_with(b"II*\0") || begin.starts_with(b"MM\0*")
}

/// Reads a picture to its end; none if it is not whole or not of the form.
pub fn read(form: Form, file: &[u8]) -> Option<Picture> {
    match form {
        Form::Jpeg => jpeg::read(file),
        Form::Png => png::read(file),
        Form::Gif => gif::read(file),
        Form::Webp => webp::read(file),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn png_with_a_text() -> Vec<u8> {
        let chunk = |name: &[u8; 4], body: &[u8]| {
            let named = [&name[..], body].concat();
            let length = u32::try_from(body.len()).expect("short").to_be_bytes();
            [&length[..], &named, &png::crc(&named).to_be_bytes()].concat()
        };
        let head = [&2u32.to_be_bytes()[..], &3u32.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
        let (text, data) = (chunk(b"tEXt", b"Place\0at home"), chunk(b"IDAT", b"data"));
        [png::SIGNATURE, &chunk(b"IHDR", &head), &text, &data, &chunk(b"IEND", b""), b"behind"].concat()
    }

    #[test]
    fn what_does_not_show_goes() {
        let file = png_with_a_text();
        assert_eq!(Form::of(&file), Some(Form::Png));
        let picture = read(Form::Png, &file).expect("a picture");
        assert_eq!(picture.shown(), (2, 3));
        let kept = picture.assemble(&file);
        let holds = |text: &[u8]| kept.windows(text.len()).any(|w| w == text);
        assert!(holds(b"IDAT") && !holds(b"at home") && !holds(b"behind"));
        assert!(read(Form::Png, &file[..file.len() - 20]).is_none(), "cut off");
    }

    #[test]
    fn forms_by_their_beginning() {
        assert_eq!([Form::of(b""), Form::of(b"RIFF"), Form::of(b"%PDF-1.7 and more")], [None; 3]);
        assert_eq!(Form::of(b"RIFF\0\0\0\0WEBP"), Some(Form::Webp));
        assert!(is_heic(b"\0\0\0\x18ftypheic") && is_avif(b"\0\0\0\x18ftypavif") && !is_heic(b"\0\0\0\x18ftypmp42"));
        assert!(is_tiff(b"II*\0rest") && !is_tiff(b"II"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0usize..60, to in any::<u8>()) {
            let mut file = png_with_a_text();
            let place = at % file.len();
            file[place] = to;
            for form in [Form::Jpeg, Form::Png, Form::Gif, Form::Webp] {
                for file in [&bytes, &file] {
                    if let Some(picture) = read(form, file) {
                        prop_assert!(picture.assemble(file).len() <= file.len() + 64);
                    }
                }
            }
        }
    }
}
