//! The city's own name says nothing in a question to the city.

use city::Profile;
use text::normal;

/// Shortest name that is left out without 市 behind it: 「津」 alone may be anything.
const SHORTEST: usize = 2;
/// What stands behind the short name where it is the city: みなも**で**子育て, but not みなも祭り.
const AFTER: &[&str] = &["の", "で", "に", "は", "へ", "から", "では", "には", " "];

/// How a question names the city.
#[derive(Clone, Debug, Default)]
pub(crate) struct Neutral {
    /// みなも市, minamo city: wherever they stand.
    whole: Vec<String>,
    /// みなも: where it stands for the city.
    short: Vec<String>,
}

impl Neutral {
    pub(crate) fn of(profile: &Profile) -> Self {
        let name = normal::normalise(&profile.name);
        let english = normal::normalise(&profile.name_en);
        let mut neutral = Neutral::default();
        if let Some(short) = name.strip_suffix(['市', '区', '町', '村', '県']) {
            neutral.short.extend(Some(short.to_owned()).filter(|s| s.chars().count() >= SHORTEST));
            // 「みなもし」, as people write it who look for no character.
            if name.ends_with('市') && short.chars().all(normal::is_kana) && short.chars().count() > SHORTEST {
                neutral.whole.push(format!("{short}し"));
            }
        }
        if let Some(short) = english.strip_suffix(" city") {
            neutral.short.push(short.to_owned());
        }
        neutral.whole.extend([name, english].into_iter().filter(|n| !n.is_empty()));
        neutral.whole.sort_by_key(|n| std::cmp::Reverse(n.len()));
        neutral
    }

    /// A question without the city's name; as it is if nothing else would be left.
    pub(crate) fn left_out(&self, asked: &str) -> String {
        let mut rest = normal::normalise(asked);
        for name in &self.whole {
            rest = rest.replace(name.as_str(), " ");
        }
        for name in &self.short {
            for after in AFTER {
                rest = rest.replace(&format!("{name}{after}"), after);
            }
        }
        if rest.chars().any(char::is_alphanumeric) { rest } else { asked.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_citys_name_is_left_out_where_it_is_the_city() {
        let neutral = Neutral {
            whole: vec!["minamo city".into(), "みなも市".into()],
            short: vec!["みなも".into(), "minamo".into()],
        };
        for (asked, left) in [
            ("みなも市の粗大ごみ", "の粗大ごみ"),
            ("みなもで子育て", "で子育て"),
            ("ミナモ祭り", "ミナモ祭り"),
            ("みなも祭りはいつ", "みなも祭りはいつ"),
            ("How to move to Minamo City?", "how to move to ?"),
            ("みなも市", "みなも市"),
            ("みなも市？", "みなも市？"),
        ] {
            assert_eq!(neutral.left_out(asked).split_whitespace().collect::<Vec<_>>().join(" "), left, "{asked}");
        }
    }
}
