//! Files of every kind, made byte by byte, and what is wrong with them.

use picture::{exif, png};
use proptest::prelude::*;

use super::*;

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).expect("short");
    [&[0xff, marker][..], &length.to_be_bytes(), body].concat()
}

/// A JPEG with these segments before its frame.
fn jpeg(before: &[Vec<u8>], width: u16, height: u16) -> Vec<u8> {
    let mut made = vec![0xff, 0xd8];
    made.extend(before.concat());
    let frame = [&[8][..], &height.to_be_bytes(), &width.to_be_bytes(), &[1, 1, 0x11, 0]].concat();
    made.extend(segment(0xdb, &[0; 65]));
    made.extend(segment(0xc0, &frame));
    made.extend(segment(0xda, &[1, 1, 0, 0, 63, 0]));
    // A stuffed byte and a restart are data.
    made.extend([1, 2, 0xff, 0, 3, 0xff, 0xd0, 4, 0xff, 0xd9]);
    made
}

/// Exif as a camera writes it: how it is turned, and where it was made.
fn camera(orientation: u16) -> Vec<u8> {
    let tiff = [&exif::only(orientation)[..], b"GPS 34.58N 135.62E"].concat();
    segment(0xe1, &[b"Exif\0\0", &tiff[..]].concat())
}

fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let named = [&name[..], body].concat();
    let length = u32::try_from(body.len()).expect("short");
    [&length.to_be_bytes()[..], &named, &png::crc(&named).to_be_bytes()].concat()
}

fn png_of(width: u32, height: u32, more: &[Vec<u8>]) -> Vec<u8> {
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let end = [chunk(b"IDAT", b"data"), chunk(b"IEND", b"")].concat();
    [png::SIGNATURE, &chunk(b"IHDR", &head), &more.concat(), &end].concat()
}

fn gif(more: &[u8]) -> Vec<u8> {
    let screen = b"GIF89a\x03\0\x02\0\x80\0\0\0\0\0\xff\xff\xff";
    let image = b"\x21\xf9\x04\0\0\0\0\0\x2c\0\0\0\0\x03\0\x02\0\0\x02\x02\x44\x01\0";
    [screen, more, image, b"\x3b"].concat()
}

fn riff(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("short").to_le_bytes();
    [&name[..], &length, body, &vec![0; body.len() % 2]].concat()
}

fn webp_of(chunks: &[Vec<u8>]) -> Vec<u8> {
    let all = [b"WEBP", &chunks.concat()[..]].concat();
    riff(b"RIFF", &all)
}

/// A lossless image of 3 × 2 pixels.
fn lossless() -> Vec<u8> {
    riff(b"VP8L", &[&[0x2f][..], &(2u32 | 1 << 14).to_le_bytes(), b"xx"].concat())
}

fn ready(bytes: &[u8]) -> Ready {
    prepare(&Sent { name: "photo".into(), bytes: bytes.to_vec() }).expect("taken")
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|w| w == part)
}

#[test]
fn each_kind_is_known_by_its_bytes() {
    for (bytes, kind) in [
        (jpeg(&[], 4, 3), Kind::Jpeg),
        (png_of(4, 3, &[]), Kind::Png),
        (gif(b""), Kind::Gif),
        (webp_of(&[lossless()]), Kind::Webp),
        (b"%PDF-1.7\nwords\n%%EOF\n".to_vec(), Kind::Pdf),
        ("ことば\r\n\t1 < 2\n".as_bytes().to_vec(), Kind::Text),
    ] {
        assert_eq!(inspect(&bytes), Ok(kind));
    }
}

#[test]
fn what_is_not_taken_and_why() {
    let long = vec![b'a'; MAX_BYTES + 1];
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    for (bytes, why) in [
        (&b""[..], Refusal::Empty),
        (&long, Refusal::TooLarge),
        (heic, Refusal::Heic),
        (b"\0\0\0\x18ftypisom\0\0\0\0", Refusal::NotAllowed),
        (b"MZ\x90\0\x03\0\0\0", Refusal::NotAllowed),
        (b"\x7fELF\x02\x01", Refusal::NotAllowed),
        (b"PK\x03\x04\x14\0", Refusal::NotAllowed),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Refusal::NotAllowed),
        (b" \n<!doctype html><p>a", Refusal::NotAllowed),
        (b"\xef\xbb\xbf<svg xmlns='http://www.w3.org/2000/svg'/>", Refusal::NotAllowed),
        (b"<?xml version='1.0'?>", Refusal::NotAllowed),
        (b"<!--", Refusal::NotAllowed),
        (b"#!/bin/sh\n", Refusal::NotAllowed),
        (b"{\\rtf1 a}", Refusal::NotAllowed),
        (b"\x82\xb1\x82\xf1\x82\xc9\x82\xbf\x82\xcd", Refusal::NotAllowed),
        (b"bell \x07", Refusal::NotAllowed),
        (b"%PDF-1.7 and no end", Refusal::Broken),
        (b"\xff\xd8\xff<script>alert(1)</script>", Refusal::Broken),
        (b"\x89PNG\r\n\x1a\n<html>", Refusal::Broken),
        (b"GIF89a/*<script>*/=0;", Refusal::Broken),
        (b"RIFF\x04\0\0\0WEBP", Refusal::Broken),
        (&jpeg(&[], 12_001, 3), Refusal::TooWide),
        (&png_of(3, 12_001, &[]), Refusal::TooWide),
        (&jpeg(&[], 0, 3), Refusal::Broken),
        (&png_of(0, 3, &[]), Refusal::Broken),
    ] {
        assert_eq!(inspect(bytes), Err(why), "{:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(30)]));
    }
    assert_eq!(inspect(&long[..MAX_BYTES]), Ok(Kind::Text));
    assert_eq!(inspect(&jpeg(&[], 12_000, 12_000)), Ok(Kind::Jpeg));
    let six = vec![Sent { name: "a.txt".into(), bytes: b"a".to_vec() }; MAX_FILES + 1];
    assert_eq!(prepare_all(&six).map_err(|r| r.refusal), Err(Refusal::TooMany));
    let one = [six[0].clone(), Sent { name: "x/写真.heic".into(), bytes: heic.to_vec() }];
    assert_eq!(prepare_all(&one), Err(Refused { name: "写真.heic".into(), refusal: Refusal::Heic }));
}

#[test]
fn a_jpeg_loses_where_it_was_made_and_keeps_how_it_is_turned() {
    let jfif = segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    let colours = segment(0xe2, b"ICC_PROFILE\0\x01\x01colours");
    let plain = jpeg(&[jfif.clone(), colours.clone()], 4, 3);
    let noted = [
        jfif.clone(),
        camera(1),
        segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0 GPS"),
        segment(0xed, b"Photoshop 3.0\0 GPS"),
        segment(0xe2, b"MPF\0 GPS"),
        segment(0xfe, b"GPS"),
        colours.clone(),
    ];
    let mut photo = jpeg(&noted, 4, 3);
    photo.extend(b"a film with GPS behind the end");
    assert_eq!(ready(&photo).content, plain, "what shows stays as it is");
    for (orientation, size) in [(3, (4, 3)), (6, (3, 4)), (8, (3, 4))] {
        let turned = ready(&jpeg(&[jfif.clone(), camera(orientation)], 4, 3));
        assert!(!has(&turned.content, b"GPS"));
        assert_eq!(turned.size, Some(size), "as it is shown");
        let tiff = [b"Exif\0\0", &exif::only(orientation)[..]].concat();
        assert_eq!(turned.content, jpeg(&[jfif.clone(), segment(0xe1, &tiff)], 4, 3), "behind JFIF");
        assert_eq!(ready(&turned.content).content, turned.content, "nothing is left to drop");
    }
    // A JFIF with a thumbnail, which may show what was cut away.
    assert_eq!(
        ready(&jpeg(&[segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\x01\x01rgb")], 4, 3)).content,
        jpeg(&[], 4, 3)
    );
    // One that was cut off on its way is shown as far as it came.
    assert_eq!(inspect(&plain[..plain.len() - 4]), Ok(Kind::Jpeg));
    assert_eq!(inspect(&plain[..plain.len() - 20]), Err(Refusal::Broken));
}

#[test]
fn a_png_loses_its_notes_and_keeps_how_it_is_turned() {
    let colours = chunk(b"gAMA", &[0, 0, 0xb1, 0x8f]);
    let noted = [
        colours.clone(),
        chunk(b"tEXt", b"Comment\0GPS"),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0GPS"),
        chunk(b"zTXt", b"GPS"),
        chunk(b"tIME", &[7, 0xea, 11, 24, 0, 0, 0]),
        chunk(b"eXIf", &[&exif::only(1)[..], b"GPS"].concat()),
        chunk(b"prVt", b"GPS"),
    ];
    let mut photo = png_of(4, 3, &noted);
    photo.extend(b"GPS");
    assert_eq!(ready(&photo).content, png_of(4, 3, &[colours]));
    let turned = ready(&png_of(4, 3, &[chunk(b"eXIf", &[&exif::only(6)[..], b"GPS"].concat())]));
    assert_eq!((turned.size, turned.content), (Some((3, 4)), png_of(4, 3, &[chunk(b"eXIf", &exif::only(6))])));
    for (what, wrong) in [
        ("a chunk that is needed and unknown", png_of(4, 3, &[chunk(b"NEED", b"")])),
        ("no data", [png::SIGNATURE, &png_of(4, 3, &[])[8..33], &chunk(b"IEND", b"")].concat()),
        ("no end", png_of(4, 3, &[])[..60].to_vec()),
    ] {
        assert_eq!(inspect(&wrong), Err(Refusal::Broken), "{what}");
    }
    let mut damaged = png_of(4, 3, &[]);
    damaged[19] = 9;
    assert_eq!(inspect(&damaged), Err(Refusal::Broken), "the check sum of the header");
}

#[test]
fn a_gif_loses_comments_and_goes_on_moving() {
    let repeats = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0";
    let notes = b"\x21\xfe\x03GPS\0\x21\xff\x0bXMP DataXMP\x03GPS\0";
    let photo = [&gif(&[&repeats[..], notes].concat())[..], b"GPS"].concat();
    let kept = ready(&photo);
    assert_eq!((kept.size, kept.content), (Some((3, 2)), gif(repeats)));
}

#[test]
fn a_webp_loses_its_notes_and_keeps_how_it_is_turned() {
    let header = |flags: u8| riff(b"VP8X", &[flags, 0, 0, 0, 2, 0, 0, 1, 0, 0]);
    let exif_of = |o| riff(b"EXIF", &[&exif::only(o)[..], b"GPS"].concat());
    let photo = |o| webp_of(&[header(0x1c), lossless(), exif_of(o), riff(b"XMP ", b"GPS")]);
    let mut behind = photo(1);
    behind.extend(b"GPS");
    assert_eq!(ready(&behind).content, webp_of(&[header(0x10), lossless()]));
    let turned = ready(&photo(6));
    assert_eq!(turned.size, Some((2, 3)));
    assert_eq!(turned.content, webp_of(&[header(0x18), lossless(), riff(b"EXIF", &exif::only(6))]));
    // Without the extended header nobody looks at Exif: it turns nothing, and goes.
    let simple = ready(&webp_of(&[lossless(), exif_of(6)]));
    assert_eq!((simple.size, simple.content), (Some((3, 2)), webp_of(&[lossless()])));
    let lossy = riff(b"VP8 ", b"\0\0\0\x9d\x01\x2a\x05\x40\x06\0rest");
    assert_eq!(ready(&webp_of(&[lossy])).size, Some((5, 6)));
    assert_eq!(inspect(&webp_of(&[header(0)])), Err(Refusal::Broken), "a header without an image");
}

#[test]
fn no_log_shows_what_is_in_a_file() {
    assert_eq!(format!("{:?}", ready(b"words")), "Ready(text, 5 bytes)");
}

/// A beginning of some kind with anything behind it.
fn anything() -> impl Strategy<Value = Vec<u8>> {
    let begin = prop::sample::select(vec![
        Vec::new(),
        vec![0xff, 0xd8, 0xff],
        jpeg(&[camera(6)], 4, 3),
        png_of(4, 3, &[chunk(b"eXIf", &exif::only(6))]),
        gif(b"\x21\xfe\x03GPS\0"),
        webp_of(&[lossless(), riff(b"EXIF", &exif::only(6))]),
        b"%PDF-1.4".to_vec(),
    ]);
    let change = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    (begin, change, prop::collection::vec(any::<u8>(), 0..200), any::<prop::sample::Index>()).prop_map(
        |(mut bytes, changes, rest, cut)| {
            bytes.extend(rest);
            for (at, value) in changes {
                if !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    bytes[at] = value;
                }
            }
            let length = cut.index(bytes.len() + 1).max(bytes.len() / 2);
            bytes.truncate(length);
            bytes
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_comes_is_taken_or_refused(bytes in anything()) {
        if let Ok(first) = prepare(&Sent { name: "a".into(), bytes: bytes.clone() }) {
            // What was kept is of the same kind, and looked at again nothing more goes.
            let again = prepare(&Sent { name: "a".into(), bytes: first.content.clone() }).expect("taken again");
            prop_assert_eq!(again, first);
        }
    }

    #[test]
    fn a_place_never_comes_through(orientation in 0u16..12, behind in "[a-z]{0,20}") {
        let mut photo = jpeg(&[camera(orientation)], 4, 3);
        photo.extend(behind.bytes());
        photo.extend(b"GPS");
        prop_assert!(!has(&ready(&photo).content, b"GPS"));
    }
}
