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

#[cfg(test)]
mod tests {
    use super::parse;

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
