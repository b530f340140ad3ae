//! `/people/{id}/slips`: the slip of paper by which a person joins their LINE with the city.

use askama::Template;
use askama::filters::Safe;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use line_account::link::{self, Invitation};
use people::person;

use super::fields::StaffForm;
use super::frame::Frame;
use crate::citizen::show;
use crate::errors::Failure;
use crate::qr::qr;

/// A slip in the list of a person's page.
pub(crate) struct SlipRow {
    pub(crate) number: String,
    pub(crate) made: String,
    pub(crate) state: String,
    pub(crate) is_open: bool,
}

impl SlipRow {
    pub(crate) fn of(frame: &Frame, i: &Invitation, now: calendar::Instant) -> Self {
        let is_open = i.state == "open" && i.expires_at > now;
        let ended = i.ended_at.map(|at| frame.moment(&at)).unwrap_or_default();
        let state = match i.state.as_str() {
            "used" => format!("{ended} に連携"),
            "withdrawn" => format!("{ended} に取り消し"),
            _ if is_open => format!("{} まで使えます", frame.day(&i.expires_at.jst_date())),
            _ => "期限切れ".to_owned(),
        };
        SlipRow { number: i.number.clone(), made: frame.moment(&i.made_at), state, is_open }
    }
}

#[derive(Template)]
#[template(path = "staff/slip.html")]
struct SlipPage {
    frame: Frame,
    person: String,
    city: String,
    window: String,
    phone: String,
    number: String,
    code: String,
    until: String,
    address: String,
    qr: Safe<String>,
}

/// Makes a slip and shows it, once: its code is stored nowhere.
pub(crate) async fn post(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let Some(line) = staff.city.line.clone() else {
        return Err(Failure::refused(
            "LINEの公式アカウントが設定されていません。システム管理者に伝えてください。".into(),
        ));
    };
    let (clock, mut entropy) = (staff.app.clock.as_ref(), (staff.app.entropy)());
    let mut tx = staff.city.db.write().await?;
    let found = person::current(&mut tx, &id).await?;
    if found.secrecy.is_some() {
        return Err(Failure::refused(
            "秘匿の人には、LINEの紙を作れません。LINEのトークは、ほかの人の目に入ることがあります。".into(),
        ));
    }
    let made = link::invite(&mut tx, clock, entropy.as_mut(), &found.id, &staff.who.actor()).await?;
    let (invitation, code) = made;
    tx.commit().await?;
    let frame = staff.frame("people");
    let address = format!("{}/line/invitations/{code}", line.account.pages);
    let profile = &staff.city.organisation().profile;
    show(&SlipPage {
        person: found.id,
        city: profile.name(city::Lang::Ja).to_owned(),
        window: profile.window.clone(),
        phone: profile.phone.clone(),
        number: invitation.number,
        until: frame.day(&invitation.expires_at.jst_date()),
        qr: qr(&address, "LINEでつながるためのQRコード"),
        address,
        code,
        frame,
    })
}

/// Ends the open slips of a person: a slip was lost.
pub(crate) async fn withdraw(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let mut tx = staff.city.db.write().await?;
    let found = person::current(&mut tx, &id).await?;
    link::withdraw(&mut tx, staff.app.clock.as_ref(), &found.id, &staff.who.actor()).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/people/{}?done=saved", found.id)).into_response())
}
