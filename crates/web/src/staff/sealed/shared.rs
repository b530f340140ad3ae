//! What the pages around a sealed desk share: forms of the desk while it may be locked, roles, names.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Redirect, Response};
use casework::member::DeskRole;
use casework::{CaseError, Kind, case};

use super::At;
use crate::App;
use crate::errors::Failure;
use crate::staff::fields::{Fields, StaffForm};
use crate::staff::form::{Choices, Form};
use crate::staff::gate::Staff;
use crate::staff::shown::Names;

/// The desk that these pages are about.
pub(crate) const DESK: &str = case::BULLYING;

/// Code, name and purpose of each role that these pages give.
pub(crate) const ROLES: [(DeskRole, &str, &str); 4] = [
    (DeskRole::Consultant, "相談員", "事案を読み、書きます。加わったあとに来る事案は、はじめから読めます。"),
    (DeskRole::Supervisor, "監督者", "期限がすぎた事案があることを知ります。中身は読めません。"),
    (
        DeskRole::Officer,
        "回復の担当者",
        "忘れられた鍵をもどす紙を1枚持ちます。2人そろうと、非常時に事案を1つ開けます。ふだんは読めません。",
    ),
    (
        DeskRole::Partner,
        "連携先",
        "学校、教育委員会、福祉、警察、弁護士などの人です。招かれた事案で、開示されたことだけを読みます。",
    ),
];

/// What a role is called.
pub(crate) fn role_name(role: DeskRole) -> &'static str {
    ROLES.iter().find(|(own, ..)| *own == role).map_or("", |(_, name, _)| name)
}

/// Somebody with a role at a desk, from whoever is logged in; for all others the page is not there.
pub(crate) async fn at(staff: Staff) -> Result<At, Failure> {
    if !works(&staff) {
        return Err(Failure::not_found());
    }
    At::of(staff).await
}

/// Whether somebody works at the desk itself, in whichever role; partners only take part in single cases.
pub(crate) fn works(staff: &Staff) -> bool {
    works_at(staff, DESK)
}

/// The same of any desk.
pub(crate) fn works_at(staff: &Staff, desk: &str) -> bool {
    let roles = [DeskRole::Consultant, DeskRole::Supervisor, DeskRole::Officer];
    roles.into_iter().any(|role| staff.is_at(desk, role))
}

/// A form of somebody with a role at a desk.
pub(crate) struct AtForm(pub(crate) At, pub(crate) Fields);

impl FromRequest<Arc<App>> for AtForm {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let StaffForm(staff, fields) = StaffForm::from_request(request, app).await?;
        Ok(AtForm(at(staff).await?, fields))
    }
}

/// Notes on a form what was wrong; what no form can mend is a failure.
pub(crate) fn onto(error: CaseError, form: &mut Form) -> Result<(), Failure> {
    match error {
        CaseError::Field { field, reason } => form.wrong(field, reason),
        CaseError::Rule(reason) => form.wrong("", reason),
        CaseError::Changed => {
            form.wrong("", "ほかの人が先に変えました。いまの内容を確かめて、もう一度送ってください。");
        }
        other => return Err(other.into()),
    }
    Ok(())
}

/// Whoever did something, by what stands in the records.
pub(crate) fn actor(names: &Names, actor: &str) -> String {
    match actor.strip_prefix("account:") {
        Some(account) => names.of(account),
        None => "システム管理者".into(),
    }
}

/// Leads to a page about a kind of case, which says what was done.
pub(crate) fn done_at(kind: &Kind, path: &str, done: &str) -> Response {
    let named = if kind.desk == DESK { String::new() } else { format!("desk={}&", kind.desk) };
    Redirect::to(&format!("{path}?{named}done={done}")).into_response()
}

/// Several people by their accounts.
pub(crate) fn people(names: &Names, accounts: &[String]) -> String {
    accounts.iter().map(|account| names.of(account)).collect::<Vec<_>>().join("、")
}

/// Accounts to choose from, with a first line that chooses nobody.
pub(crate) fn choose<'a>(names: &Names, none: &str, accounts: impl Iterator<Item = &'a str>) -> Choices {
    let own = accounts.map(|account| (account.to_owned(), names.of(account)));
    std::iter::once((String::new(), none.to_owned())).chain(own).collect()
}
