//! The fields of a 原稿: read from a form, and laid out for one.

use std::collections::BTreeMap;

use calendar::Date;
use city::{Lang, TOPICS, TopicGroup};
use knowledge::draft::{Changes, Draft, FieldProblem};
use knowledge::import::LIMITS;
use knowledge::{ArticleText, Content, Facts, Field};

use crate::staff::articles::{Choice, lang_name};
use crate::staff::fields::Fields;

/// What came in a form.
pub(super) struct Typed {
    pub(super) changes: Changes,
    /// Days that are none.
    pub(super) wrong: Vec<FieldProblem>,
    /// Days as they were typed.
    pub(super) days: Vec<(&'static str, String)>,
}

/// The days of an article that a writer sets.
const DAYS: [(Field, &str); 3] = [
    (Field::ReviewDue, "空にしておくと、公開したときに市の決まりで決まります。"),
    (Field::ValidFrom, "この日から市民の画面に出ます。空なら公開してすぐ。"),
    (Field::ValidTo, "この日のあとは市民の画面に出ません。空なら期限なし。"),
];

fn lines(text: &str) -> Vec<String> {
    text.lines().map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect()
}

/// Reads a form over what stands in the 原稿.
pub(super) fn read(fields: &Fields, draft: &Draft) -> Typed {
    let mut content = draft.content.clone();
    let (mut wrong, mut days) = (Vec::new(), Vec::new());
    content.section = fields.get("section").to_owned();
    content.topics = topics(fields, &draft.content.topics);
    content.related = lines(fields.raw("related"));
    for (field, _) in DAYS {
        let name = field.code();
        let slot: &mut Option<Date> = match field {
            Field::ReviewDue => &mut content.review_due,
            Field::ValidFrom => &mut content.valid_from,
            _ => &mut content.valid_to,
        };
        match fields.date(name) {
            Ok(day) => *slot = day,
            Err(reason) => wrong.push(FieldProblem { field: name, lang: None, reason }),
        }
        days.push((name, fields.raw(name).to_owned()));
    }
    content.texts = Lang::ALL.into_iter().map(|lang| (lang, text(fields, lang))).collect::<BTreeMap<_, _>>();
    let code = if draft.article.is_none() { fields.get("code").to_owned() } else { draft.code.clone() };
    Typed { changes: Changes { code, content: content.tidied(), note: fields.get("note").to_owned() }, wrong, days }
}

/// The main topic first; the others keep their order, new ones follow as the catalogue has them.
fn topics(fields: &Fields, before: &[String]) -> Vec<String> {
    let checked = fields.all("topics");
    let main = fields.get("main_topic");
    let old = before.iter().map(String::as_str).filter(|t| checked.contains(t));
    let new = checked.iter().copied().filter(|t| !before.iter().any(|b| b == t));
    let mut all: Vec<&str> = Some(main).filter(|m| !m.is_empty()).into_iter().collect();
    for topic in old.chain(new) {
        if !all.contains(&topic) {
            all.push(topic);
        }
    }
    all.into_iter().map(str::to_owned).collect()
}

fn text(fields: &Fields, lang: Lang) -> ArticleText {
    let raw = |field: Field| fields.raw(&name(field, lang)).to_owned();
    let fact = |field: Field| Some(raw(field).trim().to_owned()).filter(|v| !v.is_empty());
    ArticleText {
        question: raw(Field::Question),
        summary: raw(Field::Summary),
        answer: raw(Field::Answer),
        keywords: lines(&raw(Field::Keywords)),
        facts: Facts {
            who: fact(Field::Who),
            deadline: fact(Field::Deadline),
            bring: lines(&raw(Field::Bring)),
            fee: fact(Field::Fee),
            place: fact(Field::Place),
            hours: fact(Field::Hours),
            online_label: fact(Field::OnlineLabel),
            online_url: fact(Field::OnlineUrl),
        },
    }
}

/// Name and id of a field in the form.
fn name(field: Field, lang: Lang) -> String {
    format!("{}_{}", field.code(), lang.code())
}

/// Where on the page a problem is, for links.
pub(super) fn anchor(problem: &FieldProblem) -> String {
    match (problem.field, problem.lang) {
        ("lang", _) => "question_ja".into(),
        ("topics", _) => "main_topic".into(),
        (field, Some(lang)) => format!("{field}_{}", lang.code()),
        (field, None) => field.to_owned(),
    }
}

/// A field of the form.
pub(super) struct Input {
    pub(super) name: String,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    pub(super) value: String,
    /// Lines; 1 for a field of one line.
    pub(super) rows: usize,
    /// Most characters that are good, and how many there are.
    pub(super) count: Option<(usize, usize)>,
    pub(super) kind: &'static str,
    pub(super) errors: Vec<String>,
}

/// A language of the form.
pub(super) struct LangForm {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) html: &'static str,
    pub(super) empty: bool,
    pub(super) main: Vec<Input>,
    pub(super) facts: Vec<Input>,
}

/// A topic that can be ticked.
pub(super) struct TopicGroupForm {
    pub(super) label: &'static str,
    pub(super) topics: Vec<Choice>,
}

/// Problems of one field.
fn errors(problems: &[FieldProblem], anchored: &str) -> Vec<String> {
    problems.iter().filter(|p| anchor(p) == anchored).map(|p| p.reason.clone()).collect()
}

fn input(content: &Content, field: Field, lang: Lang, problems: &[FieldProblem]) -> Input {
    let value = field.value(content, lang);
    let (rows, hint) = match field {
        Field::Question => (2, "市民が聞く言い方で書きます。"),
        Field::Summary => (3, "1〜2文で、答えそのものを書きます。"),
        Field::Answer => (14, "見出しは ##、箇条書きは - で始めます。"),
        Field::Keywords => (4, "市民が使いそうな、本文にない言葉。1行に1つ。"),
        Field::Bring => (3, "1行に1つ。"),
        Field::OnlineUrl => (1, "https:// から始まるアドレス。"),
        _ => (1, ""),
    };
    let most = match field {
        Field::Question => Some(LIMITS.question),
        Field::Summary => Some(LIMITS.summary[lang as usize]),
        Field::Answer => Some(LIMITS.answer),
        _ => None,
    };
    let name = name(field, lang);
    Input {
        label: field.name(),
        hint,
        count: most.map(|most| (most, value.chars().count())),
        rows,
        kind: if field == Field::OnlineUrl { "url" } else { "text" },
        errors: errors(problems, &name),
        value,
        name,
    }
}

/// The texts, language by language.
pub(super) fn langs(content: &Content, problems: &[FieldProblem]) -> Vec<LangForm> {
    let form = |lang: Lang| LangForm {
        code: lang.code(),
        name: lang_name(lang),
        html: lang.html(),
        empty: !content.texts.contains_key(&lang),
        main: Field::TEXT[..4].iter().map(|f| input(content, *f, lang, problems)).collect(),
        facts: Field::TEXT[4..].iter().map(|f| input(content, *f, lang, problems)).collect(),
    };
    Lang::ALL.map(form).into()
}

/// The days; `typed` stands before what is stored.
pub(super) fn days(content: &Content, typed: &[(&'static str, String)], problems: &[FieldProblem]) -> Vec<Input> {
    let day = |(field, hint): (Field, &'static str)| {
        let typed = typed.iter().find(|(name, _)| *name == field.code()).map(|(_, v)| v.clone());
        Input {
            name: field.code().to_owned(),
            label: field.name(),
            hint,
            value: typed.unwrap_or_else(|| field.value(content, Lang::Ja)),
            rows: 1,
            count: None,
            kind: "date",
            errors: errors(problems, field.code()),
        }
    };
    DAYS.map(day).into()
}

/// A field that stands once and is no text: its problems.
pub(super) fn problems_of(problems: &[FieldProblem], anchored: &str) -> Vec<String> {
    errors(problems, anchored)
}

/// The main topic as a choice.
pub(super) fn main_topics(content: &Content) -> Vec<Choice> {
    let main = content.topics.first().map_or("", |t| t);
    let mut all = vec![Choice::new("", "選んでください", main)];
    all.extend(TOPICS.iter().map(|t| Choice::new(t.code, t.name(Lang::Ja), main)));
    all
}

/// All topics to tick, in the catalogue's two halves.
pub(super) fn topic_groups(content: &Content) -> Vec<TopicGroupForm> {
    [(TopicGroup::Life, "人生のできごと"), (TopicGroup::Daily, "毎日のこと")]
        .map(|(group, label)| TopicGroupForm {
            label,
            topics: TOPICS
                .iter()
                .filter(|t| t.group == group)
                .map(|t| Choice {
                    value: t.code.into(),
                    label: t.name(Lang::Ja).into(),
                    chosen: content.topics.iter().any(|c| c == t.code),
                })
                .collect(),
        })
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_topic_stands_first_and_the_others_keep_their_places() {
        let pairs = |main: &str, topics: &[&str]| {
            let mut pairs = vec![("main_topic".to_owned(), main.to_owned())];
            pairs.extend(topics.iter().map(|t| ("topics".to_owned(), (*t).to_owned())));
            Fields::from_pairs(pairs)
        };
        let before: Vec<String> = ["tax", "moving", "pension"].map(str::to_owned).into();
        assert_eq!(topics(&pairs("tax", &["moving", "pension", "tax"]), &before), before);
        assert_eq!(topics(&pairs("work", &["moving", "pension", "work"]), &before), ["work", "moving", "pension"]);
        assert_eq!(topics(&pairs("", &["education", "tax"]), &before), ["tax", "education"]);
        assert!(topics(&pairs("", &[]), &before).is_empty());
    }
}
