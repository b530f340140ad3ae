//! Questions back (聞き返し): where citizens say one word that may mean several things, what the bot asks, and which
//! article each choice leads to. They come from a readable file of the city (`docs/services/contact.md`) and are kept
//! on the staff's face.

use std::collections::BTreeSet;

use access::Action;
use calendar::Clock;
use serde::Deserialize;
use store::{Entropy, FromRow, Row, Tx, audit, ids};

use crate::ContactError;
use crate::message::Choice;
use crate::staff::Desk;
use crate::store::clarification as rows;

pub use crate::store::clarification::get;

/// A question back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clarification {
    /// Its name.
    pub code: String,
    /// Code of the language.
    #[serde(default = "japanese")]
    pub lang: String,
    /// The words of an open question, each in any form: 引っ越し, 転居, 引越しの手続き.
    pub words: Vec<String>,
    /// What the bot asks.
    pub question: String,
    /// What the citizen chooses among.
    pub choices: Vec<Branch>,
}

/// A choice of a question back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// What stands on the button.
    pub label: String,
    /// Code of the article that answers.
    pub article: String,
}

fn japanese() -> String {
    "ja".into()
}

impl FromRow for Clarification {
    fn from_row(row: &Row) -> store::Result<Self> {
        let (words, choices): (String, String) = (row.get("words")?, row.get("choices")?);
        Ok(Clarification {
            code: row.get("code")?,
            lang: row.get("lang")?,
            words: words.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect(),
            question: row.get("question")?,
            choices: serde_json::from_str(&choices)
                .map_err(|e| store::StoreError::Column { column: "choices".into(), reason: e.to_string() })?,
        })
    }
}

/// A file of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    clarification: Vec<Clarification>,
}

/// Most words of one question back.
pub const MAX_WORDS: usize = 20;
/// Longest word, in characters.
pub const MAX_WORD: usize = 30;
/// Longest question, in characters.
pub const MAX_QUESTION: usize = 100;
/// Longest label of a choice, in characters: it stands on a button.
pub const MAX_LABEL: usize = 40;
/// Fewest and most choices.
pub const CHOICES: std::ops::RangeInclusive<usize> = 2..=6;

/// What is wrong with a question back.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fault {
    Lang,
    Words,
    Word(String),
    Question,
    Number(usize),
    Label,
    SameLabel(String),
    Article(String),
}

impl Fault {
    /// The field of the form.
    const fn field(&self) -> &'static str {
        match self {
            Fault::Lang => "lang",
            Fault::Words | Fault::Word(_) => "words",
            Fault::Question => "question",
            Fault::Number(_) | Fault::Label | Fault::SameLabel(_) | Fault::Article(_) => "choices",
        }
    }

    /// The sentence for whoever edits the file.
    fn in_file(&self) -> String {
        match self {
            Fault::Lang => "`lang` is none of ja, easy, en".into(),
            Fault::Words => format!("`words` needs 1 to {MAX_WORDS} words"),
            Fault::Word(word) => format!("the word {word:?} must have 1 to {MAX_WORD} characters, without blanks"),
            Fault::Question => format!("`question` must be one line of 1 to {MAX_QUESTION} characters"),
            Fault::Number(n) => format!("2 to 6 choices are needed, there are {n}"),
            Fault::Label => format!("each `label` must have 1 to {MAX_LABEL} characters"),
            Fault::SameLabel(label) => format!("two choices are called {label:?}"),
            Fault::Article(code) => format!("there is no article {code:?}"),
        }
    }

    /// The sentence beside the field.
    fn on_page(&self) -> String {
        match self {
            Fault::Lang => "ことばを選んでください。".into(),
            Fault::Words => format!("市民のことばを、1つから{MAX_WORDS}までで書いてください。"),
            Fault::Word(word) => {
                format!("「{word}」は使えません。空白を入れずに、{MAX_WORD}文字までで書いてください。")
            }
            Fault::Question => format!("聞き返す文を、1文字から{MAX_QUESTION}文字までで書いてください。"),
            Fault::Number(n) => format!("選択肢は2つから6つまでです。いまは{n}つです。"),
            Fault::Label => {
                format!("選択肢ごとに、ボタンの文（{MAX_LABEL}文字まで）とFAQのコードの両方を書いてください。")
            }
            Fault::SameLabel(label) => format!("「{label}」という選択肢が2つあります。ちがう文にしてください。"),
            Fault::Article(code) => format!("「{code}」というコードのFAQはありません。FAQの一覧で確かめてください。"),
        }
    }
}

/// The first thing that is wrong with a question back; nothing if it can be taken.
fn fault(c: &Clarification, knows: &dyn Fn(&str) -> bool) -> Option<Fault> {
    let is_long = |text: &str, most: usize| text.trim().is_empty() || text.chars().count() > most;
    let mut labels = BTreeSet::new();
    if city::Lang::from_code(&c.lang).is_none() {
        return Some(Fault::Lang);
    }
    if c.words.is_empty() || c.words.len() > MAX_WORDS {
        return Some(Fault::Words);
    }
    if let Some(word) = c.words.iter().find(|w| is_long(w, MAX_WORD) || w.contains(char::is_whitespace)) {
        return Some(Fault::Word(word.clone()));
    }
    if is_long(&c.question, MAX_QUESTION) || c.question.contains('\n') {
        return Some(Fault::Question);
    }
    if !CHOICES.contains(&c.choices.len()) {
        return Some(Fault::Number(c.choices.len()));
    }
    if c.choices.iter().any(|o| is_long(&o.label, MAX_LABEL) || o.article.is_empty()) {
        return Some(Fault::Label);
    }
    if let Some(twice) = c.choices.iter().find(|o| !labels.insert(same(&o.label))) {
        return Some(Fault::SameLabel(twice.label.clone()));
    }
    c.choices.iter().find(|o| !knows(&o.article)).map(|o| Fault::Article(o.article.clone()))
}

/// A word as the bot compares it: in one form of width and kana.
fn same(word: &str) -> String {
    text::normal::fold_kana(&text::normal::normalise(word)).trim().to_owned()
}

/// The word that another question back of the same language has as well: the bot would never come to the second one.
fn taken<'a>(c: &'a Clarification, others: &[Clarification]) -> Option<&'a str> {
    let elsewhere: BTreeSet<String> = others
        .iter()
        .filter(|o| o.lang == c.lang && o.code != c.code)
        .flat_map(|o| o.words.iter().map(|w| same(w)))
        .collect();
    c.words.iter().find(|w| elsewhere.contains(&same(w))).map(String::as_str)
}

/// Reads a file; the sentence says what is wrong in it.
pub fn read(text: &str, knows: &dyn Fn(&str) -> bool) -> Result<Vec<Clarification>, String> {
    let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
    let all = file.clarification;
    for (n, c) in all.iter().enumerate() {
        let wrong = |reason: String| Err(format!("clarification {:?} ({}): {reason}", c.code, c.lang));
        if let Some(fault) = fault(c, knows) {
            return wrong(fault.in_file());
        }
        if all[..n].iter().any(|o| (&o.code, &o.lang) == (&c.code, &c.lang)) {
            return wrong("it stands in the file twice".into());
        }
        if let Some(word) = taken(c, &all[..n]) {
            return wrong(format!("the word {word:?} stands in another one as well"));
        }
    }
    Ok(all)
}

/// What was typed in the form of a question back.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// Code of the language.
    pub lang: String,
    /// The citizens' words, with commas or line ends between.
    pub words: String,
    /// What the bot asks.
    pub question: String,
    /// Label and code of an article; those with neither are left out.
    pub choices: Vec<(String, String)>,
}

impl Typed {
    fn as_clarification(&self, code: &str) -> Clarification {
        let mut words: Vec<String> = Vec::new();
        for word in self.words.split(['\n', ',', '、', '，']).map(str::trim).filter(|w| !w.is_empty()) {
            if !words.iter().any(|w| w == word) {
                words.push(word.to_owned());
            }
        }
        let branch = |(label, article): &(String, String)| Branch {
            label: crate::message::clean(label),
            article: text::normal::normalise(article).trim().to_owned(),
        };
        let choices = self.choices.iter().map(branch).filter(|b| !b.label.is_empty() || !b.article.is_empty());
        Clarification {
            code: code.to_owned(),
            lang: self.lang.clone(),
            words,
            question: crate::message::clean(&self.question),
            choices: choices.collect(),
        }
    }
}

/// Writes a question back; `at` is code and language of the one that is changed. Returns the code. The bot reads them
/// with every message, so it takes effect at once.
pub async fn write(
    tx: &mut Tx,
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    knows: &(dyn Fn(&str) -> bool + Sync),
    at: Option<(&str, &str)>,
    typed: &Typed,
) -> Result<String, ContactError> {
    if !desk.who.may(Action::AnswerControl) {
        return Err(ContactError::Forbidden);
    }
    if let Some((code, lang)) = at {
        rows::get(tx, code, lang).await?.ok_or(ContactError::NotFound)?;
    }
    let code = at.map_or_else(|| ids::new_id(desk.clock, entropy), |(code, _)| code.to_owned());
    let new = typed.as_clarification(&code);
    if let Some(fault) = fault(&new, knows) {
        return Err(crate::field(fault.field(), fault.on_page()));
    }
    let others = rows::all(tx, &new.lang).await?;
    if let Some(word) = taken(&new, &others) {
        let reason = format!("「{word}」は、ほかの聞き返しにあります。一つのことばは、一つの聞き返しにだけ書けます。");
        return Err(crate::field("words", reason));
    }
    if let Some((_, lang)) = at.filter(|(_, lang)| *lang != new.lang) {
        if others.iter().any(|o| o.code == code) {
            return Err(crate::field("lang", "このことばの聞き返しは、もうあります。一覧から開いて直してください。"));
        }
        rows::remove(tx, &code, lang).await?;
    }
    put(tx, desk.clock, &new).await?;
    record(tx, desk, "clarification.write", &code).await?;
    Ok(code)
}

/// Removes a question back; the words are searched for as any others from then on.
pub async fn remove(tx: &mut Tx, desk: Desk<'_>, code: &str, lang: &str) -> Result<(), ContactError> {
    if !desk.who.may(Action::AnswerControl) {
        return Err(ContactError::Forbidden);
    }
    rows::get(tx, code, lang).await?.ok_or(ContactError::NotFound)?;
    rows::remove(tx, code, lang).await?;
    record(tx, desk, "clarification.remove", code).await
}

async fn record(tx: &mut Tx, desk: Desk<'_>, action: &str, code: &str) -> Result<(), ContactError> {
    let actor = desk.who.actor();
    let fields = &["words", "question", "choices"];
    let event = audit::Event { actor: &actor, action, object_kind: "clarification", object: code, fields };
    Ok(audit::record(tx, desk.clock, event).await?)
}

async fn put(tx: &mut Tx, clock: &dyn Clock, c: &Clarification) -> Result<(), ContactError> {
    let choices = serde_json::to_string(&c.choices).map_err(|e| ContactError::Rule(e.to_string()))?;
    Ok(rows::put(tx, c, &choices, clock.now()).await?)
}

/// Puts these in the place of all that are there.
pub async fn replace(tx: &mut Tx, clock: &dyn Clock, all: &[Clarification]) -> Result<(), ContactError> {
    rows::clear(tx).await?;
    for c in all {
        put(tx, clock, c).await?;
    }
    Ok(())
}

/// Those of a language.
pub async fn of_language(tx: &mut Tx, lang: &str) -> Result<Vec<Clarification>, ContactError> {
    Ok(rows::all(tx, lang).await?)
}

impl Clarification {
    /// What the citizen sees.
    pub fn to_choices(&self) -> Vec<Choice> {
        let choice = |o: &Branch| Choice { label: o.label.clone(), value: format!("article:{}", o.article) };
        self.choices.iter().map(choice).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [[clarification]]
        code = "moving"
        words = ["引っ越し", "転居"]
        question = "どのお引っ越しですか"
        choices = [{ label = "市外から", article = "tennyu" }, { label = "市内で", article = "tenkyo" }]
    "#;

    #[test]
    fn a_file_is_read_or_says_what_is_wrong() {
        let knows = |code: &str| code.starts_with("ten");
        let read_one = read(GOOD, &knows).expect("read");
        assert_eq!((read_one.len(), read_one[0].lang.as_str()), (1, "ja"));
        assert_eq!(read_one[0].to_choices()[1].value, "article:tenkyo");
        for (from, to, part) in [
            ("tenkyo", "nowhere", "no article"),
            ("\"引っ越し\"", "\"引っ 越し\"", "blanks"),
            ("\"引っ越し\"", "\"\"", "blanks"),
            ("[\"引っ越し\", \"転居\"]", "[]", "1 to 20 words"),
            ("どのお引っ越しですか", " ", "`question`"),
            ("どのお引っ越しですか", "どの\\nお引っ越しですか", "`question`"),
            ("市内で", "", "`label`"),
            ("市内で", "市外から", "two choices"),
            ("words", "lang = \"de\"\nwords", "`lang`"),
            (", { label = \"市内で\", article = \"tenkyo\" }", "", "2 to 6"),
            ("question", "qestion", "qestion"),
        ] {
            let error = read(&GOOD.replace(from, to), &knows).expect_err(part);
            assert!(error.contains(part), "{error}");
        }
        let twice = read(&format!("{GOOD}{GOOD}"), &knows).expect_err("twice");
        assert!(twice.contains("twice"), "{twice}");
        let other = GOOD.replace("moving", "other").replace("転居", "てん居").replace("引っ越し", "ヒッコシ");
        let both = format!("{other}{}", GOOD.replace("転居", "ひっこし"));
        assert!(read(&both, &knows).expect_err("the same word").contains("ひっこし"));
        assert_eq!(read(&format!("{GOOD}{other}"), &knows).expect("two").len(), 2);
    }

    #[test]
    fn what_is_typed_is_tidied() {
        let pair = |label: &str, article: &str| (label.to_owned(), article.to_owned());
        let typed = Typed {
            lang: "ja".into(),
            words: " 引っ越し、転居\n転居, ".into(),
            question: " どのお引っ越しですか ".into(),
            choices: vec![pair("市外から", " ｔｅｎｎｙｕ"), pair("", " "), pair("市内で", "tenkyo")],
        };
        let tidy = typed.as_clarification("c");
        assert_eq!(tidy.words, ["引っ越し", "転居"]);
        assert_eq!((tidy.choices.len(), tidy.choices[0].article.as_str()), (2, "tennyu"));
        assert_eq!(fault(&tidy, &|code| code.starts_with("ten")), None);
        let half = Typed { choices: vec![pair("市外から", "tennyu"), pair("市内で", "")], ..typed };
        assert_eq!(fault(&half.as_clarification("c"), &|_| true), Some(Fault::Label));
    }
}
