//! Sentences that operators use again and again (定型文), with variables that are filled when one is inserted.

use access::Action;
use calendar::{Clock, Instant};
use serde::Deserialize;
use store::{Entropy, FromRow, Tx, ids};

use crate::staff::Desk;
use crate::store::macro_text as rows;
use crate::{ContactError, field};

pub use crate::store::macro_text::all;

/// Variables: name and what it becomes.
pub const VARIABLES: &[(&str, &str)] = &[
    ("番号", "応対の番号"),
    ("課", "担当の課の名前"),
    ("電話", "担当の課の電話番号"),
    ("時間", "担当の課の受付時間"),
    ("市", "市の名前"),
    ("今日", "今日の日付"),
];

/// A sentence.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Macro {
    /// Id.
    pub id: String,
    /// Section that uses it; none for the whole city.
    pub section: Option<String>,
    /// Name, in lists.
    pub name: String,
    /// Its words, with `{番号}` for variables.
    pub body: String,
    /// Code of its language.
    pub lang: String,
    /// Who wrote it last.
    pub updated_by: String,
    /// When.
    pub updated_at: Instant,
}

/// Names of variables in a text that are none.
pub fn unknown_variables(body: &str) -> Vec<String> {
    let mut unknown = Vec::new();
    let mut rest = body;
    while let Some(from) = rest.find('{') {
        let after = &rest[from + 1..];
        let Some(to) = after.find('}') else { break };
        let name = &after[..to];
        if !VARIABLES.iter().any(|(known, _)| *known == name) {
            unknown.push(name.to_owned());
        }
        rest = &after[to + 1..];
    }
    unknown
}

/// A text with its variables filled; what is not known stays as it is.
pub fn fill(body: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(body.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// A sentence of the whole city in a readable file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Name, in lists.
    pub name: String,
    /// Its words, with `{番号}` for variables.
    pub body: String,
    /// Code of its language.
    #[serde(default = "japanese")]
    pub lang: String,
}

fn japanese() -> String {
    city::Lang::Ja.code().into()
}

/// A file of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "macro")]
    lines: Vec<Line>,
}

/// Reads a file; the sentence says what is wrong in it.
pub fn read(text: &str) -> Result<Vec<Line>, String> {
    let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
    for line in &file.lines {
        let wrong = |reason: String| Err(format!("macro {:?}: {reason}", line.name));
        if line.name.trim().is_empty() || line.body.trim().is_empty() {
            return wrong("`name` and `body` must not be empty".into());
        }
        if let Some(unknown) = unknown_variables(&line.body).first() {
            return wrong(format!("there is no variable {{{unknown}}}"));
        }
        if city::Lang::from_code(&line.lang).is_none() {
            return wrong(format!("there is no language {:?}", line.lang));
        }
    }
    Ok(file.lines)
}

/// Writes the sentences of a file for the whole city. `by` is who brings them in.
pub async fn bring_in(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    by: &str,
    lines: &[Line],
) -> Result<(), ContactError> {
    for line in lines {
        let made = Macro {
            id: ids::new_id(clock, entropy),
            section: None,
            name: line.name.trim().into(),
            body: crate::message::clean(&line.body),
            lang: line.lang.clone(),
            updated_by: by.into(),
            updated_at: clock.now(),
        };
        rows::put(tx, &made).await?;
        record(tx, clock, by, "macro.write", &made.id).await?;
    }
    Ok(())
}

/// Writes a sentence; `id` is none for a new one. Returns its id. Those of the whole city are for whoever supervises
/// the whole city.
pub async fn put(
    tx: &mut Tx,
    desk: Desk<'_>,
    entropy: Entropy<'_>,
    id: Option<&str>,
    new: (&str, &str, Option<&str>, &str),
) -> Result<String, ContactError> {
    let (name, body, section, lang) = new;
    let (name, body) = (crate::message::clean(name), crate::message::clean(body));
    if name.is_empty() || name.chars().count() > 60 {
        return Err(field("name", "名前を、1文字から60文字までで書いてください。"));
    }
    if body.is_empty() || body.chars().count() > crate::MAX_BODY {
        return Err(field("body", format!("文章を、1文字から{}文字までで書いてください。", crate::MAX_BODY)));
    }
    if let Some(unknown) = unknown_variables(&body).first() {
        return Err(field("body", format!("「{{{unknown}}}」という差し込みはありません。一覧から選んでください。")));
    }
    if city::Lang::from_code(lang).is_none() {
        return Err(field("lang", "言語を選んでください。"));
    }
    let allowed = match section {
        Some(section) => desk.may(Action::ContactSupervise, section),
        None => desk.who.where_may(Action::ContactSupervise).is_none(),
    };
    if !allowed {
        return Err(ContactError::Forbidden);
    }
    if let Some(id) = id {
        let old = rows::get(tx, id).await?.ok_or(ContactError::NotFound)?;
        owns(desk, &old)?;
    }
    let made = Macro {
        id: id.map_or_else(|| ids::new_id(desk.clock, entropy), str::to_owned),
        section: section.map(str::to_owned),
        name,
        body,
        lang: lang.into(),
        updated_by: desk.who.account.clone(),
        updated_at: desk.clock.now(),
    };
    rows::put(tx, &made).await?;
    record(tx, desk.clock, &desk.who.actor(), "macro.write", &made.id).await?;
    Ok(made.id)
}

/// Removes a sentence.
pub async fn remove(tx: &mut Tx, desk: Desk<'_>, id: &str) -> Result<(), ContactError> {
    let old = rows::get(tx, id).await?.ok_or(ContactError::NotFound)?;
    owns(desk, &old)?;
    rows::remove(tx, id, desk.clock.now()).await?;
    record(tx, desk.clock, &desk.who.actor(), "macro.remove", id).await
}

fn owns(desk: Desk<'_>, old: &Macro) -> Result<(), ContactError> {
    let may = match &old.section {
        Some(section) => desk.may(Action::ContactSupervise, section),
        None => desk.who.where_may(Action::ContactSupervise).is_none(),
    };
    if may { Ok(()) } else { Err(ContactError::Forbidden) }
}

async fn record(tx: &mut Tx, clock: &dyn Clock, actor: &str, action: &str, id: &str) -> Result<(), ContactError> {
    let event = store::audit::Event { actor, action, object_kind: "macro", object: id, fields: &["name", "body"] };
    Ok(store::audit::record(tx, clock, event).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_and_unknown_ones_told() {
        let body = "{市}の{課}です。{番号}のことでお返事します。{電話}";
        assert!(unknown_variables(body).is_empty());
        assert_eq!(unknown_variables("{氏名}さま {番号} {"), ["氏名"]);
        let filled = fill(body, &[("市", "みなも市"), ("課", "市民課"), ("番号", "応対-2026-0001"), ("電話", "")]);
        assert_eq!(filled, "みなも市の市民課です。応対-2026-0001のことでお返事します。");
    }
}
