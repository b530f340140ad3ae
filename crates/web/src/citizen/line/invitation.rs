//! `/line/invitations/{code}`: where the QR code of a slip leads.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use line_account::link;

use crate::citizen::questions::private;
use crate::citizen::{Visit, show};
use crate::errors::Failure;
use crate::limits::ClientAddress;
use crate::page::Page;

#[derive(Template)]
#[template(path = "citizen/line_invitation.html")]
struct InvitationPage {
    page: Page,
    code: String,
    until: String,
    /// Opens the talk with the account, with the words filled in; none where the account's name is not known.
    open: Option<String>,
}

/// The address that opens a talk with words in it (<https://developers.line.biz/en/docs/messaging-api/using-line-url-scheme/>).
fn talk_with(visit: &Visit, words: &str) -> Option<String> {
    let line = visit.city.line.as_ref()?;
    let encoded: String = words.bytes().map(|b| format!("%{b:02X}")).collect();
    match (&line.simulator, line.account.basic_id.as_str()) {
        (Some(_), _) => Some(format!("/simulators/line?text={encoded}")),
        (None, "") => None,
        (None, id) => Some(format!("https://line.me/R/oaMessage/{}/?{encoded}", id.replace('@', "%40"))),
    }
}

pub(crate) async fn get(visit: Visit, client: ClientAddress, Path(code): Path<String>) -> Result<Response, Failure> {
    let mut tx = visit.city.db.read().await?;
    let Some(found) = link::by_code(&mut tx, visit.app.clock.as_ref(), &code).await? else {
        return Err(if visit.app.limits.key(client) { Failure::not_found() } else { Failure::too_many() });
    };
    let code = store::ids::tidy_key(&code);
    let page = visit.page("");
    let (until, open) = (page.day(found.expires_at.jst_date()), talk_with(&visit, &format!("連携 {code}")));
    Ok(private(show(&InvitationPage { page, code, until, open })?))
}
