//! Mail addresses as people type them, and as a server takes them.
//!
//! What is taken is the part of RFC 5321 §4.1.2 that exists in the wild and can be sent to without
//! quoting: a dot-string, `@`, a domain of at least two labels. Nothing that comes out can end a line
//! or begin another address.

/// Longest address, in characters (RFC 5321 §4.5.3.1.3: 256 with the angle brackets).
pub const MAX_LENGTH: usize = 254;
/// Longest part before the `@` (RFC 5321 §4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// Longest label of a domain (RFC 1035 §2.3.4).
const MAX_LABEL: usize = 63;

/// What is wrong with a mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Nothing was typed.
    Empty,
    /// It holds a line break or another control character.
    Control,
    /// It holds a blank.
    Blank,
    /// It has no `@`, or more than one.
    At,
    /// The part before the `@` is empty, too long, or holds a character that does not belong there.
    Local,
    /// A dot stands first, last or twice in the part before the `@`.
    Dots,
    /// The part after the `@` is not the name of a server.
    Domain,
    /// It is longer than a mail address can be.
    TooLong,
}

impl Wrong {
    /// What is wrong and what to do, for the person who typed it.
    pub const fn sentence(self) -> &'static str {
        match self {
            Wrong::Empty => "メールアドレスが空欄です。入力してください。",
            Wrong::Control => "メールアドレスに改行などの使えない文字が入っています。1行で入力し直してください。",
            Wrong::Blank => "メールアドレスの途中に空白が入っています。空白を消してください。",
            Wrong::At => "メールアドレスには「@」が1つ必要です。例のように入力してください。例: name@example.jp",
            Wrong::Local => {
                "「@」より前に使えない文字があるか、空欄です。半角の英数字と記号で入力してください。例: name@example.jp"
            }
            Wrong::Dots => {
                "「@」より前で「.」が先頭か末尾にあるか、続いています。このアドレスには送れないので、別のアドレスを入力してください。"
            }
            Wrong::Domain => "「@」より後ろが正しくありません。「example.jp」のような形か、確かめてください。",
            Wrong::TooLong => "メールアドレスが長すぎます。入力した内容を確かめてください。",
        }
    }
}

/// Full-width letters and signs as their half-width ones: many keyboards begin in full width.
fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    }
}

/// Reads a mail address: half width, without blanks around it, the domain in lower case.
pub fn parse(typed: &str) -> Result<String, Wrong> {
    if typed.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        return Err(Wrong::Control);
    }
    let half: String = typed.chars().map(half_width).collect();
    let text = half.trim();
    if text.is_empty() {
        return Err(Wrong::Empty);
    }
    if text.chars().any(char::is_whitespace) {
        return Err(Wrong::Blank);
    }
    if text.chars().count() > MAX_LENGTH {
        return Err(Wrong::TooLong);
    }
    let (local, domain) = text.split_once('@').ok_or(Wrong::At)?;
    if domain.contains('@') {
        return Err(Wrong::At);
    }
    check_local(local)?;
    check_domain(domain)?;
    Ok(format!("{local}@{}", domain.to_ascii_lowercase()))
}

/// `atext` of RFC 5322 §3.2.3.
fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

fn check_local(local: &str) -> Result<(), Wrong> {
    if local.is_empty() || local.len() > MAX_LOCAL || !local.chars().all(|c| is_atext(c) || c == '.') {
        return Err(Wrong::Local);
    }
    if local.split('.').any(str::is_empty) { Err(Wrong::Dots) } else { Ok(()) }
}

fn check_domain(domain: &str) -> Result<(), Wrong> {
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= MAX_LABEL
            && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    let (_, top) = domain.rsplit_once('.').ok_or(Wrong::Domain)?;
    // The last label of a name is never a number; an address of four numbers is no mail domain.
    let named = top.len() >= 2 && !top.chars().all(|c| c.is_ascii_digit());
    if named && domain.split('.').all(label) { Ok(()) } else { Err(Wrong::Domain) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_type_is_read() {
        for (typed, read) in [
            ("minato@example.jp", "minato@example.jp"),
            ("  Minato.Taro+city@Example.JP ", "Minato.Taro+city@example.jp"),
            ("ｍｉｎａｔｏ＠ｅｘａｍｐｌｅ．ｊｐ\u{3000}", "minato@example.jp"),
            ("a@xn--eckwd4c7c.example", "a@xn--eckwd4c7c.example"),
            ("x@a.b.c.example.jp", "x@a.b.c.example.jp"),
        ] {
            assert_eq!(parse(typed).as_deref(), Ok(read), "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_sent_to_is_refused_with_its_reason() {
        let long_local = format!("{}@example.jp", "a".repeat(65));
        let long_label = format!("a@{}.jp", "b".repeat(64));
        let long = format!("a@{}example.jp", "b.".repeat(130));
        for (typed, wrong) in [
            ("", Wrong::Empty),
            (" \u{3000}", Wrong::Empty),
            ("a@example.jp\r\nBcc: b@example.jp", Wrong::Control),
            ("a@example.jp\n", Wrong::Control),
            ("a\0@example.jp", Wrong::Control),
            ("a@example.jp\u{2028}", Wrong::Control),
            ("a b@example.jp", Wrong::Blank),
            ("a@example.jp, b@example.jp", Wrong::Blank),
            ("example.jp", Wrong::At),
            ("a@b@example.jp", Wrong::At),
            ("@example.jp", Wrong::Local),
            ("港@example.jp", Wrong::Local),
            ("a,b@example.jp", Wrong::Local),
            ("<a@example.jp>", Wrong::Local),
            ("\"a\"@example.jp", Wrong::Local),
            (long_local.as_str(), Wrong::Local),
            ("a..b@example.jp", Wrong::Dots),
            (".a@example.jp", Wrong::Dots),
            ("a.@example.jp", Wrong::Dots),
            ("a@localhost", Wrong::Domain),
            ("a@example..jp", Wrong::Domain),
            ("a@-example.jp", Wrong::Domain),
            ("a@example-.jp", Wrong::Domain),
            ("a@127.0.0.1", Wrong::Domain),
            ("a@[127.0.0.1]", Wrong::Domain),
            ("a@市.jp", Wrong::Domain),
            (long_label.as_str(), Wrong::Domain),
            (long.as_str(), Wrong::TooLong),
        ] {
            assert_eq!(parse(typed), Err(wrong), "{typed:?}");
            assert!(wrong.sentence().ends_with(['。', 'p']), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_out_is_one_line_with_one_at_and_reads_as_itself(typed in "\\PC{0,40}|[a-z.@\r\n ,<>\"]{0,40}") {
            if let Ok(read) = parse(&typed) {
                prop_assert!(read.is_ascii() && read.len() <= MAX_LENGTH);
                prop_assert!(!read.contains(|c: char| c.is_control() || c.is_whitespace() || "<>,;:()[]\"\\".contains(c)));
                prop_assert_eq!(read.matches('@').count(), 1);
                prop_assert_eq!(parse(&read), Ok(read.clone()));
            }
        }

        #[test]
        fn ordinary_addresses_are_read(
            local in "[A-Za-z0-9_+-]{1,20}(\\.[A-Za-z0-9_+-]{1,20}){0,2}",
            domain in "[a-z0-9]{1,10}(-[a-z0-9]{1,10}){0,2}\\.(jp|co\\.jp|example)",
            before in "[ \u{3000}]{0,3}",
        ) {
            let address = format!("{local}@{domain}");
            prop_assert_eq!(parse(&format!("{before}{address}")), Ok(address.clone()));
        }

        #[test]
        fn a_control_character_anywhere_is_refused(at in 0usize..18, c in "[\\x00-\\x1f\\x7f]") {
            let mut typed = "minato@example.jp".to_owned();
            typed.insert_str(at.min(typed.len()), &c);
            prop_assert_eq!(parse(&typed), Err(Wrong::Control));
        }
    }
}
