//! `/accounts/{id}`: one account with its sections, roles, sessions and mail address.

use access::account::{self, Grant, Span};
use access::two_person::{self, Asked};
use access::{Action, Role, sign_in};
use askama::Template;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use calendar::Date;
use people::address::{self, Channel};
use people::{PeopleError, Viewing};
use store::Tx;

use super::accounts::{holds, role_choices, state_tag};
use super::fields::{Fields, StaffForm};
use super::form::{Choices, Form, Refused, needed_day, show_wrong, some_day};
use super::frame::Frame;
use super::gate::Staff;
use super::organisation::{choices, days};
use crate::citizen::show;
use crate::errors::Failure;

/// A span of a section or a role.
struct SpanRow {
    id: String,
    name: String,
    days: String,
    tag: &'static str,
    /// Whether it holds today or will.
    open: bool,
}

struct SessionRow {
    id: String,
    client: String,
    seen: String,
}

#[derive(Template)]
#[template(path = "staff/admin/account.html")]
struct Page {
    frame: Frame,
    id: String,
    login: String,
    name: String,
    state: (&'static str, &'static str),
    enabled: bool,
    own: bool,
    may_write: bool,
    may_invite: bool,
    invitation: Option<String>,
    assignments: Vec<SpanRow>,
    grants: Vec<SpanRow>,
    sessions: Vec<SessionRow>,
    mail: Option<String>,
    waiting: Vec<String>,
    sections: Choices,
    roles: Choices,
    rename: Form,
    assign: Form,
    transfer: Form,
    role: Form,
    reset: Form,
    address: Form,
}

fn open(to: Option<Date>, today: Date) -> bool {
    to.is_none_or(|to| today <= to)
}

fn assignment_rows(frame: &Frame, found: Vec<account::Assignment>) -> Vec<SpanRow> {
    let row = |a: account::Assignment| SpanRow {
        name: frame.city.section(&a.section, frame.today.max(a.valid_from)).map_or(a.section, |s| s.name.clone()),
        days: days(frame, a.valid_from, a.valid_to),
        tag: if a.concurrent { "兼務" } else { "本務" },
        open: open(a.valid_to, frame.today),
        id: a.id,
    };
    found.into_iter().map(row).collect()
}

fn grant_rows(frame: &Frame, found: &[Grant]) -> Vec<SpanRow> {
    let row = |g: &Grant| SpanRow {
        id: g.id.clone(),
        name: format!(
            "{}（{}）",
            Role::from_code(&g.role).map_or(g.role.as_str(), |r| r.name()),
            g.section.as_deref().map_or_else(|| "市全体".to_owned(), |s| frame.section(s))
        ),
        days: days(frame, g.valid_from, g.valid_to),
        tag: "",
        open: open(g.valid_to, frame.today),
    };
    found.iter().map(row).collect()
}

/// Whether one person alone may open an invitation: not over a device that is set up, and not for an account
/// that would let them in further than they are.
fn may_invite(account: &account::Account, grants: &[Grant], today: Date) -> bool {
    let dangerous = |g: &Grant| open(g.valid_to, today) && Role::from_code(&g.role).is_none_or(Role::is_dangerous);
    account.state == "invited" && !account.has_totp && !grants.iter().any(dangerous)
}

/// The mail address as this person may see it.
async fn mail(staff: &Staff, tx: &mut Tx, person: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(person) = person else { return Ok(None) };
    let found = match address::of_person(tx, person).await {
        Ok(found) => found,
        Err(PeopleError::Erased | PeopleError::NotFound) => return Ok(None),
        Err(other) => return Err(knowledge::KnowledgeError::People(other).into()),
    };
    let viewing = Viewing::staff(staff.who.may(Action::PersonRead));
    let used = |a: &&address::Address| a.channel == Channel::Mail && a.state == address::State::Active;
    Ok(found.iter().find(used).map(|a| a.value.reveal(viewing).to_string()))
}

async fn page(staff: &Staff, id: &str, back: Option<Form>) -> Result<Page, Failure> {
    let frame = staff.frame("admin");
    let mut tx = staff.city.db.read().await?;
    let found = access::store::account::get(&mut tx, id).await?.ok_or_else(Failure::not_found)?;
    let assignments = access::store::account::assignments(&mut tx, Some(id)).await?;
    let grants = access::store::account::grants(&mut tx, Some(id)).await?;
    let sessions = access::store::session::of_account(&mut tx, id, staff.visit.now).await?;
    let mail = mail(staff, &mut tx, found.person.as_deref()).await?;
    let changes = two_person::latest(&mut tx, staff.app.clock.as_ref(), 500).await?;
    drop(tx);
    let today = frame.today.to_string();
    let waiting = changes.iter().filter(|c| c.object == id && c.state == "asked").map(|c| match c.kind.as_str() {
        two_person::RESET => "設定のやり直し".to_owned(),
        _ => Role::from_code(&c.payload).map_or(String::new(), |r| format!("「{}」の役割", r.name())),
    });
    let waiting = waiting.collect();
    let mut page = Page {
        id: found.id.clone(),
        state: state_tag(&found.state),
        enabled: found.state != "disabled",
        own: found.id == staff.who.account,
        may_write: staff.who.may(Action::AccountWrite),
        may_invite: may_invite(&found, &grants, frame.today),
        invitation: found.invitation_until.filter(|until| *until > staff.visit.now).map(|u| frame.moment(&u)),
        assignments: assignment_rows(&frame, assignments),
        grants: grant_rows(&frame, &grants),
        sessions: sessions
            .into_iter()
            .map(|s| SessionRow { seen: frame.moment(&s.seen_at), client: s.client, id: s.id })
            .collect(),
        mail,
        waiting,
        sections: choices(&frame.city, frame.today, "選んでください"),
        roles: role_choices("選んでください", true),
        rename: Form::new("rename").with("name", &found.name),
        assign: Form::new("assign").with("from", &today).with("concurrent", "on"),
        transfer: Form::new("transfer").with("from", &today),
        role: Form::new("role").with("from", &today),
        reset: Form::new("reset"),
        address: Form::new("address"),
        login: found.login,
        name: found.name,
        frame,
    };
    if let Some(form) = back {
        match form.name() {
            "rename" => page.rename = form,
            "assign" => page.assign = form,
            "transfer" => page.transfer = form,
            "role" => page.role = form,
            "reset" => page.reset = form,
            _ => page.address = form,
        }
    }
    Ok(page)
}

pub(crate) async fn get(staff: Staff, Path(id): Path<String>) -> Result<Response, Failure> {
    show(&page(&staff, &id, None).await?)
}

/// What a form of the page does.
#[derive(Clone, Copy)]
enum Do {
    Rename,
    Enable(bool),
    Assign,
    EndAssignment,
    Transfer,
    GiveRole,
    EndRole,
    EndSession,
    Reset,
    Mail,
}

/// Does it; returns the code of the notice.
async fn act(staff: &Staff, id: &str, fields: &Fields, what: Do) -> Result<&'static str, Refused> {
    let (clock, actor) = (staff.app.clock.as_ref(), staff.who.actor());
    let organisation = staff.city.organisation();
    let mut entropy = (staff.app.entropy)();
    let rng = entropy.as_mut();
    let mut tx = staff.city.db.write().await?;
    let tx_ref = &mut tx;
    let found = access::store::account::get(tx_ref, id).await?.ok_or_else(Failure::not_found)?;
    let span = |from, to| Span { account: id, section: fields.optional("section"), from, to };
    let done = match what {
        Do::Rename => {
            let enabled = found.state != "disabled";
            account::update(tx_ref, clock, &actor, id, fields.get("name"), enabled).await?;
            "saved"
        }
        Do::Enable(enabled) => {
            account::update(tx_ref, clock, &actor, id, &found.name, enabled).await?;
            "saved"
        }
        Do::Assign => {
            let span = span(needed_day(fields, "from")?, some_day(fields, "to")?);
            let concurrent = fields.get("concurrent") == "on";
            account::assign(tx_ref, clock, rng, &actor, &organisation, concurrent, span).await?;
            "saved"
        }
        Do::EndAssignment => {
            let last = needed_day(fields, "last")?;
            account::end_assignment(tx_ref, clock, &actor, id, fields.get("assignment"), last).await?;
            "ended"
        }
        Do::Transfer => {
            let span = span(needed_day(fields, "from")?, None);
            account::transfer(tx_ref, clock, rng, &actor, &organisation, span).await?;
            "saved"
        }
        Do::GiveRole => give_role(tx_ref, staff, rng, id, fields).await?,
        Do::EndRole => {
            let last = needed_day(fields, "last")?;
            account::end_role(tx_ref, clock, &actor, id, fields.get("grant"), last).await?;
            "ended"
        }
        Do::EndSession => {
            sign_in::out(tx_ref, clock, &actor, id, fields.get("session")).await?;
            "ended"
        }
        Do::Reset => {
            let (kind, reason) = (two_person::RESET, fields.get("reason"));
            let asked = Asked { kind, object_kind: "account", object: id, payload: "", reason };
            two_person::ask(tx_ref, clock, rng, &staff.who, asked).await?;
            "asked"
        }
        Do::Mail => {
            match account::set_mail(tx_ref, clock, rng, &staff.who.actor(), &found.id, fields.get("mail")).await {
                Err(access::AccessError::People(error)) => return Err(error.into()),
                other => other?,
            }
            "saved"
        }
    };
    tx.commit().await?;
    Ok(done)
}

/// Gives a role, or asks a second person for it.
async fn give_role(
    tx: &mut Tx,
    staff: &Staff,
    rng: store::Entropy<'_>,
    id: &str,
    fields: &Fields,
) -> Result<&'static str, Refused> {
    let clock = staff.app.clock.as_ref();
    let role =
        Role::from_code(fields.get("role")).ok_or_else(|| Refused::Field("role", "役割を選んでください。".into()))?;
    let (from, section) = (needed_day(fields, "from")?, fields.optional("section"));
    if role.is_dangerous() {
        if section.is_some() {
            let reason = "市全体の役割には、課を選ばないでください。";
            return Err(Refused::Field("section", reason.into()));
        }
        let held = access::store::account::grants(tx, Some(id)).await?;
        if held.iter().any(|g| g.role == role.code() && holds(g.valid_from, g.valid_to, staff.visit.today())) {
            return Err(Refused::Field("role", "この役割は、もう付いています。".into()));
        }
        let asked = Asked {
            kind: two_person::GIVE_ROLE,
            object_kind: "account",
            object: id,
            payload: role.code(),
            reason: fields.get("reason"),
        };
        two_person::ask(tx, clock, rng, &staff.who, asked).await?;
        return Ok("asked");
    }
    if let Some(code) = section
        && staff.city.organisation().section(code, from).is_none()
    {
        return Err(Refused::Field("section", "その日には、この課がありません。".into()));
    }
    let span = Span { account: id, section, from, to: some_day(fields, "to")? };
    account::give_role(tx, clock, rng, &staff.who.actor(), None, role, span).await?;
    Ok("saved")
}

async fn posted(staff: &Staff, id: &str, fields: &Fields, what: Do, form: &'static str) -> Result<Response, Failure> {
    match act(staff, id, fields, what).await {
        Ok(done) => Ok(Redirect::to(&format!("/accounts/{id}?done={done}")).into_response()),
        Err(refused) => {
            let mut back = Form::sent(form, fields);
            refused.onto(&mut back)?;
            show_wrong(&page(staff, id, Some(back)).await?)
        }
    }
}

pub(crate) async fn rename(Path(id): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    posted(&staff, &id, &f, Do::Rename, "rename").await
}

pub(crate) async fn stop(Path(id): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    posted(&staff, &id, &f, Do::Enable(false), "rename").await
}

pub(crate) async fn start(Path(id): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    posted(&staff, &id, &f, Do::Enable(true), "rename").await
}

pub(crate) async fn assign(Path(id): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    posted(&staff, &id, &f, Do::Assign, "assign").await
}

pub(crate) async fn end_assignment(
    Path(id): Path<String>,
    StaffForm(staff, f): StaffForm,
) -> Result<Response, Failure> {
    posted(&staff, &id, &f, Do::EndAssignment, "assign").await
}

pub(crate) async fn transfer(Path(id): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    posted(&staff, &id, &f, Do::Transfer, "transfer").await
}

pub(crate) async fn post_role(Path(id): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    posted(&staff, &id, &f, Do::GiveRole, "role").await
}

pub(crate) async fn end_role(Path(id): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    posted(&staff, &id, &f, Do::EndRole, "role").await
}

pub(crate) async fn end_session(Path(id): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    posted(&staff, &id, &f, Do::EndSession, "reset").await
}

pub(crate) async fn reset(Path(id): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    posted(&staff, &id, &f, Do::Reset, "reset").await
}

pub(crate) async fn post_mail(Path(id): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    posted(&staff, &id, &f, Do::Mail, "address").await
}

/// Another invitation for an account that nobody has set up yet.
pub(crate) async fn invite(
    Path(id): Path<String>,
    headers: HeaderMap,
    StaffForm(staff, _): StaffForm,
) -> Result<Response, Failure> {
    let mut tx = staff.city.db.write().await?;
    let found = access::store::account::get(&mut tx, &id).await?.ok_or_else(Failure::not_found)?;
    let grants = access::store::account::grants(&mut tx, Some(&id)).await?;
    if !may_invite(&found, &grants, staff.visit.today()) {
        let sentence = "このアカウントは、2人の確認で設定をやり直します。「端末をなくした」から頼んでください。";
        return Err(Failure::refused(sentence.into()));
    }
    let mut entropy = (staff.app.entropy)();
    let token = account::invite(&mut tx, staff.app.clock.as_ref(), entropy.as_mut(), &staff.who.actor(), &id).await?;
    tx.commit().await?;
    super::two_person::invited(&staff, &headers, &id, &token).await
}
