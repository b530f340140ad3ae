//! What is done on a contact's page: taking, answering, noting, typing.

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use calendar::Instant;
use contact::staff::reply::NewReply;
use contact::staff::{draft, hold, reply};
use contact::{Contact, ContactError};

use super::desk;
use super::one::{Wrong, page, readable_contact};
use crate::errors::Failure;
use crate::files;
use crate::staff::fields::{Fields, StaffFiles, StaffForm};
use crate::staff::gate::Staff;

/// Whether the page's script sent it.
fn by_script(headers: &HeaderMap) -> bool {
    headers.contains_key("x-requested-with")
}

/// Tells whoever watches, and leads back to the page.
pub(super) fn done(staff: &Staff, contact: &Contact, notice: &str) -> Response {
    staff.city.live.tell(&contact.id);
    let number = contact::contact::short_number(&contact.number);
    let notice = if notice.is_empty() { String::new() } else { format!("?done={notice}") };
    Redirect::to(&format!("/contacts/{number}{notice}")).into_response()
}

/// What is told after somebody took a contact: that they are there now, if they were not.
pub(super) const fn taken(taken: &hold::Taken) -> &'static str {
    if taken.now_available { "now-available" } else { "" }
}

fn json(status: StatusCode, value: &serde_json::Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// The page with what was typed and a sentence, or a failure that no sentence helps.
pub(super) async fn refused(
    staff: &Staff,
    contact: Contact,
    form: &'static str,
    fields: &Fields,
    error: ContactError,
) -> Result<Response, Failure> {
    let (field, reason) = match error {
        ContactError::File(wrong) => ("files", files::sentence(city::Lang::Ja, &wrong)),
        ContactError::Field { field, reason } => (field, reason),
        ContactError::Rule(reason) => ("", reason),
        other => return Err(other.into()),
    };
    // What others did meanwhile is on the page as well.
    let contact = {
        let mut tx = staff.city.db.read().await?;
        contact::contact::get(&mut tx, &contact.id).await?.ok_or_else(Failure::not_found)?
    };
    let wrong = Wrong { form, field, reason, fields: fields.pairs().to_vec() };
    page(staff, contact, None, Some(""), wrong).await
}

/// Takes the contact.
pub(crate) async fn pick_up(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    match hold::pick_up(desk(&staff, &organisation), (staff.app.entropy)().as_mut(), &contact.id).await {
        Ok(found) => Ok(done(&staff, &contact, taken(&found))),
        Err(ContactError::Changed) => {
            let by_another = ContactError::Rule("ほかの人が先に引き受けました。".into());
            refused(&staff, contact, "hold", &fields, by_another).await
        }
        Err(error) => refused(&staff, contact, "hold", &fields, error).await,
    }
}

/// Takes it from a colleague.
pub(crate) async fn take_over(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    let (desk, mut entropy) = (desk(&staff, &organisation), (staff.app.entropy)());
    match hold::take_over(desk, entropy.as_mut(), &contact.id, fields.get("reason")).await {
        Ok(found) => Ok(done(&staff, &contact, taken(&found))),
        Err(error) => refused(&staff, contact, "hold", &fields, error).await,
    }
}

/// Back to the queue.
pub(crate) async fn put_back(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    match hold::put_back(desk(&staff, &organisation), (staff.app.entropy)().as_mut(), &contact.id).await {
        Ok(()) => Ok(done(&staff, &contact, "put-back")),
        Err(error) => refused(&staff, contact, "hold", &fields, error).await,
    }
}

/// Asks the citizen to wait, or goes on.
pub(crate) async fn on_hold(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    let waits = fields.get("waits") == "true";
    let (desk, mut entropy) = (desk(&staff, &organisation), (staff.app.entropy)());
    match hold::set_on_hold(desk, entropy.as_mut(), &contact.id, waits).await {
        Ok(()) => Ok(done(&staff, &contact, "")),
        Err(error) => refused(&staff, contact, "hold", &fields, error).await,
    }
}

/// For the script: the place of what was said, or the sentence.
async fn said(
    staff: &Staff,
    contact: Contact,
    form: &'static str,
    fields: &Fields,
    headers: &HeaderMap,
    outcome: Result<i64, ContactError>,
) -> Result<Response, Failure> {
    match outcome {
        Ok(seq) if by_script(headers) => {
            staff.city.live.tell(&contact.id);
            Ok(json(StatusCode::OK, &serde_json::json!({ "seq": seq })))
        }
        Ok(_) => Ok(done(staff, &contact, "")),
        Err(ContactError::Field { reason, .. } | ContactError::Rule(reason)) if by_script(headers) => {
            Ok(json(StatusCode::UNPROCESSABLE_ENTITY, &serde_json::json!({ "error": reason })))
        }
        Err(ContactError::File(wrong)) if by_script(headers) => {
            let reason = files::sentence(city::Lang::Ja, &wrong);
            Ok(json(StatusCode::UNPROCESSABLE_ENTITY, &serde_json::json!({ "error": reason })))
        }
        Err(error) => refused(staff, contact, form, fields, error).await,
    }
}

/// Answers the citizen.
pub(crate) async fn reply(
    Path(number): Path<String>,
    headers: HeaderMap,
    StaffFiles(staff, fields, sent): StaffFiles,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let files = match files::prepare(sent).await? {
        Ok(files) => files,
        Err(wrong) => {
            return said(&staff, contact, "reply", &fields, &headers, Err(ContactError::File(wrong))).await;
        }
    };
    let organisation = staff.city.organisation();
    let new = NewReply {
        client_id: fields.get("client_id"),
        words: fields.raw("words"),
        article: fields.optional("article"),
        files: &files,
        on_page: fields.optional("on_page").is_some(),
    };
    let (desk, mut entropy) = (desk(&staff, &organisation), (staff.app.entropy)());
    let outcome = reply::reply(desk, entropy.as_mut(), &staff.city.library, &contact.id, new).await;
    said(&staff, contact, "reply", &fields, &headers, outcome).await
}

/// Notes something for colleagues.
pub(crate) async fn note(
    Path(number): Path<String>,
    headers: HeaderMap,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    let (desk, mut entropy) = (desk(&staff, &organisation), (staff.app.entropy)());
    let (id, words) = (fields.get("client_id"), fields.raw("words"));
    let outcome = reply::note(desk, entropy.as_mut(), &contact.id, id, words).await;
    said(&staff, contact, "note", &fields, &headers, outcome).await
}

/// The citizen had to tell it once more.
pub(crate) async fn again(Path(number): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    reply::explained_again(desk(&staff, &organisation), (staff.app.entropy)().as_mut(), &contact.id).await?;
    Ok(done(&staff, &contact, "noted"))
}

/// Keeps what is being typed.
pub(crate) async fn keep_draft(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    draft::keep(desk(&staff, &organisation), &contact.id, fields.get("kind"), fields.raw("words")).await?;
    let at = words::time_of(city::Lang::Ja, staff.visit.now);
    Ok(json(StatusCode::OK, &serde_json::json!({ "at": at })))
}

/// The person types.
pub(crate) async fn typing(Path(number): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    reply::types(desk(&staff, &organisation), &contact.id).await?;
    staff.city.live.tell(&contact.id);
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The person has read up to a place.
pub(crate) async fn reading(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    let seq = fields.get("seq").parse().unwrap_or(0);
    reply::seen(desk(&staff, &organisation), &contact.id, seq).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Asks for a call back on behalf of a citizen.
pub(crate) async fn ask_call_back(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    let new = contact::call_back::NewCallBack {
        phone: fields.get("phone"),
        window_from: Instant::from_millis(fields.get("window").parse().unwrap_or(0)),
        actor: &staff.who.actor(),
    };
    let (desk, mut entropy) = (desk(&staff, &organisation), (staff.app.entropy)());
    match contact::call_back::ask_by_staff(desk, entropy.as_mut(), &contact.id, new).await {
        Ok(()) => Ok(done(&staff, &contact, "call-back")),
        Err(ContactError::Invalid(contact::Invalid::Phone)) => {
            let reason = "電話番号を、市外局番から数字で入れてください。".into();
            refused(&staff, contact, "call-back", &fields, ContactError::Field { field: "phone", reason }).await
        }
        Err(ContactError::Invalid(_)) => {
            let reason = "時間を一覧から選んでください。".into();
            refused(&staff, contact, "call-back", &fields, ContactError::Field { field: "window", reason }).await
        }
        Err(error) => refused(&staff, contact, "call-back", &fields, error).await,
    }
}

/// A call was tried, or given up.
pub(crate) async fn call(
    Path((number, id)): Path<(String, String)>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let organisation = staff.city.organisation();
    let (desk, mut entropy) = (desk(&staff, &organisation), (staff.app.entropy)());
    let outcome = match fields.get("outcome") {
        "reached" => contact::call_back::tried(desk, entropy.as_mut(), &id, true, "").await,
        "give_up" => contact::call_back::give_up(desk, entropy.as_mut(), &id).await,
        reason => contact::call_back::tried(desk, entropy.as_mut(), &id, false, reason).await,
    };
    match outcome {
        Ok(()) => Ok(done(&staff, &contact, "noted")),
        Err(error) => refused(&staff, contact, "call", &fields, error).await,
    }
}

/// What the conversation is about, in a few sentences of the language model: a draft for the person, who sends it or
/// not. What names a citizen is masked before anything leaves the house.
pub(crate) async fn condense(Path(number): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let contact = readable_contact(&staff, &number).await?;
    let Some(writing) = staff.city.writing.clone() else { return Err(Failure::not_found()) };
    if !staff.city.gates.may_use_model() {
        let reason = "災害時の運用中は、AIを使いません。要約を書いてください。";
        return Ok(json(StatusCode::UNPROCESSABLE_ENTITY, &serde_json::json!({ "error": reason })));
    }
    match contact::rephrase::condense(&staff.city.db, &staff.city.library, &writing, &contact).await? {
        Some(text) => Ok(json(StatusCode::OK, &serde_json::json!({ "text": text }))),
        None => {
            let reason = "要約の下書きを作れませんでした。要約を書いてください。";
            Ok(json(StatusCode::UNPROCESSABLE_ENTITY, &serde_json::json!({ "error": reason })))
        }
    }
}
