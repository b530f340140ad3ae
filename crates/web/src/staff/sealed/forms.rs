//! Forms of the desk: one that comes while the desk is locked is kept until it is open again.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use casework::{CaseError, member};

use super::bar::Bar;
use super::{At, COOKIE, Desk, Fresh};
use crate::App;
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::Fields;
use crate::staff::frame::Frame;
use crate::staff::gate::{Staff, cookie};

/// The field in which the passphrase comes along with a form that was kept.
const PASSPHRASE: &str = "_passphrase";
/// The field by which the page's script says that the time is over and what was typed is to be kept.
const HOLD: &str = "_hold";
/// The field that says: show the form once more, do not carry it out.
pub(crate) const AGAIN: &str = "_again";

/// A form of the desk, sent by a page of this session, while the desk is open.
///
/// Comes it while the desk is locked, the answer is a page that asks for the passphrase and holds the fields; from there
/// it comes once more, opens the desk, and is carried out.
pub(crate) struct DeskForm(pub(crate) Desk, pub(crate) Fields);

impl FromRequest<Arc<App>> for DeskForm {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        taken(request, app).await.map_err(|refused| match refused {
            Kept::Failure(failure) => failure.into_response(),
            Kept::Page(page) => page,
        })
    }
}

enum Kept {
    Failure(Failure),
    Page(Response),
}

impl<E: Into<Failure>> From<E> for Kept {
    fn from(error: E) -> Self {
        Kept::Failure(error.into())
    }
}

async fn taken(request: Request, app: &Arc<App>) -> Result<DeskForm, Kept> {
    let (mut parts, body) = request.into_parts();
    let staff = Staff::from_request_parts(&mut parts, app).await?;
    let open = cookie(&parts.headers, COOKIE).map(str::to_owned);
    let by_script = parts.headers.contains_key("x-requested-with");
    let (uri, fresh) = (parts.uri.clone(), parts.extensions.get::<Fresh>().cloned());
    let Form(pairs) = Form::<Vec<(String, String)>>::from_request(Request::from_parts(parts, body), app)
        .await
        .map_err(|refused| Failure::new(refused.status()))?;
    let fields = Fields::from_pairs(pairs);
    if !staff.is_own_form(fields.get("csrf")) {
        return Err(Failure::new(StatusCode::FORBIDDEN).into());
    }
    let at = At::of(staff).await?;
    let (kind, entered) = at.entered(&uri).await?;
    let At { staff, premises } = at;
    if let Some(who) = entered {
        return Ok(DeskForm(Desk { staff, premises, who, kind }, without(fields)));
    }
    if fields.has(HOLD) {
        if let Some(open) = &open {
            member::lock(premises.house(), &staff.who.account, open).await?;
        }
        return Err(Kept::Page(locked_page(&staff, &uri, &fields, None)?));
    }
    if let Some(open) = &open {
        match member::unlocked(premises.house(), &staff.who.account, open).await {
            Ok(who) => return Ok(DeskForm(Desk { staff, premises, who, kind }, without(fields))),
            Err(CaseError::Locked) => {}
            Err(other) => return Err(other.into()),
        }
    }
    if by_script {
        return Err(Failure::new(StatusCode::UNAUTHORIZED).into());
    }
    if !fields.has(PASSPHRASE) {
        return Err(Kept::Page(locked_page(&staff, &uri, &fields, None)?));
    }
    match open_with(&staff, &premises, fields.raw(PASSPHRASE)).await? {
        Ok(open) => {
            let who = member::unlocked(premises.house(), &staff.who.account, &open).await?;
            if let Some(fresh) = fresh {
                fresh.set(&open);
            }
            Ok(DeskForm(Desk { staff, premises, who, kind }, without(fields)))
        }
        Err(sentence) => Err(Kept::Page(locked_page(&staff, &uri, &fields, Some(sentence))?)),
    }
}

/// Without what belongs to the lock.
fn without(fields: Fields) -> Fields {
    Fields::from_pairs(fields.pairs().iter().filter(|(name, _)| name != PASSPHRASE).cloned().collect())
}

/// Opens a desk: what its cookie holds, or a sentence.
pub(super) async fn open_with(
    staff: &Staff,
    premises: &casework::Premises,
    passphrase: &str,
) -> Result<Result<String, &'static str>, Failure> {
    if !staff.app.limits.unlock(&staff.who.account) {
        return Ok(Err("何度もためしました。1分ほど待ってから、もう一度入れてください。"));
    }
    let mut entropy = (staff.app.entropy)();
    match member::unlock(premises.house(), entropy.as_mut(), &staff.who.account, passphrase).await {
        Ok(open) => Ok(Ok(open.to_string())),
        Err(CaseError::Wrong) => {
            Ok(Err("パスフレーズがちがいます。大文字と小文字、ひらがなと漢字、あいだの空白も確かめてください。"))
        }
        Err(CaseError::NotFound) => Ok(Err("窓口の鍵がまだありません。先に鍵を作ってください。")),
        Err(other) => Err(other.into()),
    }
}

#[derive(Template)]
#[template(path = "staff/sealed/locked.html")]
struct LockedPage {
    frame: Frame,
    bar: Bar,
    path: String,
    fields: Vec<(String, String)>,
    error: Option<&'static str>,
}

fn locked_page(staff: &Staff, uri: &Uri, fields: &Fields, error: Option<&'static str>) -> Result<Response, Failure> {
    let kept = |name: &str| !["csrf", PASSPHRASE, HOLD].contains(&name);
    let mut carried: Vec<(String, String)> = fields.pairs().iter().filter(|(name, _)| kept(name)).cloned().collect();
    if fields.has(HOLD) && !fields.has(AGAIN) {
        carried.push((AGAIN.to_owned(), "on".to_owned()));
    }
    let path = uri.path_and_query().map_or_else(String::new, |whole| whole.as_str().to_owned());
    let page =
        LockedPage { frame: staff.frame("sealed"), bar: Bar::new(staff, "cases", false), path, fields: carried, error };
    let mut response = show(&page)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}
