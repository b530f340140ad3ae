//! `/sealed/key`, `/sealed/unlock`, `/sealed/lock`, `/sealed/passphrase`: somebody's key, and the desk while it is open.

use askama::Template;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use casework::{CaseError, member, recovery};

use super::bar::Bar;
use super::forms::open_with;
use super::shared::works;
use super::{At, COOKIE, Desk, set_desk_cookie};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::{Fields, StaffForm};
use crate::staff::form::{Form, Refused, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::gate::{Staff, cookie};
use crate::staff::lists::Asked;

/// Where somebody's work begins: at the desk, or with the cases in which they take part.
fn first_page(staff: &Staff) -> &'static str {
    if works(staff) && staff.mounted.desk { "/sealed" } else { "/partner" }
}

/// Only a page of the desk, or of partners; else the first one.
fn safe_next<'a>(next: &'a str, first: &'a str) -> &'a str {
    let begins =
        |face: &str| next.strip_prefix(face).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let is_desk = begins("/sealed") || begins("/partner");
    let is_plain = !next.contains(['\\', '\r', '\n']) && !next.starts_with("/sealed/unlock") && next.len() < 300;
    if is_desk && is_plain { next } else { first }
}

async fn login_of(staff: &Staff) -> Result<String, Failure> {
    let mut tx = staff.city.db.read().await?;
    let account = access::store::account::get(&mut tx, &staff.who.account).await?;
    Ok(account.ok_or_else(Failure::not_found)?.login)
}

#[derive(Template)]
#[template(path = "staff/sealed/unlock.html")]
struct UnlockPage {
    frame: Frame,
    bar: Bar,
    next: String,
    error: Option<&'static str>,
    /// The passphrase of a demo city.
    demo: Option<String>,
    is_covered: bool,
}

async fn unlock_page(at: &At, next: &str, error: Option<&'static str>) -> Result<UnlockPage, Failure> {
    let staff = &at.staff;
    let mut tx = staff.city.db.read().await?;
    let demo = match staff.app.simulators {
        true => city::store::setting(&mut tx, casework::premises::DEMO_SETTING).await?,
        false => None,
    };
    let is_covered = recovery::is_covered(&mut tx, &staff.who.account).await?;
    drop(tx);
    Ok(UnlockPage {
        frame: staff.frame("sealed"),
        bar: Bar::new(staff, "", false),
        next: safe_next(next, first_page(staff)).to_owned(),
        error,
        demo,
        is_covered,
    })
}

/// `/sealed/unlock`
pub(crate) async fn get(at: At, headers: HeaderMap, Query(pairs): Asked) -> Result<Response, Failure> {
    let asked = Fields::from_pairs(pairs);
    let mut tx = at.staff.city.db.read().await?;
    let has_key = member::has_key(&mut tx, &at.staff.who.account).await?;
    drop(tx);
    if !has_key {
        return Ok(Redirect::to("/sealed/key").into_response());
    }
    if let Some(open) = cookie(&headers, COOKIE)
        && member::unlocked(at.house(), &at.staff.who.account, open).await.is_ok()
    {
        return Ok(Redirect::to(safe_next(asked.get("next"), first_page(&at.staff))).into_response());
    }
    show(&unlock_page(&at, asked.get("next"), None).await?)
}

/// `POST /sealed/unlock`
pub(crate) async fn post(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let at = At::of(staff).await?;
    match open_with(&at.staff, &at.premises, fields.raw("passphrase")).await? {
        Ok(open) => {
            let mut response = Redirect::to(safe_next(fields.get("next"), first_page(&at.staff))).into_response();
            set_desk_cookie(&mut response, Some(&open))?;
            Ok(response)
        }
        Err(sentence) => show_wrong(&unlock_page(&at, fields.get("next"), Some(sentence)).await?),
    }
}

/// Locks whatever desk the browser has open.
pub(crate) async fn lock_open(staff: &Staff, headers: &HeaderMap) -> Result<(), Failure> {
    let Some(open) = cookie(headers, COOKIE) else { return Ok(()) };
    if staff.city.sealed.is_some() {
        let premises = staff.visit.premises().await?;
        member::lock(premises.house(), &staff.who.account, open).await?;
    }
    Ok(())
}

/// `POST /sealed/lock`
pub(crate) async fn lock(headers: HeaderMap, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let at = At::of(staff).await?;
    lock_open(&at.staff, &headers).await?;
    let mut response = Redirect::to("/sealed/unlock?done=desk-locked").into_response();
    set_desk_cookie(&mut response, None)?;
    Ok(response)
}

/// `POST /sealed/pulse`: somebody is typing; the desk stays open.
pub(crate) async fn pulse(headers: HeaderMap, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let at = At::of(staff).await?;
    let open = cookie(&headers, COOKIE).ok_or_else(|| Failure::new(StatusCode::UNAUTHORIZED))?;
    match member::unlocked(at.house(), &at.staff.who.account, open).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(CaseError::Locked) => Err(Failure::new(StatusCode::UNAUTHORIZED)),
        Err(other) => Err(other.into()),
    }
}

#[derive(Template)]
#[template(path = "staff/sealed/key.html")]
struct KeyPage {
    frame: Frame,
    bar: Bar,
    form: Form,
    /// Whether the key that is made now can be given back by officers.
    is_covered: bool,
}

async fn key_page(at: &At, form: Form) -> Result<KeyPage, Failure> {
    let mut tx = at.staff.city.db.read().await?;
    let is_covered = recovery::is_covered(&mut tx, &at.staff.who.account).await?;
    Ok(KeyPage { frame: at.staff.frame("sealed"), bar: Bar::new(&at.staff, "", false), form, is_covered })
}

/// `/sealed/key`
pub(crate) async fn key(at: At) -> Result<Response, Failure> {
    let mut tx = at.staff.city.db.read().await?;
    let has_key = member::has_key(&mut tx, &at.staff.who.account).await?;
    drop(tx);
    if has_key {
        return Ok(Redirect::to("/sealed/unlock").into_response());
    }
    show(&key_page(&at, Form::new("key")).await?)
}

/// Whether a new passphrase was typed twice alike, and what follows was read.
fn typed_alike(fields: &Fields) -> Result<(), Refused> {
    if fields.raw("passphrase") == fields.raw("again") {
        return Ok(());
    }
    Err(Refused::Field("again", "2つのパスフレーズがちがいます。同じものを2回入れてください。".into()))
}

async fn make_key(at: &At, fields: &Fields) -> Result<String, Refused> {
    typed_alike(fields)?;
    if !fields.has("understood") {
        return Err(Refused::Field("understood", "忘れたときにどうなるかを読んで、印を付けてください。".into()));
    }
    let login = login_of(&at.staff).await?;
    let (entropy, account, passphrase) = (&at.staff.app.entropy, &at.staff.who.account, fields.raw("passphrase"));
    member::make_key(at.house(), entropy(), account, &login, passphrase).await?;
    Ok(member::unlock(at.house(), entropy().as_mut(), account, passphrase).await?.to_string())
}

/// `POST /sealed/key`: the first key; the desk is open then.
pub(crate) async fn post_key(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let at = At::of(staff).await?;
    match make_key(&at, &fields).await {
        Ok(open) => {
            let mut response = Redirect::to(&format!("{}?done=key-made", first_page(&at.staff))).into_response();
            set_desk_cookie(&mut response, Some(&open))?;
            Ok(response)
        }
        Err(refused) => {
            // What was typed is a secret: it is typed again.
            let mut form = Form::new("key").with("understood", fields.get("understood"));
            refused.onto(&mut form)?;
            show_wrong(&key_page(&at, form).await?)
        }
    }
}

#[derive(Template)]
#[template(path = "staff/sealed/passphrase.html")]
struct PassphrasePage {
    frame: Frame,
    bar: Bar,
    form: Form,
}

/// `/sealed/passphrase`
pub(crate) async fn passphrase(desk: Desk) -> Result<Response, Failure> {
    let (frame, bar) = (desk.staff.frame("sealed"), Bar::new(&desk.staff, "", true));
    show(&PassphrasePage { frame, bar, form: Form::new("passphrase") })
}

async fn change(at: &At, fields: &Fields) -> Result<(), Refused> {
    typed_alike(fields)?;
    if !at.staff.app.limits.unlock(&at.staff.who.account) {
        return Err(Refused::Field("old", "何度もためしました。1分ほど待ってください。".into()));
    }
    let login = login_of(&at.staff).await?;
    let (old, new) = (fields.raw("old"), fields.raw("passphrase"));
    let done = member::change_passphrase(at.house(), (at.staff.app.entropy)(), &at.staff.who.account, &login, old, new);
    match done.await {
        Err(CaseError::Wrong) => Err(Refused::Field("old", "いまのパスフレーズがちがいます。".into())),
        done => Ok(done?),
    }
}

/// `POST /sealed/passphrase`: the same key under another passphrase; every desk of its owner is locked.
pub(crate) async fn post_passphrase(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let at = At::of(staff).await?;
    match change(&at, &fields).await {
        Ok(()) => {
            let mut response = Redirect::to("/sealed/unlock?done=passphrase").into_response();
            set_desk_cookie(&mut response, None)?;
            Ok(response)
        }
        Err(refused) => {
            let mut form = Form::new("passphrase");
            refused.onto(&mut form)?;
            let (frame, bar) = (at.staff.frame("sealed"), Bar::new(&at.staff, "", false));
            show_wrong(&PassphrasePage { frame, bar, form })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::safe_next;

    #[test]
    fn after_the_unlock_only_the_desk_is_shown() {
        for next in ["/sealed", "/sealed?tab=mine", "/sealed/cases/x", "/partner", "/partner/cases/x"] {
            assert_eq!(safe_next(next, "/partner"), next);
        }
        for next in [
            "",
            "/",
            "//evil",
            "/sealedx",
            "/partners",
            "https://evil",
            "/sealed/\\evil",
            "/sealed\r\nx",
            "/sealed/unlock?next=/sealed",
        ] {
            assert_eq!(safe_next(next, "/sealed"), "/sealed", "{next}");
        }
    }
}
