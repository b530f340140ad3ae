//! Names of files as they are shown and as browsers store them.

use super::{Kind, MAX_NAME};

/// What a file without a name is called.
const NAMELESS: &str = "file";

/// Signs that turn, hide or join what stands around them: with them a name reads as another one.
const fn is_hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The last part of a path without what is not seen; signs that some system does not take in a name become `_`.
fn tidy(declared: &str) -> String {
    let last = declared.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen = last.chars().filter(|c| !c.is_control() && !is_hidden(*c)).map(|c| match c {
        '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
        c if c.is_whitespace() => ' ',
        c => c,
    });
    seen.collect::<String>().trim_matches([' ', '.']).to_owned()
}

fn cut(name: &str, most: usize) -> String {
    name.chars().take(most).collect::<String>().trim_end_matches([' ', '.']).to_owned()
}

/// A name as it may stand in a sentence.
pub(super) fn shown(declared: &str) -> String {
    match cut(&tidy(declared), MAX_NAME) {
        name if name.is_empty() => NAMELESS.into(),
        name => name,
    }
}

/// The name under which a file of a kind is shown and stored: no path, nothing invisible, at most [`MAX_NAME`]
/// characters, and an ending of its kind. A text that calls itself a program is given back as a text.
pub fn clean(declared: &str, kind: Kind) -> String {
    let name = tidy(declared);
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if kind.endings().iter().any(|e| ending.eq_ignore_ascii_case(e)) => (stem, ending),
        _ => (name.as_str(), kind.endings()[0]),
    };
    let stem = cut(stem, MAX_NAME - 1 - ending.len());
    format!("{}.{ending}", if stem.is_empty() { NAMELESS } else { &stem })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_what_they_look_like() {
        for (declared, kind, wanted) in [
            ("ごみ置き場.JPG", Kind::Jpeg, "ごみ置き場.JPG"),
            ("C:\\Users\\a\\写真.jpeg", Kind::Jpeg, "写真.jpeg"),
            ("../../etc/passwd", Kind::Text, "passwd.txt"),
            ("setup.bat", Kind::Text, "setup.bat.txt"),
            ("photo.png", Kind::Jpeg, "photo.png.jpg"),
            ("申請\u{202e}fdp.exe", Kind::Pdf, "申請fdp.exe.pdf"),
            ("a\u{0}b\r\nc\".pdf", Kind::Pdf, "abc_.pdf"),
            (".pdf", Kind::Pdf, "pdf.pdf"),
            ("...", Kind::Gif, "file.gif"),
            ("", Kind::Webp, "file.webp"),
            ("メモ .txt", Kind::Text, "メモ.txt"),
        ] {
            assert_eq!(clean(declared, kind), wanted, "{declared:?}");
        }
        assert_eq!(clean(&"あ".repeat(300), Kind::Png).chars().count(), MAX_NAME);
        assert_eq!((shown("\u{200b}"), shown("a/b.exe")), ("file".into(), "b.exe".into()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn whatever_it_was_called(declared in "\\PC{0,40}|(?s).{0,200}", n in 0usize..6) {
            let kind = Kind::ALL[n];
            let name = clean(&declared, kind);
            prop_assert!((1..=MAX_NAME).contains(&name.chars().count()));
            let hidden = |c: char| c.is_control() || is_hidden(c) || matches!(c, '/' | '\\' | '"');
            prop_assert!(!name.contains(hidden) && !name.starts_with('.'), "{:?}", name);
            let ending = name.rsplit('.').next().expect("an ending").to_lowercase();
            prop_assert!(kind.endings().contains(&ending.as_str()));
            prop_assert_eq!(clean(&name, kind), name.clone());
        }
    }
}
