//! Telephone numbers as people type them.
//!
//! Numbers in Japan have ten digits, or eleven for mobile and IP telephones (電気通信番号計画, 総務省), after a leading
//! zero; from abroad `+81` stands for that zero.

/// The normal form: digits with a leading zero, or `+` and digits for a foreign number. The error is a sentence in
/// Japanese that says what to do.
pub fn parse(typed: &str) -> Result<String, &'static str> {
    const WRONG: &str = "電話番号を、市外局番から数字で入れてください（例: 072-123-4567、090-1234-5678）。";
    let mut digits = String::new();
    let mut foreign = false;
    for c in typed.trim().chars() {
        match c {
            '0'..='9' => digits.push(c),
            '０'..='９' => digits.push(char::from(b'0' + u8::try_from(c as u32 - '０' as u32).unwrap_or(0))),
            '+' | '＋' if digits.is_empty() => foreign = true,
            '-' | '‐' | '‑' | '–' | '—' | '―' | '−' | 'ー' | '－' | '(' | ')' | '（' | '）' | '.' | ' '
            | '\u{3000}' => {}
            _ => return Err(WRONG),
        }
    }
    let national = match digits.strip_prefix("81") {
        Some(rest) if foreign => Some(format!("0{}", rest.trim_start_matches('0'))),
        _ if foreign => None,
        _ => Some(digits.clone()),
    };
    match national {
        Some(n) if n.starts_with('0') && matches!(n.len(), 10 | 11) && !n.starts_with("00") => Ok(n),
        None if (8..=15).contains(&digits.len()) => Ok(format!("+{digits}")),
        _ => Err(WRONG),
    }
}

/// Beginnings whose grouping is the same in the whole country: digits, length of the number, length of the first and
/// of the middle group. Longer beginnings come first: 0800 is free of charge, 080 is a mobile telephone. Area codes of
/// three to five digits are not here: which one a number has needs the list of all of them.
const GROUPS: &[(&str, usize, usize, usize)] = &[
    ("0120", 10, 4, 3),
    ("0570", 10, 4, 3),
    ("0800", 11, 4, 3),
    ("090", 11, 3, 4),
    ("080", 11, 3, 4),
    ("070", 11, 3, 4),
    ("050", 11, 3, 4),
    ("03", 10, 2, 4),
    ("06", 10, 2, 4),
];

/// A number in its normal form as people read it: `090-1234-5678`. One whose area code cannot be told stays as it is.
pub fn grouped(normal: &str) -> String {
    let fits = |(begins, length, ..): &&(&str, usize, usize, usize)| {
        normal.len() == *length && normal.starts_with(begins) && normal.bytes().all(|b| b.is_ascii_digit())
    };
    match GROUPS.iter().find(fits) {
        Some((_, _, first, middle)) => {
            let (area, rest) = normal.split_at(*first);
            let (exchange, line) = rest.split_at(*middle);
            format!("{area}-{exchange}-{line}")
        }
        None => normal.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{grouped, parse};

    #[test]
    fn numbers_are_shown_in_groups() {
        for (normal, shown) in [
            ("09012345678", "090-1234-5678"),
            ("08012345678", "080-1234-5678"),
            ("07012345678", "070-1234-5678"),
            ("05012345678", "050-1234-5678"),
            ("0120123456", "0120-123-456"),
            ("08001234567", "0800-123-4567"),
            ("0570123456", "0570-123-456"),
            ("0312345678", "03-1234-5678"),
            ("0612345678", "06-1234-5678"),
            ("0721234567", "0721234567"),
            ("0901234567", "0901234567"),
            ("+12125550100", "+12125550100"),
            ("***********", "***********"),
            ("（消去されました）", "（消去されました）"),
        ] {
            assert_eq!(grouped(normal), shown);
        }
        assert_eq!(parse(&grouped("08001234567")).as_deref(), Ok("08001234567"));
    }

    #[test]
    fn numbers_are_brought_to_one_form() {
        for (typed, normal) in [
            ("072-123-4567", "0721234567"),
            ("０９０－１２３４－５６７８", "09012345678"),
            ("(03) 1234 5678", "0312345678"),
            ("+81 90-1234-5678", "09012345678"),
            ("+1 212 555 0100", "+12125550100"),
            ("050 1234 5678", "05012345678"),
        ] {
            assert_eq!(parse(typed).as_deref(), Ok(normal), "{typed}");
        }
        for wrong in
            ["", "110", "1234-5678", "0090-1234-5678", "072-123-456", "090-1234-56789", "電話", "+1", "a0721234567"]
        {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
