//! Questions back (聞き返し): where citizens say one word that may mean several things, what the bot asks, and which
//! article each choice leads to. A readable file of the city; see `docs/services/contact.md`.

use calendar::Clock;
use serde::Deserialize;
use store::{FromRow, Row, Tx};

use crate::ContactError;
use crate::message::Choice;
use crate::store::clarification as rows;

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

/// Reads a file; the sentence says what is wrong in it.
pub fn read(text: &str, knows: &dyn Fn(&str) -> bool) -> Result<Vec<Clarification>, String> {
    let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
    for c in &file.clarification {
        let wrong = |reason: String| Err(format!("clarification {:?} ({}): {reason}", c.code, c.lang));
        if c.words.is_empty() || c.words.iter().any(|w| w.trim().is_empty() || w.contains(' ')) {
            return wrong("`words` needs at least one word, without blanks".into());
        }
        if !(2..=6).contains(&c.choices.len()) {
            return wrong(format!("2 to 6 choices are needed, there are {}", c.choices.len()));
        }
        if let Some(unknown) = c.choices.iter().find(|o| !knows(&o.article)) {
            return wrong(format!("there is no article {:?}", unknown.article));
        }
    }
    Ok(file.clarification)
}

/// Puts these in the place of all that are there.
pub async fn replace(tx: &mut Tx, clock: &dyn Clock, all: &[Clarification]) -> Result<(), ContactError> {
    rows::clear(tx).await?;
    for c in all {
        let choices = serde_json::to_string(&c.choices).map_err(|e| ContactError::Rule(e.to_string()))?;
        rows::put(tx, c, &choices, clock.now()).await?;
    }
    Ok(())
}

/// Those of a language, and the Japanese ones where there is none.
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
            (", { label = \"市内で\", article = \"tenkyo\" }", "", "2 to 6"),
            ("question", "qestion", "qestion"),
        ] {
            let error = read(&GOOD.replace(from, to), &knows).expect_err(part);
            assert!(error.contains(part), "{error}");
        }
    }
}
