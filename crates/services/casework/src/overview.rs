//! What is seen of cases without a key: which are late and who answers for them, under a short form of their ids.

use ::store::Tx;
use calendar::Instant;

use crate::Result;
use crate::store::overview as rows;

pub use crate::store::overview::DueCase;

/// So many characters of a case's id are shown where people name it to each other.
pub const SHORT: usize = 8;
/// Characters of a whole id.
const WHOLE: usize = 36;

/// The short form of a case's id: it says nothing of the case.
pub fn short(case: &str) -> String {
    case.chars().take(SHORT).collect()
}

/// Clocks of a desk that are due at an instant or before, the oldest first, with nothing of what the cases are about.
pub async fn due(tx: &mut Tx, desk: &str, until: Instant) -> Result<Vec<DueCase>> {
    Ok(rows::due(tx, desk, until).await?)
}

/// The case of a desk that somebody names by the short form of its id or by more of it, in either case, full width or
/// with blanks. None where there is no such case, or two.
pub async fn find(tx: &mut Tx, desk: &str, typed: &str) -> Result<Option<String>> {
    let Some(from) = as_id(typed) else { return Ok(None) };
    // Behind every character of an id.
    let to = format!("{from}~");
    let mut found = rows::beginning(tx, desk, &from, &to).await?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// Ids of all cases that are not shredded, of every desk: each must have its outer key.
pub async fn kept(tx: &mut Tx) -> Result<Vec<String>> {
    Ok(rows::kept(tx).await?)
}

/// Codes of the desks that have cases, also shredded ones.
pub async fn desks(tx: &mut Tx) -> Result<Vec<String>> {
    Ok(rows::desks(tx).await?)
}

/// The beginning of an id as it is stored: hexadecimal digits with hyphens at their places.
fn as_id(typed: &str) -> Option<String> {
    let mut id = String::with_capacity(WHOLE);
    for c in typed.chars() {
        let c = match c {
            '０'..='９' | 'ａ'..='ｚ' | 'Ａ'..='Ｚ' => char::from_u32(c as u32 - 0xfee0)?,
            other => other,
        };
        if c.is_whitespace() || matches!(c, '-' | '‐' | '−' | 'ー' | '－') {
            continue;
        }
        let c = c.to_ascii_lowercase();
        if !c.is_ascii_hexdigit() || id.len() >= WHOLE {
            return None;
        }
        if matches!(id.len(), 8 | 13 | 18 | 23) {
            id.push('-');
        }
        id.push(c);
    }
    (id.len() >= SHORT).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::{as_id, short};

    #[test]
    fn an_id_is_read_as_people_type_it() {
        let whole = "3f9a12c0-77aa-4b1c-9d2e-0123456789ab";
        assert_eq!(short(whole), "3f9a12c0");
        for typed in ["3f9a12c0", " 3F9A 12C0 ", "３ｆ９ａ１２ｃ０", "3F9A-12C0"] {
            assert_eq!(as_id(typed).as_deref(), Some("3f9a12c0"), "{typed}");
        }
        assert_eq!(as_id("3f9a12c077").as_deref(), Some("3f9a12c0-77"));
        assert_eq!(as_id(whole).as_deref(), Some(whole));
        for typed in ["", "3f9a12c", "3f9a12c%", "3f9a12c_", &format!("{whole}0")] {
            assert_eq!(as_id(typed), None, "{typed}");
        }
    }
}
