//! What a report has so far. It lives in the fields of the page's form and nowhere else until it is sent.

use casework::entry::{Consent, Speaker, Wishes};
use casework::session::FormToken;
use city::Lang;
use words::{i18n, ruby};

/// Longest words, in characters.
pub(super) const MAX_WORDS: usize = 5_000;
/// Longest wish, in characters.
const MAX_WISH: usize = 1_000;
/// Longest line, in characters.
const MAX_LINE: usize = 100;

/// Fields as they came, in order.
pub(super) type Fields = [(String, String)];

/// The first value of a field.
pub(super) fn value<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
}

/// Text as it is kept: one kind of line end, no control characters, nothing that turns the direction of writing.
pub(super) fn clean(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept: String =
        text.replace("\r\n", "\n").chars().filter(|c| (!c.is_control() || *c == '\n') && !turns(*c)).collect();
    kept.trim().to_owned()
}

/// Codes of what happens, with their messages and pictures.
pub(super) const KINDS: [(&str, &str); 8] = [
    ("hit", "room-kind-hit"),
    ("words", "room-kind-words"),
    ("left", "room-kind-left"),
    ("net", "room-kind-net"),
    ("things", "room-kind-things"),
    ("money", "room-kind-money"),
    ("made", "room-kind-made"),
    ("other", "room-kind-other"),
];

/// Codes of school years.
pub(super) const GRADES: [&str; 10] = ["e1", "e2", "e3", "e4", "e5", "e6", "m1", "m2", "m3", "high"];

/// A school year in words.
pub(super) fn grade(lang: Lang, code: &str) -> String {
    match code.split_at_checked(1) {
        Some(("e", n)) => i18n::message(lang, "room-grade-elementary", &[("n", n)]),
        Some(("m", n)) => i18n::message(lang, "room-grade-middle", &[("n", n)]),
        _ => i18n::message(lang, "room-grade-high", &[]),
    }
}

/// Who speaks: codes with messages.
pub(super) const SPEAKERS: [(Speaker, &str, &str, &str); 5] = [
    (Speaker::Child, "child", "room-who-child", "room-who-child-more"),
    (Speaker::Parent, "parent", "room-who-parent", "room-who-parent-more"),
    (Speaker::Friend, "friend", "room-who-friend", "room-who-friend-more"),
    (Speaker::Teacher, "teacher", "room-who-teacher", "room-who-teacher-more"),
    (Speaker::Other, "other", "room-who-other", "room-who-other-more"),
];

/// A field with what is wrong in it.
pub(super) type Wrong = Vec<(&'static str, String)>;

/// A report on its way.
#[derive(Clone, Default)]
pub(super) struct Report {
    pub(super) speaker: Option<Speaker>,
    pub(super) kinds: Vec<&'static str>,
    pub(super) words: String,
    pub(super) school: String,
    pub(super) grade: Option<&'static str>,
    pub(super) wishes: Wishes,
    /// Code of the leaflet that led here, if there was one.
    pub(super) from: String,
    /// Token of the form.
    pub(super) form: String,
}

fn consent(text: &str) -> Consent {
    match text {
        "yes" => Consent::Yes,
        "no" => Consent::No,
        _ => Consent::Unsaid,
    }
}

pub(super) const fn consent_code(consent: Consent) -> &'static str {
    match consent {
        Consent::Yes => "yes",
        Consent::No => "no",
        Consent::Unsaid => "unsaid",
    }
}

/// Wishes as a form brings them.
pub(super) fn wishes(fields: &Fields) -> Wishes {
    Wishes {
        wanted: clean(value(fields, "wanted")),
        unwanted: clean(value(fields, "unwanted")),
        school_may_know: consent(value(fields, "school_may_know")),
        may_call: consent(value(fields, "may_call")),
        call_when: clean(value(fields, "call_when")),
        neutral_sender: value(fields, "neutral_sender") == "yes",
    }
}

fn too_long(lang: Lang, text: &str, most: usize) -> Option<String> {
    let length = text.chars().count();
    let args = [("n", most.to_string()), ("length", length.to_string())];
    let args: Vec<(&str, &str)> = args.iter().map(|(n, v)| (*n, v.as_str())).collect();
    (length > most).then(|| i18n::message(lang, "room-error-long", &args))
}

/// What is wrong with wishes.
pub(super) fn wrong_wishes(lang: Lang, wishes: &Wishes) -> Wrong {
    let fields = [
        ("wanted", &wishes.wanted, MAX_WISH),
        ("unwanted", &wishes.unwanted, MAX_WISH),
        ("call_when", &wishes.call_when, MAX_WISH),
    ];
    fields.into_iter().filter_map(|(name, text, most)| Some((name, too_long(lang, text, most)?))).collect()
}

/// What is wrong with words of a talk.
pub(super) fn wrong_words(lang: Lang, words: &str) -> Option<String> {
    if words.is_empty() {
        return Some(i18n::message(lang, "room-error-words", &[]));
    }
    too_long(lang, words, MAX_WORDS)
}

impl Report {
    pub(super) fn of(fields: &Fields) -> Self {
        let chosen = |code: &str| fields.iter().any(|(n, v)| n == "kind" && v == code);
        let line = |name: &str| clean(value(fields, name)).replace('\n', " ");
        Report {
            speaker: SPEAKERS.iter().find(|(_, code, ..)| *code == value(fields, "speaker")).map(|s| s.0),
            kinds: KINDS.iter().filter(|(code, _)| chosen(code)).map(|(code, _)| *code).collect(),
            words: clean(value(fields, "words")),
            school: line("school"),
            grade: GRADES.into_iter().find(|code| *code == value(fields, "grade")),
            wishes: wishes(fields),
            from: line("from").chars().filter(char::is_ascii_alphanumeric).take(40).collect(),
            form: line("form"),
        }
    }

    pub(super) fn token(&self) -> Option<FormToken> {
        FormToken::parse(&self.form).ok()
    }

    pub(super) fn speaker_code(&self) -> &'static str {
        SPEAKERS.iter().find(|s| Some(s.0) == self.speaker).map_or("", |s| s.1)
    }

    /// Everything as fields, but those of one page.
    pub(super) fn hidden(&self, page: &[&str]) -> Vec<(&'static str, String)> {
        let w = &self.wishes;
        let mut all = vec![
            ("form", self.form.clone()),
            ("from", self.from.clone()),
            ("speaker", self.speaker_code().to_owned()),
            ("words", self.words.clone()),
            ("school", self.school.clone()),
            ("grade", self.grade.unwrap_or_default().to_owned()),
            ("wanted", w.wanted.clone()),
            ("unwanted", w.unwanted.clone()),
            ("school_may_know", consent_code(w.school_may_know).to_owned()),
            ("may_call", consent_code(w.may_call).to_owned()),
            ("call_when", w.call_when.clone()),
            ("neutral_sender", if w.neutral_sender { "yes".to_owned() } else { String::new() }),
        ];
        all.extend(self.kinds.iter().map(|kind| ("kind", (*kind).to_owned())));
        all.retain(|(name, value)| !page.contains(name) && !value.is_empty());
        all
    }

    /// What is wrong with the page of what happened.
    pub(super) fn wrong_what(&self, lang: Lang) -> Wrong {
        let mut wrong = Wrong::new();
        if self.kinds.is_empty() && self.words.is_empty() {
            wrong.push(("kind", i18n::message(lang, "room-error-empty", &[])));
        }
        wrong.extend(too_long(lang, &self.words, MAX_WORDS).map(|said| ("words", said)));
        wrong.extend(too_long(lang, &self.school, MAX_LINE).map(|said| ("school", said)));
        wrong
    }

    /// The kinds in words.
    pub(super) fn kinds_in(&self, lang: Lang) -> Vec<String> {
        let named = KINDS.iter().filter(|(code, _)| self.kinds.contains(code));
        named.map(|(_, key)| i18n::message(lang, key, &[])).collect()
    }

    /// The first words of the talk, as the desk reads them: what was chosen, then what was written. The desk reads
    /// Japanese, so what was chosen in English stands in both.
    pub(super) fn first_words(&self, lang: Lang) -> String {
        let said = |lang: Lang| {
            let mut all = self.kinds_in(lang);
            all.extend(self.grade.map(|code| grade(lang, code)));
            all.iter().map(|text| ruby::strip(text)).collect::<Vec<_>>()
        };
        let mut chosen = said(Lang::Ja);
        if lang == Lang::En {
            chosen.iter_mut().zip(said(lang)).for_each(|(ja, en)| *ja = format!("{ja} ({en})"));
        }
        let lines: Vec<String> = chosen.iter().map(|text| format!("・{text}")).collect();
        [lines.join("\n"), self.words.clone()]
            .iter()
            .filter(|part| !part.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join("\n\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn a_report_survives_its_own_fields() {
        let sent = fields(&[
            ("form", "x"),
            ("from", "ab<1>"),
            ("speaker", "friend"),
            ("kind", "net"),
            ("kind", "hit"),
            ("kind", "nonsense"),
            ("words", " a\r\nb\u{202e}\u{7} "),
            ("school", "東\n小"),
            ("grade", "e5"),
            ("wanted", "はなして"),
            ("unwanted", "だめ"),
            ("school_may_know", "no"),
            ("may_call", "yes"),
            ("call_when", "夕方"),
            ("neutral_sender", "yes"),
        ]);
        let report = Report::of(&sent);
        assert_eq!((report.words.as_str(), report.school.as_str(), report.from.as_str()), ("a\nb", "東 小", "ab1"));
        assert_eq!(report.kinds, ["hit", "net"]);
        let again: Vec<(String, String)> = report.hidden(&[]).into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
        assert_eq!(Report::of(&again).hidden(&[]), report.hidden(&[]));
        assert!(report.hidden(&["words", "kind"]).iter().all(|(n, _)| *n != "words" && *n != "kind"));
        assert_eq!(report.first_words(Lang::Ja), "・たたかれる・けられる\n・スマホやゲームの中で\n・小5\n\na\nb");
        assert!(report.first_words(Lang::En).contains("・小5 (Elementary 5)"));
    }

    #[test]
    fn something_must_be_said_and_nothing_may_be_endless() {
        assert_eq!(Report::default().wrong_what(Lang::Ja)[0].0, "kind");
        let long = Report { words: "あ".repeat(MAX_WORDS + 1), ..Report::default() };
        assert_eq!(long.wrong_what(Lang::Ja).iter().map(|w| w.0).collect::<Vec<_>>(), ["words"]);
        let just = Report { words: "あ".repeat(MAX_WORDS), ..Report::default() };
        assert!(just.wrong_what(Lang::En).is_empty());
        assert!(wrong_words(Lang::Ja, "").is_some());
    }
}
