//! Names of files, which anybody may have thought out.

/// Longest name that is kept, in characters.
pub const MAX_NAME: usize = 100;
/// Longest ending that a name keeps when it is cut.
const MAX_ENDING: usize = 10;
/// What a file without a name is called.
const NAMELESS: &str = "名前のないファイル";

/// A name as it is kept: the last part of a path, nothing invisible or that turns the direction of writing, no sign
/// that some system does not take, at most [`MAX_NAME`] characters with its ending.
pub fn tidy(declared: &str) -> String {
    let last = declared.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen = last.chars().filter(|c| !c.is_control() && !is_hidden(*c)).map(|c| match c {
        '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
        c if c.is_whitespace() => ' ',
        c => c,
    });
    let name: String = seen.collect();
    let name = name.trim_matches([' ', '.']);
    if name.is_empty() {
        return NAMELESS.into();
    }
    if name.chars().count() <= MAX_NAME {
        return name.into();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let ending = ending.filter(|ending| (1..=MAX_ENDING).contains(&ending.chars().count()));
    let room = MAX_NAME - ending.map_or(0, |ending| ending.chars().count() + 1);
    let stem: String = name.chars().take(room).collect();
    let stem = stem.trim_end_matches([' ', '.']);
    ending.map_or_else(|| stem.to_owned(), |ending| format!("{stem}.{ending}"))
}

/// Another name for a file, tidied. It keeps the ending of the first one, by which machines tell what it is.
pub fn renamed(chosen: &str, first: &str) -> String {
    let chosen = tidy(chosen);
    let ending = first.rsplit_once('.').map(|(_, ending)| ending);
    let is_plain =
        |ending: &&str| (1..=MAX_ENDING).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric());
    let Some(ending) = ending.filter(is_plain) else { return chosen };
    let own = chosen.rsplit_once('.').map(|(_, own)| own);
    if own.is_some_and(|own| own.eq_ignore_ascii_case(ending)) { chosen } else { tidy(&format!("{chosen}.{ending}")) }
}

/// Signs that turn, hide or join what stands around them: with them a name reads as another one.
const fn is_hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_what_they_look_like() {
        for (declared, wanted) in [
            ("日記.pdf", "日記.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\写真\\けが.jpg", "けが.jpg"),
            ("a\u{202e}gpj.exe", "agpj.exe"),
            ("a\0b\r\n\".txt", "ab_.txt"),
            ("...", NAMELESS),
            ("", NAMELESS),
            ("x/", NAMELESS),
        ] {
            assert_eq!(tidy(declared), wanted, "{declared:?}");
        }
        let long = tidy(&format!("{}.pdf", "あ".repeat(5_000)));
        assert!(long.chars().count() == MAX_NAME && long.ends_with("あ.pdf"), "{long}");
    }

    #[test]
    fn another_name_keeps_the_ending() {
        for (chosen, first, wanted) in [
            ("けがの写真", "IMG_0123.JPG", "けがの写真.JPG"),
            ("けがの写真.jpg", "IMG_0123.JPG", "けがの写真.jpg"),
            ("写真.exe", "写真.jpg", "写真.exe.jpg"),
            ("../写真", "a.png", "写真.png"),
            // What is no ending may be a name.
            ("メモ", "東小.みずき", "メモ"),
            ("メモ", "ない", "メモ"),
            ("メモ", "長い.abcdefghijkl", "メモ"),
        ] {
            assert_eq!(renamed(chosen, first), wanted, "{chosen} {first}");
        }
        let long = renamed(&"あ".repeat(500), "a.pdf");
        assert!(long.chars().count() == MAX_NAME && long.ends_with("あ.pdf"), "{long}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn whatever_it_was_called(declared in "(?s).{0,250}|[a./ \\\\]{0,250}") {
            let name = tidy(&declared);
            prop_assert!((1..=MAX_NAME).contains(&name.chars().count()));
            prop_assert!(!name.contains(|c: char| c.is_control() || is_hidden(c) || matches!(c, '/' | '\\' | '"')));
            prop_assert!(!name.starts_with('.'));
            prop_assert_eq!(tidy(&name), name);
        }
    }
}
