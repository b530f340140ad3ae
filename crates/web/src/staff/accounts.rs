//! `/accounts`: the list of the staff's accounts, and new ones.

use std::collections::HashMap;

use access::account::{self, Assignment, Grant, Span};
use access::{Action, Role};
use askama::Template;
use axum::extract::Query;
use axum::http::HeaderMap;
use axum::response::Response;
use calendar::Date;

use super::fields::{Fields, StaffForm};
use super::form::{Choices, Form, Refused, needed_day, show_wrong};
use super::frame::Frame;
use super::gate::{Staff, encode};
use super::organisation::choices;
use crate::citizen::show;
use crate::errors::Failure;

/// Accounts on a page of the list.
const PER_PAGE: usize = 50;

struct Row {
    id: String,
    login: String,
    name: String,
    sections: String,
    roles: String,
    state: (&'static str, &'static str),
}

#[derive(Template)]
#[template(path = "staff/admin/accounts.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<Row>,
    total: usize,
    page: usize,
    pages: usize,
    query: String,
    filter: Form,
    sections: Choices,
    roles: Choices,
    states: Choices,
    may_write: bool,
}

/// Class of the tag, and what the state of an account is called.
pub(crate) fn state_tag(state: &str) -> (&'static str, &'static str) {
    match state {
        "active" => ("ok", "使えます"),
        "invited" => ("warn", "設定待ち"),
        _ => ("dim", "停止中"),
    }
}

pub(crate) fn holds(from: Date, to: Option<Date>, today: Date) -> bool {
    from <= today && to.is_none_or(|to| today <= to)
}

fn choice(code: &str, words: &str) -> (String, String) {
    (code.to_owned(), words.to_owned())
}

/// All roles, or those of sections and the city that one person may give.
pub(crate) fn role_choices(none: &str, with_dangerous: bool) -> Choices {
    let roles = Role::ALL.into_iter().filter(|r| with_dangerous || !r.is_dangerous());
    std::iter::once(choice("", none)).chain(roles.map(|r| choice(r.code(), r.name()))).collect()
}

fn by_account<T>(rows: Vec<T>, account: impl Fn(&T) -> &str) -> HashMap<String, Vec<T>> {
    let mut found: HashMap<String, Vec<T>> = HashMap::new();
    for row in rows {
        found.entry(account(&row).to_owned()).or_default().push(row);
    }
    found
}

pub(crate) async fn get(staff: Staff, Query(pairs): Query<Vec<(String, String)>>) -> Result<Response, Failure> {
    let fields = Fields::from_pairs(pairs);
    let frame = staff.frame("admin");
    let mut tx = staff.city.db.read().await?;
    let accounts = access::store::account::all(&mut tx).await?;
    let assignments =
        by_account(access::store::account::assignments(&mut tx, None).await?, |a: &Assignment| &a.account);
    let grants = by_account(access::store::account::grants(&mut tx, None).await?, |g: &Grant| &g.account);
    drop(tx);
    let typed = fields.get("q").to_lowercase();
    let today = frame.today;
    let code_today = |code: &str| staff.section_today(code);
    let mut rows = Vec::new();
    for found in accounts {
        let sections: Vec<String> = assignments
            .get(&found.id)
            .into_iter()
            .flatten()
            .filter(|a| holds(a.valid_from, a.valid_to, today))
            .map(|a| code_today(&a.section))
            .collect();
        let roles: Vec<&Grant> =
            grants.get(&found.id).into_iter().flatten().filter(|g| holds(g.valid_from, g.valid_to, today)).collect();
        let fits = (typed.is_empty() || found.login.contains(&typed) || found.name.to_lowercase().contains(&typed))
            && (!fields.has("section") || sections.iter().any(|s| s == fields.get("section")))
            && (!fields.has("role") || roles.iter().any(|g| g.role == fields.get("role")))
            && (!fields.has("state") || found.state == fields.get("state"));
        if fits {
            let sections: Vec<String> = sections.iter().map(|s| frame.section(s)).collect();
            let mut roles: Vec<&str> = roles.iter().filter_map(|g| Role::from_code(&g.role)).map(Role::name).collect();
            roles.dedup();
            rows.push(Row {
                sections: sections.join("、"),
                roles: roles.join("、"),
                state: state_tag(&found.state),
                login: found.login,
                name: found.name,
                id: found.id,
            });
        }
    }
    let (total, pages) = (rows.len(), rows.len().div_ceil(PER_PAGE).max(1));
    let page = fields.get("page").parse().unwrap_or(1).clamp(1, pages);
    let rows = rows.into_iter().skip((page - 1) * PER_PAGE).take(PER_PAGE).collect();
    let query: String = ["q", "section", "role", "state"].map(|n| format!("{n}={}&", encode(fields.get(n)))).concat();
    show(&ListPage {
        rows,
        total,
        page,
        pages,
        query,
        filter: Form::sent("filter", &fields),
        sections: choices(&frame.city, today, "すべての課"),
        roles: role_choices("すべての役割", true),
        states: vec![
            choice("", "すべて"),
            choice("active", "使えます"),
            choice("invited", "設定待ち"),
            choice("disabled", "停止中"),
        ],
        may_write: staff.who.may(Action::AccountWrite),
        frame,
    })
}

/// A role with a box, for a new account.
struct RoleBox {
    code: &'static str,
    name: &'static str,
    marked: bool,
}

#[derive(Template)]
#[template(path = "staff/admin/account_new.html")]
struct NewPage {
    frame: Frame,
    form: Form,
    sections: Choices,
    roles: Vec<RoleBox>,
}

fn new_page(staff: &Staff, form: Form, marked: &[&str]) -> NewPage {
    let frame = staff.frame("admin");
    let role = |r: Role| RoleBox { code: r.code(), name: r.name(), marked: marked.contains(&r.code()) };
    NewPage {
        form,
        sections: choices(&frame.city, frame.today, "選んでください"),
        roles: Role::ALL.into_iter().filter(|r| !r.is_dangerous()).map(role).collect(),
        frame,
    }
}

pub(crate) async fn new(staff: Staff) -> Result<Response, Failure> {
    let form = Form::new("new").with("from", staff.visit.today().to_string());
    show(&new_page(&staff, form, &[]))
}

/// Makes the account with its section and roles, and an invitation. Returns its id and the invitation.
async fn make(staff: &Staff, fields: &Fields) -> Result<(String, String), Refused> {
    let (clock, actor) = (staff.app.clock.as_ref(), staff.who.actor());
    let from = needed_day(fields, "from")?;
    let section = fields.get("section");
    let organisation = staff.city.organisation();
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    let (login, name) = (fields.get("login"), fields.get("name"));
    let id = account::make(&mut tx, clock, entropy.as_mut(), &actor, login, name, None).await?;
    let span = |section| Span { account: &id, section, from, to: None };
    account::assign(&mut tx, clock, entropy.as_mut(), &actor, &organisation, false, span(Some(section))).await?;
    for code in fields.all("role") {
        let role = Role::from_code(code).filter(|r| !r.is_dangerous());
        let role = role.ok_or_else(|| Refused::Field("role", "その役割は、ここでは付けられません。".into()))?;
        let span = span(Some(section).filter(|_| role.in_section()));
        account::give_role(&mut tx, clock, entropy.as_mut(), &actor, None, role, span).await?;
    }
    let token = account::invite(&mut tx, clock, entropy.as_mut(), &actor, &id).await?;
    tx.commit().await?;
    Ok((id, token))
}

pub(crate) async fn post_new(headers: HeaderMap, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    match make(&staff, &fields).await {
        Ok((id, token)) => super::two_person::invited(&staff, &headers, &id, &token).await,
        Err(refused) => {
            let mut form = Form::sent("new", &fields);
            refused.onto(&mut form)?;
            show_wrong(&new_page(&staff, form, &fields.all("role")))
        }
    }
}
