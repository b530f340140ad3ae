//! Opening a 原稿 and writing in it.

use access::Action;
use city::Lang;
use store::{Entropy, Tx, ids};

use super::{Draft, Rescue, State, hold};
use crate::desk::{Desk, Settings};
use crate::revision::{self, Kind};
use crate::store::{article, draft as rows};
use crate::{Article, Content, Field, KnowledgeError, compare};

/// What a 原稿 is opened for.
#[derive(Clone, Debug)]
pub enum Opening<'a> {
    /// A new article of a section.
    New {
        /// Code of the section.
        section: &'a str,
    },
    /// A change of an article; its open 原稿 if it has one.
    Article {
        /// Code of the article.
        code: &'a str,
    },
    /// An earlier version of an article, to be published again.
    Version {
        /// Code of the article.
        code: &'a str,
        /// The version.
        version: i64,
    },
    /// A new article for what citizens could not find.
    Board {
        /// Code of the section.
        section: &'a str,
        /// The question in Japanese.
        question: &'a str,
        /// The citizens' words.
        keywords: Vec<String>,
        /// Ids of the left questions that it will answer.
        sources: &'a [String],
    },
}

/// What is saved.
#[derive(Clone, Debug)]
pub struct Changes {
    /// Code of the article; counts only for one that was never published.
    pub code: String,
    /// What it says.
    pub content: Content,
    /// Why it is changed.
    pub note: String,
}

/// What became of a save.
#[derive(Clone, Debug, PartialEq)]
pub enum SaveOutcome {
    /// It is saved.
    Saved {
        /// The number to save with next.
        edit: i64,
    },
    /// Another person or another window saved meanwhile. What was sent is kept as a rescue.
    Conflict {
        /// What stands there now.
        theirs: Content,
        /// Account that saved it.
        their_editor: String,
        /// The number to save with next.
        edit: i64,
        /// Id of the rescue.
        rescue: String,
    },
}

/// Opens a 原稿. The caller commits.
pub async fn open(
    tx: &mut Tx,
    desk: &Desk<'_>,
    entropy: Entropy<'_>,
    opening: Opening<'_>,
) -> Result<Draft, KnowledgeError> {
    match opening {
        Opening::New { section } => {
            let content = new_content(tx, desk, section).await?;
            start(tx, desk, entropy, None, content).await
        }
        Opening::Board { section, question, keywords, sources } => {
            let mut content = new_content(tx, desk, section).await?;
            if let Some(text) = content.texts.get_mut(&Lang::Ja) {
                text.question = question.to_owned();
                text.keywords = keywords;
            }
            let draft = start(tx, desk, entropy, None, content.tidied()).await?;
            rows::add_sources(tx, &draft.id, sources).await?;
            Ok(draft)
        }
        Opening::Article { code } => {
            let article = published(tx, desk, code).await?;
            let content = refreshed(tx, desk, article.content.clone()).await?;
            start(tx, desk, entropy, Some((&article, Kind::Publish)), content).await
        }
        Opening::Version { code, version } => {
            let article = published(tx, desk, code).await?;
            if rows::open_of(tx, &article.id).await?.is_some() {
                return Err(KnowledgeError::Rule(
                    "この記事には作成中の原稿があります。先にその原稿を公開するか破棄してから、以前の版に戻してください。".into(),
                ));
            }
            let earlier = revision::version(tx, code, version).await?.content;
            let content = refreshed(tx, desk, earlier).await?;
            start(tx, desk, entropy, Some((&article, Kind::Restore)), content).await
        }
    }
}

async fn new_content(tx: &mut Tx, desk: &Desk<'_>, section: &str) -> Result<Content, KnowledgeError> {
    desk.require(Action::ArticleWrite, section)?;
    refreshed(tx, desk, Content::empty(desk.section_today(section), desk.today())).await
}

async fn published(tx: &mut Tx, desk: &Desk<'_>, code: &str) -> Result<Article, KnowledgeError> {
    let id = article::id_of(tx, code).await?.ok_or(KnowledgeError::NotFound)?;
    let article = article::get(tx, &id).await?.ok_or(KnowledgeError::NotFound)?;
    desk.require(Action::ArticleWrite, &article.content.section)?;
    Ok(article)
}

/// Whoever writes checks: the day of the check is today, and a day of review that has passed moves on.
async fn refreshed(tx: &mut Tx, desk: &Desk<'_>, mut content: Content) -> Result<Content, KnowledgeError> {
    let today = desk.today();
    content.checked_on = today;
    if content.review_due.is_none_or(|due| due <= today) {
        content.review_due = Some(Settings::load(tx).await?.next_review(desk)?);
    }
    Ok(content)
}

async fn start(
    tx: &mut Tx,
    desk: &Desk<'_>,
    entropy: Entropy<'_>,
    of: Option<(&Article, Kind)>,
    content: Content,
) -> Result<Draft, KnowledgeError> {
    let id = ids::new_id(desk.clock, entropy);
    let code = match of {
        Some((article, _)) => article.code.clone(),
        None => new_code(tx, entropy).await?,
    };
    let draft = Draft {
        id,
        article: of.map(|(a, _)| a.id.clone()),
        code,
        base_version: of.map_or(0, |(a, _)| a.version),
        home: of.map_or(&content.section, |(a, _)| &a.content.section).clone(),
        purpose: of.map_or(Kind::Publish, |(_, purpose)| purpose),
        content,
        state: State::Writing,
        author: desk.who.account.clone(),
        submitted_by: None,
        edit: 1,
        note: String::new(),
        created_at: desk.now(),
        updated_at: desk.now(),
        updated_by: desk.who.account.clone(),
        closed_at: None,
    };
    if let Some(there) = place(tx, desk, &draft).await? {
        return Ok(there);
    }
    Ok(draft)
}

/// Writes a new 原稿 with its first step, unless its article has an open one, which is then returned.
pub(crate) async fn place(tx: &mut Tx, desk: &Desk<'_>, draft: &Draft) -> Result<Option<Draft>, KnowledgeError> {
    if !rows::insert(tx, draft).await? {
        let there = match &draft.article {
            Some(article) => rows::open_of(tx, article).await?,
            None => None,
        };
        return there.map(Some).ok_or(KnowledgeError::Changed);
    }
    // Who opens it has not written in it yet, but has chosen what stands there.
    rows::add_editor(tx, &draft.id, &draft.author).await?;
    rows::insert_event(tx, &draft.id, "made", &draft.author, None, draft.created_at).await?;
    desk.audit(tx, "draft.open", "draft", &draft.id, &[]).await?;
    Ok(None)
}

/// A code for an article that has none yet: `q-` and six characters.
async fn new_code(tx: &mut Tx, entropy: Entropy<'_>) -> Result<String, KnowledgeError> {
    for _ in 0..20 {
        let key = ids::new_key(entropy).to_lowercase();
        let code = format!("q-{}", key.chars().filter(|c| *c != '-').take(6).collect::<String>());
        if !rows::code_is_taken(tx, &code, "").await? {
            return Ok(code);
        }
    }
    Err(KnowledgeError::Changed)
}

/// Saves a 原稿, with problems or without. `edit` is the number that was read: if somebody saved since,
/// nothing is overwritten, and what was sent is kept. The caller commits in either case.
pub async fn save(
    tx: &mut Tx,
    desk: &Desk<'_>,
    entropy: Entropy<'_>,
    id: &str,
    edit: i64,
    changes: Changes,
) -> Result<SaveOutcome, KnowledgeError> {
    let draft = hold(tx, desk, id, Action::ArticleWrite).await?;
    let content = changes.content.clone().tidied();
    if !draft.state.is_writable() || draft.edit != edit {
        // Remarks and a proposed code have no rescue: they are put beside those of the other.
        let theirs = draft.content.clone();
        let draft = if draft.state.is_writable() { with_remarks(tx, desk, draft, &changes).await? } else { draft };
        if theirs == content {
            return Ok(SaveOutcome::Saved { edit: draft.edit });
        }
        let rescue = Rescue {
            id: ids::new_id(desk.clock, entropy),
            draft: draft.id.clone(),
            account: desk.who.account.clone(),
            edit,
            content,
            at: desk.now(),
        };
        rows::insert_rescue(tx, &rescue).await?;
        desk.audit(tx, "draft.rescue", "draft", id, &[]).await?;
        return Ok(SaveOutcome::Conflict {
            theirs: draft.content,
            their_editor: draft.updated_by,
            edit: draft.edit,
            rescue: rescue.id,
        });
    }
    write(tx, desk, draft, Changes { content, ..changes }).await
}

/// Adds what was sent on top of another's edit to its remark, where it says something else.
async fn with_remarks(tx: &mut Tx, desk: &Desk<'_>, draft: Draft, sent: &Changes) -> Result<Draft, KnowledgeError> {
    let mut note = draft.note.clone();
    let mut add = |line: &str| {
        if !line.is_empty() && !note.contains(line) {
            note = if note.is_empty() { line.to_owned() } else { format!("{note}\n{line}") };
        }
    };
    add(sent.note.trim());
    let code = sent.code.trim();
    if draft.article.is_none() && !code.is_empty() && code != draft.code {
        add(&format!("記事コードの別の案: {code}"));
    }
    let changes = Changes { code: draft.code.clone(), content: draft.content.clone(), note };
    let id = draft.id.clone();
    write(tx, desk, draft, changes).await?;
    hold(tx, desk, &id, Action::ArticleWrite).await
}

async fn write(tx: &mut Tx, desk: &Desk<'_>, draft: Draft, changes: Changes) -> Result<SaveOutcome, KnowledgeError> {
    let mut next = draft.clone();
    if next.article.is_none() {
        next.code = changes.code.trim().replace('\0', "");
    }
    next.content = changes.content;
    next.note = changes.note.trim().replace('\0', "");
    if next == draft {
        return Ok(SaveOutcome::Saved { edit: draft.edit });
    }
    let mut fields: Vec<&str> =
        revision::changed_fields(&draft.content, &next.content).into_iter().map(Field::code).collect();
    if next.code != draft.code {
        fields.push(Field::Code.code());
    }
    if next.note != draft.note {
        fields.push("note");
    }
    next.edit += 1;
    next.updated_at = desk.now();
    next.updated_by.clone_from(&desk.who.account);
    rows::update(tx, &next).await?;
    rows::add_editor(tx, &next.id, &desk.who.account).await?;
    desk.audit(tx, "draft.save", "draft", &next.id, &fields).await?;
    Ok(SaveOutcome::Saved { edit: next.edit })
}

/// Takes fields of a rescue over into the 原稿 as it is now, and lets the rescue go. `edit` is the number of
/// the 原稿 beside which the rescue was shown.
///
/// # Errors
///
/// [`KnowledgeError::Changed`] if somebody saved since; the rescue stays.
pub async fn merge_rescue(
    tx: &mut Tx,
    desk: &Desk<'_>,
    rescue: &str,
    edit: i64,
    fields: &[(Field, Lang)],
) -> Result<SaveOutcome, KnowledgeError> {
    let found = rows::rescue(tx, rescue, &desk.who.account).await?.ok_or(KnowledgeError::NotFound)?;
    let draft = hold(tx, desk, &found.draft, Action::ArticleWrite).await?;
    if draft.edit != edit {
        return Err(KnowledgeError::Changed);
    }
    if !draft.state.is_writable() {
        return Err(not_writable());
    }
    let mut content = draft.content.clone();
    for (field, lang) in fields {
        field.copy(&found.content, *lang, &mut content);
    }
    rows::delete_rescue(tx, rescue, &desk.who.account).await?;
    let changes = Changes { code: draft.code.clone(), content, note: draft.note.clone() };
    write(tx, desk, draft, changes).await
}

/// Lets a rescue go.
pub async fn discard_rescue(tx: &mut Tx, desk: &Desk<'_>, rescue: &str) -> Result<(), KnowledgeError> {
    let found = rows::rescue(tx, rescue, &desk.who.account).await?.ok_or(KnowledgeError::NotFound)?;
    rows::delete_rescue(tx, rescue, &desk.who.account).await?;
    desk.audit(tx, "draft.rescue-discard", "draft", &found.draft, &[]).await
}

/// Brings what was published since into a 原稿 (see [`super::rebase`]).
pub(super) fn bring_in(base: &Content, published: &Content, draft: &mut Draft) -> Vec<(Field, Lang)> {
    compare::merge(base, published, &mut draft.content)
}

pub(super) fn not_writable() -> KnowledgeError {
    KnowledgeError::Rule(
        "承認待ち・公開済み・破棄した原稿は書き直せません。承認待ちのときは、先に取り下げてください。".into(),
    )
}
