//! What is done with published articles without writing: found true again, taken off, moved, given new days.
//!
//! Each change is a version of its own. With several articles it is all or nothing: if one cannot be
//! changed, none is, and each that cannot is told with its reason.

use std::collections::BTreeSet;

use access::Action;
use calendar::Date;
use store::{Entropy, Tx, ids};

use crate::desk::{Desk, Settings};
use crate::draft::{self, Draft};
use crate::revision::{self, Kind};
use crate::store::article::{self, Change};
use crate::store::{draft as draft_rows, notice};
use crate::{Article, Content, Field, KnowledgeError};

/// Most articles that are changed at once.
pub const MOST_AT_ONCE: usize = 5_000;

/// An article that cannot be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its code.
    pub code: String,
    /// Why not and what to do, in Japanese.
    pub reason: String,
}

/// What became of a recheck.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rechecked {
    /// Articles that have a new day of check.
    pub done: usize,
    /// Ids of 原稿 that wait for another person, where the city wants one.
    pub submitted: Vec<String>,
}

/// Takes an article off the public face today: its last day becomes yesterday. The reason stands in its
/// versions for staff. Returns the new version.
pub async fn withdraw(tx: &mut Tx, desk: &Desk<'_>, code: &str, reason: &str) -> Result<i64, KnowledgeError> {
    let reason =
        draft::required(reason, "reason", "掲載を終える理由を書いてください。あとで経緯を確かめられるようにします。")?;
    article::take_turn(tx).await?;
    let found = article::by_codes(tx, &[code.to_owned()]).await?.pop().ok_or(KnowledgeError::NotFound)?;
    desk.require(Action::ArticleApprove, &found.content.section)?;
    let today = desk.today();
    if found.content.valid_to.is_some_and(|to| to < today) {
        return Err(KnowledgeError::Rule("この記事の掲載はすでに終わっています。".into()));
    }
    let mut content = found.content.clone();
    let last = today.yesterday().unwrap_or(today);
    content.valid_to = Some(last);
    // An article that had not begun yet would end before its first day.
    content.valid_from = content.valid_from.filter(|from| *from <= last);
    let version = publish(tx, desk, &found, &content, Kind::Withdraw, Some(&reason)).await?;
    // The section knows: it did it itself.
    notice::known(tx, &found.id, "expired", last, &content.section, desk.now()).await?;
    Ok(version)
}

/// Confirms that articles are true as they stand: checked today, to be checked again after the months of the
/// setting. Whoever may write or approve in the section may do so; if the city wants a second person, each
/// becomes a 原稿 that waits for approval.
pub async fn recheck(
    tx: &mut Tx,
    desk: &Desk<'_>,
    entropy: Entropy<'_>,
    codes: &[String],
) -> Result<Rechecked, KnowledgeError> {
    let settings = Settings::load(tx).await?;
    let due = settings.next_review(desk)?;
    let today = desk.today();
    let articles = gather(tx, codes, |a| {
        let may = |action| desk.may(action, &a.content.section);
        if !may(Action::ArticleWrite) && !may(Action::ArticleApprove) {
            return Some(OTHER_SECTION.into());
        }
        a.content
            .valid_to
            .is_some_and(|to| to < today)
            .then(|| "掲載が終わっています。続けて載せるときは、原稿で掲載終了日を直してください。".into())
    })
    .await?;
    let mut outcome = Rechecked::default();
    let mut refused = Vec::new();
    for found in articles {
        let content = Content { checked_on: today, review_due: Some(due), ..found.content.clone() };
        if settings.recheck_second_person {
            match submit_recheck(tx, desk, &mut *entropy, &found, content).await? {
                Some(draft) => outcome.submitted.push(draft),
                None => refused.push(Refusal {
                    code: found.code,
                    reason: "作成中の原稿があります。その原稿の承認で確認も済みます。".into(),
                }),
            }
        } else if content != found.content {
            publish(tx, desk, &found, &content, Kind::Recheck, None).await?;
            outcome.done += 1;
        }
    }
    if refused.is_empty() { Ok(outcome) } else { Err(KnowledgeError::Bulk(refused)) }
}

async fn submit_recheck(
    tx: &mut Tx,
    desk: &Desk<'_>,
    entropy: Entropy<'_>,
    found: &Article,
    content: Content,
) -> Result<Option<String>, KnowledgeError> {
    let who = &desk.who.account;
    let draft = Draft {
        id: ids::new_id(desk.clock, entropy),
        article: Some(found.id.clone()),
        code: found.code.clone(),
        base_version: found.version,
        home: found.content.section.clone(),
        purpose: Kind::Recheck,
        content,
        state: draft::State::Submitted,
        author: who.clone(),
        submitted_by: Some(who.clone()),
        edit: 1,
        note: String::new(),
        created_at: desk.now(),
        updated_at: desk.now(),
        updated_by: who.clone(),
        closed_at: None,
    };
    if draft::place(tx, desk, &draft).await?.is_some() {
        return Ok(None);
    }
    draft_rows::insert_event(tx, &draft.id, "submitted", who, None, desk.now()).await?;
    Ok(Some(draft.id))
}

/// Gives articles to another section. The principal must be allowed to approve in both; articles of a section that was
/// divided may also go to any that took over. Returns how many changed.
pub async fn change_section(
    tx: &mut Tx,
    desk: &Desk<'_>,
    codes: &[String],
    section: &str,
) -> Result<usize, KnowledgeError> {
    let new = desk.organisation.section(section, desk.today()).map(|s| s.code.clone());
    let new = new.ok_or_else(|| KnowledgeError::Rule("その課はいまありません。担当課を選び直してください。".into()))?;
    let divided = desk.organisation.needs_choice(desk.today());
    let heirs = || divided.iter().filter(|choice| choice.successors.contains(&new));
    if heirs().next().is_none() {
        desk.require(Action::ArticleApprove, &new)?;
    }
    let approves = desk.may(Action::ArticleApprove, &new);
    let foreign = |a: &Article| {
        let allowed = approves || heirs().any(|choice| choice.code == a.content.section);
        (!allowed).then(|| "移す先の課の承認者ではありません。移す先の課か、全体の担当者に頼んでください。".to_owned())
    };
    adjust(tx, desk, codes, foreign, |content| content.section.clone_from(&new)).await
}

/// Sets the day by which articles must be checked again. Returns how many changed.
pub async fn set_review_due(
    tx: &mut Tx,
    desk: &Desk<'_>,
    codes: &[String],
    due: Date,
) -> Result<usize, KnowledgeError> {
    if due < desk.today() {
        return Err(KnowledgeError::Rule("見直し期限は今日以降の日付にしてください。".into()));
    }
    adjust(tx, desk, codes, |_| None, |content| content.review_due = Some(due)).await
}

/// Sets the last day on which articles are shown, or takes it away. Returns how many changed.
pub async fn set_valid_to(
    tx: &mut Tx,
    desk: &Desk<'_>,
    codes: &[String],
    last: Option<Date>,
) -> Result<usize, KnowledgeError> {
    if last.is_some_and(|day| day < desk.today()) {
        return Err(KnowledgeError::Rule(
            "掲載終了日は今日以降の日付にしてください。すぐに終えるときは「掲載を終える」を使ってください。".into(),
        ));
    }
    let before_start = |a: &Article| match (a.content.valid_from, last) {
        (Some(from), Some(to)) if to < from => {
            Some(format!("掲載開始日（{from}）より前になります。開始日より後の日付にしてください。"))
        }
        _ => None,
    };
    adjust(tx, desk, codes, before_start, |content| content.valid_to = last).await
}

const OTHER_SECTION: &str = "担当課の権限がありません。担当課か全体調整の人に依頼してください。";

async fn adjust(
    tx: &mut Tx,
    desk: &Desk<'_>,
    codes: &[String],
    refused: impl Fn(&Article) -> Option<String>,
    set: impl Fn(&mut Content),
) -> Result<usize, KnowledgeError> {
    let articles = gather(tx, codes, |a| {
        if desk.may(Action::ArticleApprove, &a.content.section) { refused(a) } else { Some(OTHER_SECTION.into()) }
    })
    .await?;
    let mut changed = 0;
    for found in articles {
        let mut content = found.content.clone();
        set(&mut content);
        if content != found.content {
            publish(tx, desk, &found, &content, Kind::Adjust, None).await?;
            changed += 1;
        }
    }
    Ok(changed)
}

/// The articles with the given codes, if none is refused. Takes the turn to write articles.
async fn gather(
    tx: &mut Tx,
    codes: &[String],
    refused: impl Fn(&Article) -> Option<String>,
) -> Result<Vec<Article>, KnowledgeError> {
    if codes.is_empty() {
        return Err(KnowledgeError::Rule("記事を1件以上選んでください。".into()));
    }
    if codes.len() > MOST_AT_ONCE {
        let reason = format!("一度に変えられるのは{MOST_AT_ONCE}件までです。分けて行ってください。");
        return Err(KnowledgeError::Rule(reason));
    }
    article::take_turn(tx).await?;
    let articles = article::by_codes(tx, codes).await?;
    let there: BTreeSet<&str> = articles.iter().map(|a| a.code.as_str()).collect();
    let missing = codes.iter().filter(|c| !there.contains(c.as_str())).map(|code| Refusal {
        code: code.clone(),
        reason: "記事が見つかりません。一覧を読み込み直してください。".into(),
    });
    let mut refusals: Vec<Refusal> = missing.collect();
    refusals.extend(articles.iter().filter_map(|a| Some(Refusal { code: a.code.clone(), reason: refused(a)? })));
    if refusals.is_empty() { Ok(articles) } else { Err(KnowledgeError::Bulk(refusals)) }
}

async fn publish(
    tx: &mut Tx,
    desk: &Desk<'_>,
    before: &Article,
    content: &Content,
    kind: Kind,
    note: Option<&str>,
) -> Result<i64, KnowledgeError> {
    let who = desk.who.account.as_str();
    let change = Change { kind, actor: who, approved_by: None, note, at: desk.now() };
    let version = article::change(tx, &before.id, content, change).await?;
    let fields: Vec<&str> = revision::changed_fields(&before.content, content).into_iter().map(Field::code).collect();
    desk.audit(tx, &format!("article.{}", kind.code()), "article", &before.id, &fields).await?;
    Ok(version)
}
