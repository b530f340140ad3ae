//! Accounts of the staff: made by an administrator, opened by an invitation, held in sections by dates.

use ::store::audit::{self, Event};
use ::store::{Entropy, Tx, ids};
use calendar::{Clock, Date, Instant};
use city::{Lang, Organisation};
use people::Channel;
use people::address::{Address, State};
use people::person::NewPerson;

use crate::policy::Role;
use crate::store::account as rows;
pub use crate::store::account::{Account, Assignment, Grant};
use crate::{AccessError, Principal, Result};

/// How long an invitation stays open, in milliseconds: seven days.
const INVITATION: i64 = 7 * 24 * 60 * 60 * 1000;

/// What an assignment or role is about.
#[derive(Clone, Debug)]
pub struct Span<'a> {
    /// Id of the account.
    pub account: &'a str,
    /// Code of the section.
    pub section: Option<&'a str>,
    /// First day.
    pub from: Date,
    /// Last day, if it is known.
    pub to: Option<Date>,
}

fn invalid<T>(field: &'static str, reason: impl Into<String>) -> Result<T> {
    Err(AccessError::Invalid { field, reason: reason.into() })
}

async fn note(tx: &mut Tx, clock: &dyn Clock, actor: &str, action: &str, account: &str, fields: &[&str]) -> Result<()> {
    let event = Event { actor, action, object_kind: "account", object: account, fields };
    Ok(audit::record(tx, clock, event).await?)
}

/// Makes an account, still without password; `person` is whom messages reach.
pub async fn make(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    login: &str,
    name: &str,
    person: Option<&str>,
) -> Result<String> {
    let login = login.trim();
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
    if !(3..=40).contains(&login.len()) || !login.chars().all(allowed) {
        return invalid(
            "login",
            "ログイン名は、半角の英小文字・数字・「.」「-」「_」で、3文字から40文字までにしてください。",
        );
    }
    let name = checked_name(name)?;
    let id = ids::new_id(clock, entropy);
    if !rows::insert(tx, &id, login, &name, person, clock.now()).await? {
        return invalid("login", format!("ログイン名「{login}」は、もう使われています。別の名前にしてください。"));
    }
    note(tx, clock, actor, "account.make", &id, &["login", "name"]).await?;
    Ok(id)
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
        return invalid("name", "名前は1文字から60文字までで入力してください。");
    }
    Ok(name.to_owned())
}

/// Opens an invitation and returns its token, which is shown once; an earlier one is void.
pub async fn invite(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>, actor: &str, id: &str) -> Result<String> {
    let account = rows::get(tx, id).await?.ok_or(AccessError::NotFound)?;
    if account.state == "disabled" {
        return invalid("state", "止めているアカウントには、招待を出せません。先に使えるようにしてください。");
    }
    let token = format!("{}-{}", ids::new_key(entropy), ids::new_key(entropy));
    let now = clock.now();
    rows::invite(tx, id, &ids::digest(&token), Instant::from_millis(now.millis() + INVITATION), now).await?;
    note(tx, clock, actor, "account.invite", id, &["invitation"]).await?;
    Ok(token)
}

/// The account that an invitation opens.
pub async fn invited(tx: &mut Tx, clock: &dyn Clock, token: &str) -> Result<Account> {
    rows::invited(tx, &ids::digest(token), clock.now()).await?.ok_or(AccessError::NotFound)
}

/// Gives an account the mail address to which messages go; an earlier one is no longer used. Whoever may change
/// accounts vouches for it, so it counts as verified.
pub async fn set_mail(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    id: &str,
    typed: &str,
) -> Result<()> {
    let account = rows::get(tx, id).await?.ok_or(AccessError::NotFound)?;
    let person = match account.person {
        Some(person) => person,
        None => {
            let new = NewPerson { name: None, lang: Lang::Ja };
            let person = people::person::create(tx, clock, &mut *entropy, actor, new).await?;
            rows::set_person(tx, id, &person, clock.now()).await?;
            person
        }
    };
    let before = people::address::of_person(tx, &person).await?;
    let kept = people::address::add(tx, clock, entropy, actor, &person, Channel::Mail, typed).await?;
    people::address::verify(tx, clock, actor, &kept).await?;
    let in_use = |a: &&Address| a.channel == Channel::Mail && a.state == State::Active;
    for old in before.iter().filter(in_use).filter(|a| a.id != kept) {
        people::address::withdraw(tx, clock, actor, &old.id).await?;
    }
    note(tx, clock, actor, "account.set-mail", id, &["person"]).await
}

/// Assigns an account to a section for a span of days.
pub async fn assign(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    organisation: &Organisation,
    concurrent: bool,
    span: Span<'_>,
) -> Result<()> {
    let account = span.account;
    rows::get(tx, account).await?.ok_or(AccessError::NotFound)?;
    let section = checked_section(organisation, &span)?;
    checked_days(&span)?;
    let overlaps =
        |a: &Assignment| a.valid_to.is_none_or(|to| to >= span.from) && span.to.is_none_or(|to| a.valid_from <= to);
    let held = rows::assignments(tx, Some(account)).await?;
    if held.iter().any(|a| a.section == section && overlaps(a)) {
        return invalid("section", "その期間は、すでにこの課に所属しています。");
    }
    if !concurrent && held.iter().any(|a| !a.concurrent && overlaps(a)) {
        return invalid("section", "本務は同じ日に1つだけです。異動にするか、兼務にしてください。");
    }
    let id = ids::new_id(clock, entropy);
    let row = Assignment {
        id,
        account: account.into(),
        section: section.into(),
        concurrent,
        valid_from: span.from,
        valid_to: span.to,
    };
    rows::insert_assignment(tx, &row).await?;
    note(tx, clock, actor, "account.assign", account, &["section"]).await
}

fn checked_section<'a>(organisation: &Organisation, span: &Span<'a>) -> Result<&'a str> {
    match span.section {
        Some(section) if organisation.section(section, span.from).is_some() => Ok(section),
        _ => invalid("section", format!("{}には、その課がありません。課と日付を確かめてください。", span.from)),
    }
}

fn checked_days(span: &Span<'_>) -> Result<()> {
    match span.to {
        Some(to) if to < span.from => invalid("to", "終わりの日が、始まりの日より前です。"),
        _ => Ok(()),
    }
}

/// Transfers an account (異動): the main assignment and its roles end the day before, the new one begins.
pub async fn transfer(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    organisation: &Organisation,
    span: Span<'_>,
) -> Result<()> {
    let account = span.account;
    checked_section(organisation, &span)?;
    let last = span
        .from
        .yesterday()
        .map_err(|_| AccessError::Invalid { field: "from", reason: "日付が正しくありません。".into() })?;
    for held in rows::assignments(tx, Some(account)).await? {
        let is_open = held.valid_to.is_none_or(|to| to >= span.from);
        if held.concurrent || !is_open {
            continue;
        }
        if held.valid_from > last {
            return invalid("from", "この日より後に始まる本務があります。先にそちらを取り消してください。");
        }
        rows::end_assignment(tx, account, &held.id, last).await?;
        for grant in rows::grants(tx, Some(account)).await? {
            let holds = grant.section.as_deref() == Some(&held.section) && grant.valid_to.is_none_or(|to| to > last);
            if holds && grant.valid_from <= last {
                rows::end_grant(tx, account, &grant.id, last).await?;
            }
        }
    }
    note(tx, clock, actor, "account.transfer", account, &["section"]).await?;
    assign(tx, clock, entropy, actor, organisation, false, span).await
}

/// Ends an assignment with a day.
pub async fn end_assignment(
    tx: &mut Tx,
    clock: &dyn Clock,
    actor: &str,
    account: &str,
    id: &str,
    last: Date,
) -> Result<()> {
    if !rows::end_assignment(tx, account, id, last).await? {
        return Err(AccessError::NotFound);
    }
    note(tx, clock, actor, "account.unassign", account, &["section"]).await
}

/// Gives a role. A dangerous one needs `decided_by`, the second person of a two-person change.
pub async fn give_role(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    decided_by: Option<&str>,
    role: Role,
    span: Span<'_>,
) -> Result<()> {
    let account = span.account;
    rows::get(tx, account).await?.ok_or(AccessError::NotFound)?;
    checked_days(&span)?;
    if role.is_dangerous() && decided_by.is_none_or(|second| second == actor) {
        return Err(AccessError::Forbidden);
    }
    if role.in_section() != span.section.is_some() {
        return invalid("section", "課の役割には課を選び、市全体の役割には課を選ばないでください。");
    }
    let same = |g: &Grant| {
        g.role == role.code() && g.section.as_deref() == span.section && g.valid_to.is_none_or(|to| to >= span.from)
    };
    if rows::grants(tx, Some(account)).await?.iter().any(same) {
        return invalid("role", "この役割は、もう付いています。");
    }
    let row = Grant {
        id: ids::new_id(clock, entropy),
        account: account.into(),
        role: role.code().into(),
        section: span.section.map(str::to_owned),
        valid_from: span.from,
        valid_to: span.to,
        given_by: actor.into(),
    };
    rows::insert_grant(tx, &row, clock.now()).await?;
    note(tx, clock, actor, "account.give-role", account, &["role"]).await
}

/// Takes a role away with the end of `last`.
pub async fn end_role(tx: &mut Tx, clock: &dyn Clock, actor: &str, account: &str, id: &str, last: Date) -> Result<()> {
    let grants = rows::grants(tx, Some(account)).await?;
    if grants.iter().any(|g| g.id == id && g.role == Role::Administrator.code()) {
        let after = last.tomorrow().unwrap_or(Date::MAX);
        require_another_administrator(tx, account, after, "last").await?;
    }
    if !rows::end_grant(tx, account, id, last).await? {
        return Err(AccessError::NotFound);
    }
    note(tx, clock, actor, "account.end-role", account, &["role"]).await
}

/// Refuses what would leave the city without anybody who can give roles from a day on: another account in use
/// must be an administrator then, without an end. An account that is none has nothing to leave.
async fn require_another_administrator(tx: &mut Tx, without: &str, on: Date, field: &'static str) -> Result<()> {
    let (mut is_one, mut others) = (false, Vec::new());
    for grant in rows::grants(tx, None).await? {
        if grant.role != Role::Administrator.code() || grant.valid_to.is_some_and(|to| to < on) {
            continue;
        }
        if grant.account == without {
            is_one = true;
        } else if grant.valid_from <= on && grant.valid_to.is_none() {
            others.push(grant.account);
        }
    }
    if !is_one {
        return Ok(());
    }
    for other in others {
        if rows::get(tx, &other).await?.is_some_and(|a| a.state == "active") {
            return Ok(());
        }
    }
    invalid(field, "システム管理者がほかにいなくなります。先に、別の人にシステム管理者の役割を付けてください。")
}

/// Changes the name, or stops and starts an account. A stopped account loses its sessions at once.
pub async fn update(tx: &mut Tx, clock: &dyn Clock, actor: &str, id: &str, name: &str, enabled: bool) -> Result<()> {
    let account = rows::get(tx, id).await?.ok_or(AccessError::NotFound)?;
    let name = checked_name(name)?;
    let state = match (enabled, account.state.as_str()) {
        (false, _) => "disabled",
        (true, "disabled") if account.has_totp => "active",
        (true, "disabled") => "invited",
        (true, state) => state,
    };
    if !enabled && actor == format!("account:{id}") {
        return invalid("state", "自分のアカウントは止められません。ほかの管理者に頼んでください。");
    }
    if !enabled {
        require_another_administrator(tx, id, clock.now().jst_date(), "state").await?;
    }
    rows::update(tx, id, &name, state, clock.now()).await?;
    if !enabled {
        crate::store::session::end_others(tx, id, "").await?;
    }
    note(tx, clock, actor, "account.update", id, &["name", "state"]).await
}

/// Takes password and second factor away and ends all sessions: the account has to be enrolled anew by an
/// invitation. For a lost device; two persons decide on it.
pub async fn reset(tx: &mut Tx, clock: &dyn Clock, actor: &str, decided_by: &str, id: &str) -> Result<()> {
    if actor == decided_by {
        return Err(AccessError::Forbidden);
    }
    rows::get(tx, id).await?.ok_or(AccessError::NotFound)?;
    rows::clear_secrets(tx, id, clock.now()).await?;
    crate::store::session::end_others(tx, id, "").await?;
    note(tx, clock, actor, "account.reset", id, &["password", "totp"]).await?;
    note(tx, clock, decided_by, "account.reset-decided", id, &["password", "totp"]).await
}

/// The roles that hold on a day: those of sections only where the account is assigned.
pub async fn principal(tx: &mut Tx, organisation: &Organisation, id: &str, today: Date) -> Result<Principal> {
    let account = rows::get(tx, id).await?.ok_or(AccessError::NotFound)?;
    if account.state == "disabled" {
        return Err(AccessError::NotFound);
    }
    let today_code = |code: &str| organisation.section(code, today).map(|s| s.code.clone());
    let mut sections: Vec<String> = Vec::new();
    for held in rows::assignments(tx, Some(id)).await? {
        let holds = held.valid_from <= today && held.valid_to.is_none_or(|to| today <= to);
        if let (true, Some(code)) = (holds, today_code(&held.section))
            && !sections.contains(&code)
        {
            sections.push(code);
        }
    }
    let mut roles = Vec::new();
    for grant in rows::grants(tx, Some(id)).await? {
        let holds = grant.valid_from <= today && grant.valid_to.is_none_or(|to| today <= to);
        let (true, Some(role)) = (holds, Role::from_code(&grant.role)) else { continue };
        match &grant.section {
            None => roles.push((role, None)),
            Some(section) => {
                if let Some(code) = today_code(section).filter(|c| sections.contains(c)) {
                    roles.push((role, Some(code)));
                }
            }
        }
    }
    Ok(Principal { account: account.id, name: account.name, sections, roles })
}
