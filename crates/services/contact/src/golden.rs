//! Golden questions (試験問題): per topic, questions of which the city says what must come of them. Which topics the
//! bot may answer on is decided by asking them ([`crate::golden_run`], [`crate::gate`]).
//!
//! A question expects one of some articles, as the answer or among the choices that are offered, or it must be
//! refused: better no answer than one that is not the city's.

use std::collections::BTreeSet;

use access::Action;
use calendar::{Clock, Instant};
use city::Lang;
use serde::Deserialize;
use store::audit;
use store::{Entropy, FromRow, Row, Tx, changes, ids};

use crate::gate::CONTROL_TOPIC;
use crate::staff::Desk;
use crate::store::golden as rows;
use crate::{ContactError, field, message};

pub use crate::store::golden::{all, get};

/// Longest question, in characters.
pub const MAX_WORDS: usize = 200;
/// Most articles of which any one is right.
pub const MAX_ARTICLES: usize = 5;

/// A golden question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldenQuestion {
    /// Id.
    pub id: String,
    /// Code of the topic for which it counts.
    pub topic: String,
    /// Code of the language in which it is asked.
    pub lang: String,
    /// The question, in a citizen's words.
    pub words: String,
    /// Codes of the articles of which one must come; none where it must be refused.
    pub articles: Vec<String>,
    /// Who wrote it last: `account:ID` or `import`.
    pub updated_by: String,
    /// When.
    pub updated_at: Instant,
}

impl GoldenQuestion {
    /// Whether the bot must say that it cannot answer.
    pub fn must_refuse(&self) -> bool {
        self.articles.is_empty()
    }
}

/// Codes that stand in one column with blanks between.
pub(crate) fn codes(text: &str) -> Vec<String> {
    text.split(' ').filter(|c| !c.is_empty()).map(str::to_owned).collect()
}

impl FromRow for GoldenQuestion {
    fn from_row(row: &Row) -> store::Result<Self> {
        let articles: String = row.get("articles")?;
        Ok(GoldenQuestion {
            id: row.get("id")?,
            topic: row.get("topic")?,
            lang: row.get("lang")?,
            words: row.get("words")?,
            articles: codes(&articles),
            updated_by: row.get("updated_by")?,
            updated_at: row.get("updated_at")?,
        })
    }
}

/// A question of a file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Code of the topic.
    pub topic: String,
    /// Code of the language.
    #[serde(default = "japanese")]
    pub lang: String,
    /// The question.
    pub words: String,
    /// Codes of the articles of which one must come.
    #[serde(default)]
    pub articles: Vec<String>,
    /// Whether it must be refused.
    #[serde(default)]
    pub refuse: bool,
}

fn japanese() -> String {
    "ja".into()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    golden: Vec<Line>,
}

/// A question as duplicates are found: without blanks around, in one form of width.
fn same_words(words: &str) -> String {
    text::normal::normalise(words).trim().to_owned()
}

/// What is wrong with one question; nothing if it can be taken.
fn fault(line: &Line, knows: &dyn Fn(&str) -> bool) -> Option<String> {
    let length = message::clean(&line.words).chars().count();
    if city::topic(&line.topic).is_none() {
        return Some(format!("there is no topic {:?}", line.topic));
    }
    if Lang::from_code(&line.lang).is_none() {
        return Some(format!("there is no language {:?}; ja, easy and en are", line.lang));
    }
    if length == 0 || length > MAX_WORDS || line.words.contains('\n') {
        return Some(format!("`words` must be one line of 1 to {MAX_WORDS} characters"));
    }
    match (line.refuse, line.articles.len()) {
        (true, 1..) => return Some("it names articles and `refuse = true`; only one of both can be right".into()),
        (false, 0) => return Some("it needs `articles`, or `refuse = true`".into()),
        (false, n) if n > MAX_ARTICLES => {
            return Some(format!("it names {n} articles; {MAX_ARTICLES} at most, or nothing is tested"));
        }
        _ => {}
    }
    if let Some(unknown) = line.articles.iter().find(|code| !knows(code)) {
        return Some(format!("there is no article {unknown:?}"));
    }
    let distinct: BTreeSet<&String> = line.articles.iter().collect();
    (distinct.len() < line.articles.len()).then(|| "it names an article twice".into())
}

/// Reads a file of golden questions. `knows` tells which articles there are. Every mistake is a sentence.
pub fn read(name: &str, text: &str, knows: &dyn Fn(&str) -> bool) -> Result<Vec<Line>, Vec<String>> {
    let file: File = toml::from_str(text).map_err(|e| vec![format!("{name}: {e}")])?;
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for (number, line) in (1..).zip(&file.golden) {
        let mut wrong = |reason: String| faults.push(format!("{name}: question {number} ({:?}): {reason}", line.words));
        if let Some(reason) = fault(line, knows) {
            wrong(reason);
        }
        if !seen.insert((same_words(&line.words), line.lang.clone())) {
            wrong("it stands in the file twice".into());
        }
    }
    if faults.is_empty() { Ok(file.golden) } else { Err(faults) }
}

/// Takes questions of a file in; those whose words are there already are written anew. Returns how many.
pub async fn bring_in(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    lines: &[Line],
) -> Result<usize, ContactError> {
    changes::bump(tx, CONTROL_TOPIC).await?;
    for line in lines {
        let words = message::clean(&line.words);
        let there = rows::with_words(tx, &line.lang, &words).await?;
        let question = GoldenQuestion {
            id: there.unwrap_or_else(|| ids::new_id(clock, &mut *entropy)),
            topic: line.topic.clone(),
            lang: line.lang.clone(),
            words,
            articles: line.articles.clone(),
            updated_by: actor.into(),
            updated_at: clock.now(),
        };
        rows::put(tx, &question).await?;
    }
    Ok(lines.len())
}

/// What was typed in the form of a question.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// Code of the topic.
    pub topic: String,
    /// Code of the language.
    pub lang: String,
    /// The question.
    pub words: String,
    /// Codes of articles, with blanks, commas or line ends between.
    pub articles: String,
    /// Whether it must be refused.
    pub refuse: bool,
}

impl Typed {
    /// The codes that were typed, each once.
    pub fn codes(&self) -> Vec<String> {
        let normal = text::normal::normalise(&self.articles);
        let mut found: Vec<String> = Vec::new();
        for code in normal.split(|c: char| c.is_whitespace() || matches!(c, ',' | '、' | '，')) {
            if !code.is_empty() && found.iter().all(|f| f != code) {
                found.push(code.to_owned());
            }
        }
        found
    }
}

/// What was typed as it is stored, or a sentence for a field.
fn checked(typed: &Typed, knows: &dyn Fn(&str) -> bool) -> Result<(String, Vec<String>), ContactError> {
    if city::topic(&typed.topic).is_none() {
        return Err(field("topic", "分類を選んでください。"));
    }
    if Lang::from_code(&typed.lang).is_none() {
        return Err(field("lang", "言語を選んでください。"));
    }
    let words = message::clean(&typed.words).replace('\n', " ");
    let length = words.chars().count();
    if length == 0 || length > MAX_WORDS {
        return Err(field("words", format!("市民の質問を、1文字から{MAX_WORDS}文字までで書いてください。")));
    }
    let codes = typed.codes();
    if typed.refuse {
        return if codes.is_empty() {
            Ok((words, codes))
        } else {
            Err(field("articles", "「答えてはいけない」を選んだときは、FAQを空にしてください。"))
        };
    }
    if codes.is_empty() {
        return Err(field("articles", "正しい答えになるFAQのコードを書くか、「答えてはいけない」を選んでください。"));
    }
    if codes.len() > MAX_ARTICLES {
        return Err(field("articles", format!("{MAX_ARTICLES}件までにしてください。多すぎると、試験になりません。")));
    }
    if let Some(unknown) = codes.iter().find(|c| !knows(c)) {
        return Err(field(
            "articles",
            format!("「{unknown}」というコードのFAQはありません。FAQの一覧で確かめてください。"),
        ));
    }
    Ok((words, codes))
}

/// Writes a question; `id` is none for a new one. Returns its id.
pub async fn write(
    tx: &mut Tx,
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    knows: &(dyn Fn(&str) -> bool + Sync),
    id: Option<&str>,
    typed: &Typed,
) -> Result<String, ContactError> {
    let may = desk.who.may(Action::AnswerControl);
    let (words, articles) = if may { checked(typed, knows)? } else { return Err(ContactError::Forbidden) };
    if let Some(id) = id {
        rows::get(tx, id).await?.ok_or(ContactError::NotFound)?;
    }
    if rows::with_words(tx, &typed.lang, &words).await?.is_some_and(|other| Some(other.as_str()) != id) {
        return Err(field("words", "同じ質問が、もうあります。一覧から開いて直してください。"));
    }
    changes::bump(tx, CONTROL_TOPIC).await?;
    let question = GoldenQuestion {
        id: id.map_or_else(|| ids::new_id(desk.clock, entropy), str::to_owned),
        topic: typed.topic.clone(),
        lang: typed.lang.clone(),
        words,
        articles,
        updated_by: desk.who.actor(),
        updated_at: desk.clock.now(),
    };
    rows::put(tx, &question).await?;
    record(tx, desk, "golden.write", &question.id).await?;
    Ok(question.id)
}

/// Removes a question; returns it, so that it can be told what is gone.
pub async fn remove(tx: &mut Tx, desk: Desk<'_>, id: &str) -> Result<GoldenQuestion, ContactError> {
    if !desk.who.may(Action::AnswerControl) {
        return Err(ContactError::Forbidden);
    }
    let gone = rows::get(tx, id).await?.ok_or(ContactError::NotFound)?;
    changes::bump(tx, CONTROL_TOPIC).await?;
    rows::remove(tx, id).await?;
    record(tx, desk, "golden.remove", id).await?;
    Ok(gone)
}

async fn record(tx: &mut Tx, desk: Desk<'_>, action: &str, id: &str) -> Result<(), ContactError> {
    let actor = desk.who.actor();
    let fields = &["topic", "words", "articles"];
    let event = audit::Event { actor: &actor, action, object_kind: "golden", object: id, fields };
    Ok(audit::record(tx, desk.clock, event).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knows(code: &str) -> bool {
        ["tennyu", "tenkyo"].contains(&code)
    }

    #[test]
    fn a_file_is_read() {
        let text = "[[golden]]\ntopic='moving'\nwords='よその町から来た'\narticles=['tennyu']\n\
                    [[golden]]\ntopic='moving'\nwords='月へ引っ越す'\nrefuse=true\n";
        let lines = read("golden.toml", text, &knows).expect("read");
        assert_eq!((lines.len(), lines[0].lang.as_str(), lines[1].refuse), (2, "ja", true));
        assert_eq!(read("golden.toml", "", &knows), Ok(Vec::new()));
    }

    #[test]
    fn every_mistake_is_a_sentence() {
        let question = |rest: &str| format!("[[golden]]\n{rest}\n");
        for (rest, wanted) in [
            ("topic='moon'\nwords='a'\nrefuse=true", "no topic \"moon\""),
            ("topic='moving'\nwords='a'\nlang='de'\nrefuse=true", "no language \"de\""),
            ("topic='moving'\nwords=' '\nrefuse=true", "1 to 200 characters"),
            ("topic='moving'\nwords='a'", "needs `articles`"),
            ("topic='moving'\nwords='a'\nrefuse=true\narticles=['tennyu']", "only one of both"),
            ("topic='moving'\nwords='a'\narticles=['hikkoshi']", "no article \"hikkoshi\""),
            ("topic='moving'\nwords='a'\narticles=['tennyu','tennyu']", "twice"),
            ("topic='moving'\nwords='a'\narticles=['1','2','3','4','5','6']", "5 at most"),
            ("topic='moving'\nwords='a'\narticle='tennyu'", "unknown field"),
        ] {
            let faults = read("golden.toml", &question(rest), &knows).expect_err(rest);
            assert!(faults.len() == 1 && faults[0].contains(wanted), "{rest}: {faults:?}");
        }
        let twice = question("topic='moving'\nwords='Ａと１'\nrefuse=true")
            + &question("topic='tax'\nwords='Aと1'\nrefuse=true");
        let faults = read("golden.toml", &twice, &knows).expect_err("twice");
        assert_eq!(faults, ["golden.toml: question 2 (\"Aと1\"): it stands in the file twice"]);
        let both = question("topic='moon'\nwords='a'\nrefuse=true") + &question("topic='moving'\nwords='b'");
        assert_eq!(read("golden.toml", &both, &knows).expect_err("two").len(), 2);
    }

    #[test]
    fn what_is_typed_is_checked() {
        let good = Typed {
            topic: "moving".into(),
            lang: "ja".into(),
            words: " 越して\n来た ".into(),
            articles: "tennyu、ｔｅｎｋｙｏ tennyu".into(),
            refuse: false,
        };
        let (words, codes) = checked(&good, &knows).expect("good");
        assert_eq!((words.as_str(), codes), ("越して 来た", vec!["tennyu".to_owned(), "tenkyo".into()]));
        for (wrong, wanted) in [
            (Typed { topic: String::new(), ..good.clone() }, "topic"),
            (Typed { lang: "x".into(), ..good.clone() }, "lang"),
            (Typed { words: "\n".into(), ..good.clone() }, "words"),
            (Typed { articles: "nothing".into(), ..good.clone() }, "articles"),
            (Typed { articles: " ".into(), ..good.clone() }, "articles"),
            (Typed { refuse: true, ..good.clone() }, "articles"),
        ] {
            let refused = checked(&wrong, &knows).expect_err(wanted);
            assert!(matches!(refused, ContactError::Field { field, .. } if field == wanted), "{refused:?}");
        }
    }
}
