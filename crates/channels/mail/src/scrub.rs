//! What a mail server says, without the addresses that it repeats.

/// Longest text that is kept, in characters.
const LONGEST: usize = 300;

/// The words of a server without addresses: every word with an `@` (or its usual encodings), and every
/// word that holds the address or the name before its `@`, becomes `…`. Control characters become blanks.
///
/// Servers repeat the address that they refuse, and what is kept in the ledger is shown and logged.
pub fn scrub(words: &str, addresses: &[&str]) -> String {
    let forbidden: Vec<String> = addresses.iter().flat_map(|address| forms(address)).collect();
    let plain: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let kept: Vec<&str> =
        plain.split_whitespace().map(|word| if tells(word, &forbidden) { "…" } else { word }).collect();
    kept.join(" ").chars().take(LONGEST).collect()
}

/// An address and the name before its `@`, in lower case.
fn forms(address: &str) -> Vec<String> {
    let whole = address.to_lowercase();
    let local = whole.rsplit_once('@').map(|(local, _)| local.to_owned());
    local.into_iter().chain([whole]).filter(|form| !form.is_empty()).collect()
}

fn tells(word: &str, forbidden: &[String]) -> bool {
    let word = word.to_lowercase();
    // RFC 3461 §4 writes `+40`, quoted-printable `=40`, addresses of pages `%40`.
    if ["@", "＠", "=40", "%40", "+40"].iter().any(|sign| word.contains(sign)) {
        return true;
    }
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    // A name of one or two letters is part of many words.
    forbidden.iter().any(|form| bare == form.as_str() || (form.chars().count() > 2 && word.contains(form.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_server_repeats_is_left_out() {
        let to = ["Tarou.Y@example.jp"];
        for (said, kept) in [
            ("5.1.1 <tarou.y@example.jp>: Recipient address rejected", "5.1.1 … Recipient address rejected"),
            ("no mailbox TAROU.Y here", "no mailbox … here"),
            ("see https://help.example/?a=tarou.y%40example.jp", "see …"),
            ("unknown user: 'tarou.y'\r\n550 other@example.net", "unknown user: … 550 …"),
            ("4.7.1 Greylisted, try again", "4.7.1 Greylisted, try again"),
        ] {
            assert_eq!(scrub(said, &to), kept);
        }
        assert_eq!(scrub("a mailbox", &["a@b.example"]), "… mailbox");
    }

    proptest! {
        #[test]
        fn no_address_is_left(before in ".*", local in "[a-z]{3,12}", after in ".*") {
            let address = format!("{local}@example.jp");
            let scrubbed = scrub(&format!("{before}<{address}>{after} {local}"), &[&address]);
            prop_assert!(!scrubbed.contains('@') && !scrubbed.to_lowercase().contains(&local));
            prop_assert!(scrubbed.chars().count() <= LONGEST);
        }
    }
}
