//! `/changes`: what one person asked for and another decides on. A change is done in the transaction of its
//! decision.

use access::two_person::{self, TwoPersonChange};
use access::{Action, Principal, Role, account};
use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use city::Editor;
use knowledge::{KnowledgeError, setting};
use store::Tx;

use super::fields::{Fields, StaffForm};
use super::form::{Form, Refused, show_wrong};
use super::frame::Frame;
use super::gate::Staff;
use crate::citizen::show;
use crate::errors::Failure;

/// Longest remark, in characters.
const LONGEST_REMARK: usize = 400;

/// What a change of persons' data needs is decided by those who look after these; everything else by
/// administrators.
pub(crate) fn may_decide(who: &Principal, kind: &str) -> bool {
    let needed = match kind {
        two_person::ERASE | two_person::UNSET_SECRECY | two_person::UNDO_MERGE => Action::PersonWrite,
        two_person::RETENTION => Action::SettingWrite,
        two_person::REORGANISE => Action::OrganisationWrite,
        _ => Action::AccountWrite,
    };
    who.may(Action::TwoPersonDecide) && who.may(needed)
}

struct Row {
    id: String,
    sentence: String,
    link: Option<String>,
    reason: String,
    asked: String,
    own: bool,
    state: (&'static str, &'static str),
    decided: String,
    remark: String,
    form: Form,
}

#[derive(Template)]
#[template(path = "staff/admin/changes.html")]
struct ChangesPage {
    frame: Frame,
    open: Vec<Row>,
    decided: Vec<Row>,
}

fn state_tag(state: &str) -> (&'static str, &'static str) {
    match state {
        "asked" => ("warn", "待っています"),
        "approved" => ("ok", "承認"),
        "refused" => ("bad", "却下"),
        "withdrawn" => ("dim", "取り下げ"),
        _ => ("dim", "期限切れ"),
    }
}

/// What a change would do, in a sentence, and where to read more.
async fn sentence(tx: &mut Tx, change: &TwoPersonChange) -> Result<(String, Option<String>), Failure> {
    let object = &change.object;
    let of_account = async |tx: &mut Tx| {
        let found = access::store::account::get(tx, object).await?;
        Ok::<_, Failure>(found.map_or_else(|| "消えたアカウント".to_owned(), |a| format!("{}（{}）", a.name, a.login)))
    };
    Ok(match change.kind.as_str() {
        two_person::RESET => (
            format!("{} のパスワードと確認コードを消して、設定をやり直せるようにします。", of_account(tx).await?),
            Some(format!("/accounts/{object}")),
        ),
        two_person::GIVE_ROLE => {
            let role = Role::from_code(&change.payload).map_or(change.payload.as_str(), |r| r.name());
            (format!("{} に「{role}」の役割を付けます。", of_account(tx).await?), Some(format!("/accounts/{object}")))
        }
        two_person::REORGANISE => {
            let words = match city::reorganisation::get(tx, object).await {
                Ok((found, steps)) => format!(
                    "組織改正「{}」（{}施行・手順{}件）を予定にします。",
                    found.name,
                    city::day_in_words(found.takes_effect_on),
                    steps.len()
                ),
                Err(_) => "組織改正を予定にします。".to_owned(),
            };
            (words, Some(format!("/reorganisations/{object}")))
        }
        two_person::ERASE => {
            ("ある人の情報を、すべて消します。元には戻せません。".into(), Some(format!("/people/{object}")))
        }
        two_person::UNSET_SECRECY => ("ある人の秘匿を外します。".into(), Some(format!("/people/{object}"))),
        two_person::UNDO_MERGE => ("まとめた2人を、元の2人に分けます。".into(), Some(format!("/people/{object}"))),
        two_person::RETENTION => {
            let found = change.payload.split_once('=').and_then(|(name, v)| Some((setting::by_name(name)?, v)));
            let words = match found {
                Some((setting, value)) => {
                    format!("設定「{}」を「{}」に変えます。", setting.title, setting.in_words(value))
                }
                None => "情報を残しておく期間を変えます。".to_owned(),
            };
            (words, Some("/settings".into()))
        }
        other => (other.to_owned(), None),
    })
}

async fn name_of(tx: &mut Tx, id: &str) -> Result<String, Failure> {
    Ok(access::store::account::get(tx, id).await?.map_or_else(|| "消えたアカウント".to_owned(), |a| a.name))
}

async fn page(staff: &Staff, back: Option<(&str, Form)>) -> Result<ChangesPage, Failure> {
    let frame = staff.frame("admin");
    let mut tx = staff.city.db.read().await?;
    let (mut open, mut decided) = (Vec::new(), Vec::new());
    for change in two_person::latest(&mut tx, staff.app.clock.as_ref(), 200).await? {
        let own = change.asked_by == staff.who.account;
        if !own && !may_decide(&staff.who, &change.kind) {
            continue;
        }
        let (sentence, link) = sentence(&mut tx, &change).await?;
        let asked = format!("{} {}", frame.moment(&change.asked_at), name_of(&mut tx, &change.asked_by).await?);
        let by = match (&change.decided_by, &change.decided_at) {
            (Some(by), Some(at)) => format!("{} {}", frame.moment(at), name_of(&mut tx, by).await?),
            _ => String::new(),
        };
        let form = match &back {
            Some((id, form)) if *id == change.id => form.clone(),
            _ => Form::new("decide"),
        };
        let row = Row {
            sentence,
            // Whoever may not read persons is not led to one.
            link: link.filter(|l| !l.starts_with("/people/") || staff.who.may(Action::PersonRead)),
            reason: change.reason,
            asked,
            own,
            state: state_tag(&change.state),
            decided: by,
            remark: change.remark,
            form,
            id: change.id,
        };
        if change.state == "asked" { open.push(row) } else { decided.push(row) }
    }
    Ok(ChangesPage { frame, open, decided })
}

pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    show(&page(&staff, None).await?)
}

#[derive(Template)]
#[template(path = "staff/admin/invited.html")]
struct InvitedPage {
    frame: Frame,
    account: String,
    name: String,
    login: String,
    link: String,
}

/// The page that shows an invitation, once.
pub(crate) async fn invited(
    staff: &Staff,
    headers: &HeaderMap,
    account: &str,
    token: &str,
) -> Result<Response, Failure> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("");
    let host = text(header::HOST.as_str());
    let here = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let plain = matches!(here, "localhost" | "127.0.0.1") && text("x-forwarded-proto") != "https";
    let scheme = if plain { "http" } else { "https" };
    let mut tx = staff.city.db.read().await?;
    let found = access::store::account::get(&mut tx, account).await?.ok_or_else(Failure::not_found)?;
    show(&InvitedPage {
        frame: staff.frame("admin"),
        account: found.id,
        name: found.name,
        login: found.login,
        link: format!("{scheme}://{host}/invitations/{token}"),
    })
}

/// What follows on the page after a change was done.
enum Done {
    /// Nothing but a notice.
    Plain,
    /// The token of an invitation.
    Invited(String),
    /// The organisation is another one.
    Organisation,
}

async fn reset(tx: &mut Tx, staff: &Staff, change: &TwoPersonChange) -> Result<Done, Refused> {
    let clock = staff.app.clock.as_ref();
    let asked_by = format!("account:{}", change.asked_by);
    account::reset(tx, clock, &asked_by, &staff.who.actor(), &change.object).await?;
    let mut entropy = (staff.app.entropy)();
    let token = account::invite(tx, clock, entropy.as_mut(), &staff.who.actor(), &change.object).await?;
    Ok(Done::Invited(token))
}

async fn give_role(tx: &mut Tx, staff: &Staff, change: &TwoPersonChange) -> Result<Done, Refused> {
    let role = Role::from_code(&change.payload)
        .ok_or_else(|| Refused::Field("remark", "その役割は、もうありません。".into()))?;
    let (asked_by, decided_by) = (format!("account:{}", change.asked_by), staff.who.actor());
    let span = account::Span { account: &change.object, section: None, from: staff.visit.today(), to: None };
    let mut entropy = (staff.app.entropy)();
    let clock = staff.app.clock.as_ref();
    account::give_role(tx, clock, entropy.as_mut(), &asked_by, Some(&decided_by), role, span).await?;
    Ok(Done::Plain)
}

async fn reorganise(tx: &mut Tx, staff: &Staff, change: &TwoPersonChange) -> Result<Done, Refused> {
    let stale = || {
        let sentence = "頼まれたあとで、組織改正の内容が変わりました。却下して、頼み直してもらってください。";
        Refused::Field("remark", sentence.into())
    };
    let counter: i64 = change.payload.parse().map_err(|_| stale())?;
    let (actor, mut entropy) = (staff.who.actor(), (staff.app.entropy)());
    let mut by = Editor { actor: &actor, clock: staff.app.clock.as_ref(), entropy: entropy.as_mut() };
    match city::reorganisation::schedule(tx, &mut by, &change.object, counter).await {
        Ok(()) => Ok(Done::Organisation),
        Err(city::CityError::Changed) => Err(stale()),
        Err(other) => Err(other.into()),
    }
}

async fn erase(tx: &mut Tx, staff: &Staff, change: &TwoPersonChange) -> Result<Done, Refused> {
    let (clock, actor, mut entropy) = (staff.app.clock.as_ref(), staff.who.actor(), (staff.app.entropy)());
    // What was said goes with the person; numbers and figures stay.
    contact::retention::erase_person(tx, clock, entropy.as_mut(), &change.object, &actor).await?;
    outreach::retention::erase_person(tx, clock, &actor, &change.object).await.map_err(|e| Refused::Other(e.into()))?;
    line_account::daily::erase_person(tx, &change.object).await.map_err(|e| Refused::Other(e.into()))?;
    people::erasure::erase(tx, clock, &actor, &change.object).await?;
    Ok(Done::Plain)
}

async fn unset_secrecy(tx: &mut Tx, staff: &Staff, change: &TwoPersonChange) -> Result<Done, Refused> {
    let (asked_by, decided_by) = (format!("account:{}", change.asked_by), staff.who.actor());
    let both = people::secrecy::TwoPersons { asked_by: &asked_by, decided_by: &decided_by };
    people::secrecy::lift(tx, staff.app.clock.as_ref(), &change.object, both).await?;
    Ok(Done::Plain)
}

async fn undo_merge(tx: &mut Tx, staff: &Staff, change: &TwoPersonChange) -> Result<Done, Refused> {
    let (asked_by, decided_by) = (format!("account:{}", change.asked_by), staff.who.actor());
    let both = people::secrecy::TwoPersons { asked_by: &asked_by, decided_by: &decided_by };
    match people::merge::undo(tx, staff.app.clock.as_ref(), &change.payload, both).await {
        Err(people::PeopleError::State) => {
            let sentence = "頼まれたあとで、この人の情報がまた変わりました。却下して、画面を確かめてもらってください。";
            Err(Refused::Field("remark", sentence.into()))
        }
        other => {
            other?;
            Ok(Done::Plain)
        }
    }
}

async fn set_retention(tx: &mut Tx, staff: &Staff, change: &TwoPersonChange) -> Result<Done, Refused> {
    match setting::apply(tx, staff.app.clock.as_ref(), &staff.who.actor(), &change.payload).await {
        Ok(()) => Ok(Done::Plain),
        Err(KnowledgeError::NotFound | KnowledgeError::Field { .. }) => {
            Err(Refused::Field("remark", "頼まれた内容が読み取れません。却下してください。".into()))
        }
        Err(other) => Err(Refused::Other(other.into())),
    }
}

async fn perform(tx: &mut Tx, staff: &Staff, change: &TwoPersonChange) -> Result<Done, Refused> {
    match change.kind.as_str() {
        two_person::RESET => reset(tx, staff, change).await,
        two_person::GIVE_ROLE => give_role(tx, staff, change).await,
        two_person::REORGANISE => reorganise(tx, staff, change).await,
        two_person::ERASE => erase(tx, staff, change).await,
        two_person::UNSET_SECRECY => unset_secrecy(tx, staff, change).await,
        two_person::UNDO_MERGE => undo_merge(tx, staff, change).await,
        two_person::RETENTION => set_retention(tx, staff, change).await,
        _ => Err(Refused::Other(Failure::new(StatusCode::UNPROCESSABLE_ENTITY))),
    }
}

async fn decided(staff: &Staff, id: &str, fields: &Fields) -> Result<(TwoPersonChange, Done), Refused> {
    let clock = staff.app.clock.as_ref();
    let approve = match fields.get("decision") {
        "approve" => true,
        "refuse" => false,
        _ => return Err(Refused::Field("remark", "「承認する」か「却下する」を選んでください。".into())),
    };
    let remark = fields.get("remark");
    if !approve && remark.is_empty() {
        return Err(Refused::Field("remark", "却下する理由を書いてください。頼んだ人が読みます。".into()));
    }
    if remark.chars().count() > LONGEST_REMARK {
        return Err(Refused::Field("remark", format!("{LONGEST_REMARK}文字までで書いてください。")));
    }
    let mut tx = staff.city.db.write().await?;
    let change = two_person::get(&mut tx, clock, id).await?;
    if !may_decide(&staff.who, &change.kind) {
        return Err(Refused::Other(Failure::new(StatusCode::FORBIDDEN)));
    }
    let change = two_person::decide(&mut tx, clock, &staff.who, id, approve, remark).await?;
    let done = if approve { perform(&mut tx, staff, &change).await? } else { Done::Plain };
    tx.commit().await?;
    if let Done::Organisation = done {
        staff.city.reload().await?;
    }
    Ok((change, done))
}

pub(crate) async fn decide(
    Path(id): Path<String>,
    headers: HeaderMap,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    match decided(&staff, &id, &fields).await {
        Ok((change, Done::Invited(token))) => invited(&staff, &headers, &change.object, &token).await,
        Ok(_) => Ok(Redirect::to("/changes?done=decided").into_response()),
        Err(refused) => {
            let mut form = Form::sent("decide", &fields);
            refused.onto(&mut form)?;
            show_wrong(&page(&staff, Some((&id, form))).await?)
        }
    }
}

pub(crate) async fn withdraw(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let mut tx = staff.city.db.write().await?;
    two_person::withdraw(&mut tx, staff.app.clock.as_ref(), &staff.who, &id).await?;
    tx.commit().await?;
    Ok(Redirect::to("/changes?done=cancelled").into_response())
}
