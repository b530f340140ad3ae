//! The versions of an article: what was published when, by whom and why.
//!
//! Each published version is kept. An article that was there before versions were kept gets its first one
//! when it is changed; until then its present state stands in for it.

use calendar::{Date, Instant};
use store::Tx;

use crate::store::{article, revision as rows};
use crate::{Content, Field, KnowledgeError, compare};

/// How a version came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// From a file.
    Import,
    /// Written at the desk and approved.
    Publish,
    /// Checked and found true; only the dates changed.
    Recheck,
    /// Taken off the public face.
    Withdraw,
    /// An earlier version, approved again.
    Restore,
    /// Section or dates of several articles changed at once.
    Adjust,
}

impl Kind {
    const ALL: [Kind; 6] = [Kind::Import, Kind::Publish, Kind::Recheck, Kind::Withdraw, Kind::Restore, Kind::Adjust];

    /// The code in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Import => "import",
            Kind::Publish => "publish",
            Kind::Recheck => "recheck",
            Kind::Withdraw => "withdraw",
            Kind::Restore => "restore",
            Kind::Adjust => "adjust",
        }
    }

    /// The kind with a code.
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.code() == code)
    }

    /// What the interface calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Import => "取り込み",
            Kind::Publish => "公開",
            Kind::Recheck => "確認（内容に変わりなし）",
            Kind::Withdraw => "掲載の終了",
            Kind::Restore => "以前の版に戻した",
            Kind::Adjust => "担当課・日付の変更",
        }
    }
}

/// A version of an article, for staff.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Its number, from 1.
    pub version: i64,
    /// When it was published.
    pub at: Instant,
    /// How it came to be.
    pub kind: Kind,
    /// Account that wrote it, or `import`.
    pub actor: String,
    /// Account that approved it.
    pub approved_by: Option<String>,
    /// Why, in a sentence.
    pub note: Option<String>,
    /// What it says.
    pub content: Content,
}

/// A version of an article as the public sees it: without names and notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicVersion {
    /// Its number, from 1.
    pub version: i64,
    /// On which day.
    pub on: Date,
    /// Code of the section that answered for it.
    pub section: String,
    /// How it came to be.
    pub kind: Kind,
    /// Fields that are not as in the version before; empty for the first one known.
    pub changed: Vec<Field>,
}

/// All versions of an article by its code, newest first, for staff.
pub async fn versions(tx: &mut Tx, code: &str) -> Result<Vec<Revision>, KnowledgeError> {
    let id = article::id_of(tx, code).await?.ok_or(KnowledgeError::NotFound)?;
    let mut versions = rows::list(tx, &id).await?;
    if versions.is_empty() {
        versions.push(present(tx, &id).await?);
    }
    Ok(versions)
}

/// All versions of an article by its code, newest first, for everybody.
pub async fn history(tx: &mut Tx, code: &str) -> Result<Vec<PublicVersion>, KnowledgeError> {
    let versions = versions(tx, code).await?;
    let public = |(i, v): (usize, &Revision)| PublicVersion {
        version: v.version,
        on: v.at.jst_date(),
        section: v.content.section.clone(),
        kind: v.kind,
        changed: versions.get(i + 1).map(|before| changed_fields(&before.content, &v.content)).unwrap_or_default(),
    };
    Ok(versions.iter().enumerate().map(public).collect())
}

/// The fields in which two contents differ in any language, each once.
pub fn changed_fields(before: &Content, after: &Content) -> Vec<Field> {
    let mut fields: Vec<Field> = compare::differing(before, after).into_iter().map(|(field, _)| field).collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

/// One version of an article by its code.
pub async fn version(tx: &mut Tx, code: &str, version: i64) -> Result<Revision, KnowledgeError> {
    let id = article::id_of(tx, code).await?.ok_or(KnowledgeError::NotFound)?;
    if let Some(found) = rows::get(tx, &id, version).await? {
        return Ok(found);
    }
    let present = present(tx, &id).await?;
    if present.version == version { Ok(present) } else { Err(KnowledgeError::NotFound) }
}

/// The state of an article of which no version is stored yet.
async fn present(tx: &mut Tx, id: &str) -> Result<Revision, KnowledgeError> {
    let article = article::get(tx, id).await?.ok_or(KnowledgeError::NotFound)?;
    Ok(Revision {
        version: article.version,
        at: article.updated_at,
        kind: Kind::Import,
        actor: rows::IMPORT.to_owned(),
        approved_by: None,
        note: None,
        content: article.content,
    })
}
