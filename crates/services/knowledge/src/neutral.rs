//! The city's own name says nothing in a question to the city.

use city::Profile;
use text::normal;

/// Shortest short name that is left out: 「津」 alone may be anything, and so may "ise".
const SHORTEST: usize = 2;
const SHORTEST_LATIN: usize = 4;
/// What stands behind the short name where it is the city: みなも**で**子育て, but not みなも祭り.
const AFTER: &[&str] = &["の", "で", "に", "は", "へ", "から", " "];
/// Characters with which 市 makes another word: みなも市民会館 is not みなも市 and 民会館.
const WITH_CITY: &str = "民立役営長議内外政史章債域職庁場街道税販価況区部電バ";

/// How a question names the city.
#[derive(Clone, Debug, Default)]
pub(crate) struct Neutral {
    /// みなも市.
    name: String,
    /// みなも: where it stands for the city. Empty if it is too short to be told from other words.
    short: String,
    /// みなもし, as people write it who look for no character.
    kana: String,
    /// minamo city and minamo, as whole words.
    latin: Vec<String>,
}

/// Whether a name at a place is no part of a longer word on its left.
fn begins(before: &str, name: &str) -> bool {
    let joins = |a: char, b: char| {
        (normal::is_kanji(a) && normal::is_kanji(b)) || (a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric())
    };
    match (before.chars().next_back(), name.chars().next()) {
        (Some(a), Some(b)) => !joins(a, b),
        _ => true,
    }
}

/// Takes a name away wherever it begins a word and `ends` says so of what follows.
fn without(text: &str, name: &str, ends: impl Fn(&str) -> bool, instead: &str) -> String {
    if name.is_empty() || !text.contains(name) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let after = &rest[at + name.len()..];
        out.push_str(&rest[..at]);
        let goes = begins(&out, name) && ends(after);
        out.push_str(if goes { instead } else { name });
        rest = after;
    }
    out + rest
}

fn is_particle_or_end(after: &str) -> bool {
    after.is_empty() || AFTER.iter().any(|word| after.starts_with(word))
}

impl Neutral {
    pub(crate) fn of(profile: &Profile) -> Self {
        let name = normal::normalise(&profile.name);
        let english = normal::normalise(&profile.name_en);
        // A name that ends otherwise has no short form: an empty one is never left out.
        let short = name.strip_suffix(['市', '区', '町', '村', '県']).unwrap_or("");
        let in_kana = !short.is_empty() && short.chars().all(normal::is_kana);
        let letters = short.chars().count();
        let kana =
            if in_kana && name.ends_with('市') && letters > SHORTEST { format!("{short}し") } else { String::new() };
        let short = if letters >= SHORTEST { short.to_owned() } else { String::new() };
        let mut latin = vec![english.clone()];
        latin.extend(english.strip_suffix(" city").filter(|s| s.len() >= SHORTEST_LATIN).map(str::to_owned));
        latin.retain(|n| !n.is_empty());
        Neutral { name, short, kana, latin }
    }

    /// A question without the city's name; as it is if nothing else would be left.
    pub(crate) fn left_out(&self, asked: &str) -> String {
        let mut rest = normal::normalise(asked);
        let ends_word = |after: &str| !after.starts_with(|c: char| c.is_ascii_alphanumeric());
        for name in &self.latin {
            rest = without(&rest, name, ends_word, " ");
        }
        let other_word = |after: &str| after.starts_with(|c: char| WITH_CITY.contains(c));
        rest = without(&rest, &self.name, |after| !other_word(after), " ");
        // 市民会館 of みなも市民会館 stays.
        let suffix = self.name.strip_prefix(self.short.as_str()).unwrap_or_default().to_owned();
        rest = without(&rest, &self.name, |_| !self.short.is_empty(), &suffix);
        rest = without(&rest, &self.kana, is_particle_or_end, " ");
        rest = without(&rest, &self.short, |after| !after.is_empty() && is_particle_or_end(after), " ");
        if rest.chars().any(char::is_alphanumeric) { rest } else { asked.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn neutral(name: &str, short: &str, kana: &str, latin: &[&str]) -> Neutral {
        Neutral {
            name: name.into(),
            short: short.into(),
            kana: kana.into(),
            latin: latin.iter().map(|n| (*n).to_owned()).collect(),
        }
    }

    fn left(neutral: &Neutral, asked: &str) -> String {
        neutral.left_out(asked).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_citys_name_is_left_out_where_it_is_the_city() {
        let minamo = neutral("みなも市", "みなも", "みなもし", &["minamo city", "minamo"]);
        for (asked, expected) in [
            ("みなも市の粗大ごみ", "の粗大ごみ"),
            ("みなも市粗大ごみ", "粗大ごみ"),
            ("みなもで子育て", "で子育て"),
            ("みなもしの人口", "の人口"),
            ("みなもしやくしょの時間", "みなもしやくしょの時間"),
            ("みなも市民会館の予約", "市民会館の予約"),
            ("みなも市役所で戸籍", "市役所で戸籍"),
            ("みなも祭りはいつ", "みなも祭りはいつ"),
            ("How to move to Minamo City?", "how to move to ?"),
            ("みなも市", "みなも市"),
            ("みなも市？", "みなも市？"),
            ("", ""),
        ] {
            assert_eq!(left(&minamo, asked), expected, "{asked}");
        }
    }

    #[test]
    fn other_words_that_hold_the_name_stay() {
        let murayama = neutral("村山市", "村山", "", &[]);
        assert_eq!(left(&murayama, "東村山の図書館"), "東村山の図書館");
        assert_eq!(left(&murayama, "東村山市の図書館"), "東村山市の図書館");
        assert_eq!(left(&murayama, "村山の図書館"), "の図書館");
        let ube = neutral("宇部市", "宇部", "", &["ube city", "ube"]);
        assert_eq!(left(&ube, "youtube channel of ube city"), "youtube channel of");
        let tsu = neutral("津市", "", "", &["tsu city"]);
        assert_eq!(left(&tsu, "津波の警報"), "津波の警報");
        assert_eq!(left(&tsu, "津市立図書館"), "津市立図書館");
    }
}
