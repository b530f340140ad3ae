//! `/sealed/members`: who works at the desk, joining and leaving, and what a leaver can still read.

use access::Action;
use askama::Template;
use axum::extract::Path;
use axum::http::Uri;
use axum::response::Response;
use casework::case::BULLYING;
use casework::leaver::{self, Removal};
use casework::member::{self, DeskRole, Member};
use casework::{CaseError, Kind, overview, recovery};
use store::Tx;

use super::bar::Bar;
use super::shared::{ROLES, done_at, onto, works_at};
use super::{DeskForm, named};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::StaffForm;
use crate::staff::form::{Choices, Form, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::shown::Names;

const HERE: &str = "/sealed/members";
/// Whoever joined within so many days is marked.
const NEW_DAYS: i32 = 30;

/// Somebody of the desk.
struct Row {
    account: String,
    name: String,
    since: String,
    /// `8日前に加わりました`, for whoever is new.
    fresh: Option<String>,
    has_key: bool,
    is_covered: bool,
    /// Why they joined, in the words of whoever added them.
    reason: String,
}

/// Those with one role.
struct Group {
    code: &'static str,
    name: &'static str,
    what: &'static str,
    rows: Vec<Row>,
}

/// Somebody who reads cases and is no consultant any more.
struct LeftRow {
    account: String,
    name: String,
    cases: usize,
    by_glass: usize,
}

/// What became of taking keys away.
struct Outcome {
    name: String,
    removed: usize,
    left: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "staff/sealed/members.html")]
struct MembersPage {
    frame: Frame,
    bar: Bar,
    groups: Vec<Group>,
    left: Vec<LeftRow>,
    outcome: Option<Outcome>,
    may_write: bool,
    /// Whether whoever looks works at the desk; administrators may not.
    works: bool,
    /// Whether whoever looks may take keys away.
    is_consultant: bool,
    form: Form,
    roles: Choices,
    /// Code of the desk, and what it is called.
    desk: String,
    heading: String,
    is_sealed: bool,
    /// Whether addresses name the desk.
    is_named: bool,
    /// The other desks of the city, for administrators: code and name.
    others: Vec<(String, String)>,
}

/// The desks of the city besides one, for whoever says who works there.
fn others(staff: &Staff, kind: &Kind) -> Vec<(String, String)> {
    let Some(keeping) = staff.city.sealed.as_ref().filter(|_| staff.who.may(Action::AccountWrite)) else {
        return Vec::new();
    };
    let others = keeping.kinds.all().iter().filter(|other| other.desk != kind.desk);
    others.map(|other| (other.desk.clone(), other.name.clone())).collect()
}

/// The kind of the desk that an address names (`?desk=`); the bullying desk where it names none.
fn kind_of(staff: &Staff, uri: &Uri) -> Result<Kind, Failure> {
    let kinds = &staff.city.sealed.as_ref().ok_or_else(Failure::not_found)?.kinds;
    let found = named(uri).and_then(|desk| kinds.get(&desk).cloned());
    match found {
        Some(kind) => Ok(kind),
        None => Ok(kinds.of(BULLYING)?.clone()),
    }
}

fn fresh(frame: &Frame, member: &Member) -> Option<String> {
    let days = frame.today.since(member.since.jst_date()).map_or(i32::MAX, |span| span.get_days());
    match days {
        0 => Some("きょう加わりました".into()),
        1..=NEW_DAYS => Some(format!("{days}日前に加わりました")),
        _ => None,
    }
}

/// Roles that a kind of desk has: where the house keeps the keys, none has to be given back.
fn roles(kind: &Kind) -> impl Iterator<Item = &'static (DeskRole, &'static str, &'static str)> {
    let is_sealed = kind.is_sealed();
    ROLES.iter().filter(move |(role, ..)| is_sealed || *role != DeskRole::Officer)
}

async fn groups(tx: &mut Tx, frame: &Frame, names: &Names, kind: &Kind) -> Result<Vec<Group>, Failure> {
    let mut groups: Vec<Group> =
        roles(kind).map(|(role, name, what)| Group { code: role.code(), name, what, rows: Vec::new() }).collect();
    let mut members = member::of_desk(tx, &kind.desk).await?;
    // Whoever came last stands first: the others look whether they know them.
    members.sort_by_key(|member| std::cmp::Reverse(member.since));
    for found in members {
        let Some(group) = groups.iter_mut().find(|group| group.code == found.role.code()) else { continue };
        group.rows.push(Row {
            name: names.of(&found.account),
            since: frame.day(&found.since.jst_date()),
            fresh: fresh(frame, &found),
            has_key: found.has_key,
            is_covered: recovery::is_covered(tx, &found.account).await?,
            reason: found.reason,
            account: found.account,
        });
    }
    Ok(groups)
}

async fn page(
    staff: &Staff,
    kind: &Kind,
    form: Form,
    removal: Option<(&str, Removal)>,
) -> Result<MembersPage, Failure> {
    let (frame, may_write) = (staff.frame("sealed"), staff.who.may(Action::AccountWrite));
    let mut tx = staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    let groups = groups(&mut tx, &frame, &names, kind).await?;
    let works = works_at(staff, &kind.desk);
    let found = if works { leaver::readers(&mut tx, &kind.desk).await? } else { Vec::new() };
    drop(tx);
    let left = found.into_iter().map(|found| LeftRow {
        name: names.of(&found.account),
        account: found.account,
        cases: found.cases,
        by_glass: found.by_glass,
    });
    let outcome = removal.map(|(account, done)| Outcome {
        name: names.of(account),
        removed: done.removed,
        left: done.left.into_iter().map(|(case, why)| (overview::short(&case), why)).collect(),
    });
    let roles = roles(kind).map(|(role, name, _)| (role.code().to_owned(), (*name).to_owned()));
    Ok(MembersPage {
        bar: Bar::of(staff, "members", kind).await?,
        desk: kind.desk.clone(),
        heading: kind.name.clone(),
        is_sealed: kind.is_sealed(),
        is_named: kind.is_named(),
        others: others(staff, kind),
        groups,
        left: left.collect(),
        outcome,
        may_write,
        works,
        is_consultant: staff.is_at(&kind.desk, DeskRole::Consultant),
        form,
        roles: std::iter::once((String::new(), "選んでください".to_owned())).chain(roles).collect(),
        frame,
    })
}

/// `/sealed/members`: for those who work there, and for administrators, who see this page of the desk and no other.
pub(crate) async fn get(staff: Staff, uri: Uri) -> Result<Response, Failure> {
    let kind = kind_of(&staff, &uri)?;
    if !works_at(&staff, &kind.desk) && !staff.who.may(Action::AccountWrite) {
        return Err(Failure::not_found());
    }
    staff.visit.premises().await?;
    show(&page(&staff, &kind, Form::new("join"), None).await?)
}

/// The account of a login that may join, or the sentence that says why not.
async fn joining(
    staff: &Staff,
    desk: &str,
    login: &str,
    role: DeskRole,
) -> Result<Result<String, &'static str>, Failure> {
    let mut tx = staff.city.db.read().await?;
    let Some(found) = access::store::account::secrets_of_login(&mut tx, login).await? else {
        return Ok(Err("このログイン名の人はいません。「管理」の「アカウント」で確かめてください。"));
    };
    let account = access::store::account::get(&mut tx, &found.id).await?.ok_or_else(Failure::not_found)?;
    if account.state == "disabled" {
        return Ok(Err("このアカウントは止められています。"));
    }
    // Nobody lets themselves in.
    if account.id == staff.who.account {
        return Ok(Err("自分自身を加えることはできません。ほかの管理者に頼んでください。"));
    }
    if member::has_role(&mut tx, desk, &account.id, role).await? {
        return Ok(Err("この人は、もうこの役目で加わっています。"));
    }
    Ok(Ok(account.id))
}

/// `POST /sealed/members`: somebody joins.
pub(crate) async fn post(uri: Uri, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let (premises, kind) = (staff.visit.premises().await?, kind_of(&staff, &uri)?);
    let mut form = Form::sent("join", &fields);
    let role = roles(&kind).map(|(role, ..)| *role).find(|role| role.code() == fields.get("role"));
    let Some(role) = role else {
        form.wrong("role", "役目を選んでください。");
        return show_wrong(&page(&staff, &kind, form, None).await?);
    };
    match joining(&staff, &kind.desk, fields.get("login"), role).await? {
        Ok(account) => {
            let (actor, reason) = (staff.who.actor(), fields.get("reason"));
            match member::join(premises.house(), &actor, &kind.desk, &account, role, reason).await {
                Ok(()) => Ok(done_at(&kind, HERE, "desk-joined")),
                Err(error) => {
                    onto(error, &mut form)?;
                    show_wrong(&page(&staff, &kind, form, None).await?)
                }
            }
        }
        Err(sentence) => {
            form.wrong("login", sentence);
            show_wrong(&page(&staff, &kind, form, None).await?)
        }
    }
}

/// `POST /sealed/members/{account}/{role}/end`: somebody leaves.
pub(crate) async fn end(
    Path((account, role)): Path<(String, String)>,
    uri: Uri,
    StaffForm(staff, _): StaffForm,
) -> Result<Response, Failure> {
    let (premises, kind) = (staff.visit.premises().await?, kind_of(&staff, &uri)?);
    let role = DeskRole::from_code(&role).ok_or_else(Failure::not_found)?;
    member::leave(premises.house(), &staff.who.actor(), &kind.desk, &account, role).await?;
    Ok(done_at(&kind, HERE, "desk-left"))
}

/// `POST /sealed/members/{account}/removal`: takes the keys of somebody who is no consultant any more away, in every case
/// that whoever asks reads. The answer says in which it could not be done.
pub(crate) async fn remove(Path(account): Path<String>, DeskForm(desk, _): DeskForm) -> Result<Response, Failure> {
    let mut entropy = (desk.staff.app.entropy)();
    match leaver::remove(desk.house(), entropy.as_mut(), &desk.who, &desk.kind.desk, &account).await {
        Ok(done) => show(&page(&desk.staff, &desk.kind, Form::new("join"), Some((&account, done))).await?),
        Err(error @ (CaseError::Rule(_) | CaseError::Field { .. })) => {
            let mut form = Form::new("join");
            onto(error, &mut form)?;
            show_wrong(&page(&desk.staff, &desk.kind, form, None).await?)
        }
        Err(other) => Err(other.into()),
    }
}
