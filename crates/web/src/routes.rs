//! Every address of the house with the face it belongs to and who may use it. The authorisation
//! table test walks this list.

mod desk;
mod line;
mod sealed;
mod sealed_around;
mod sends;

use std::sync::Arc;

use access::Action;
use axum::extract::DefaultBodyLimit;
use axum::response::Redirect;
use axum::routing::{MethodRouter, get, post};
use axum::{Router, middleware};
use city::Lang;

use crate::citizen::{
    self, about, articles, ask, contacts, feedback, history, home, opendata, questions, room, simulators, suggestions,
    topics,
};
use crate::{App, assets, errors, files, security, staff};

/// Largest body of a citizen's form, in bytes.
pub(crate) const MAX_BODY: usize = 64 * 1024;
/// Largest body of a form of the staff: an article in three languages, percent-encoded.
pub(crate) const MAX_STAFF_BODY: usize = 1024 * 1024;

/// The limit of forms that may have files with them.
fn with_files() -> DefaultBodyLimit {
    DefaultBodyLimit::max(files::MAX_UPLOAD)
}

/// A face: a group of addresses that a listener mounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Citizens.
    Public,
    /// Staff and operation.
    Staff,
    /// Sealed cases, for those who work at a desk: `/sealed/…`.
    Desk,
    /// What was disclosed of a sealed case to somebody who helps with it: `/partner/…`.
    Partner,
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone who reaches the face.
    Anyone,
    /// Whoever holds the key that is part of the address or form.
    KeyHolder,
    /// LINE alone, which signs what it sends.
    Line,
    /// Every member of the staff who is logged in.
    SignedIn,
    /// Members of the staff who may do this somewhere; the page looks where.
    Staff(Action),
}

/// A route of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Face.
    pub face: Face,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Pattern of the address, without a language's prefix.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
}

/// Routes with their handlers; what is mounted and what is listed cannot differ.
struct Table {
    face: Face,
    router: Router<Arc<App>>,
    routes: Vec<Route>,
}

impl Table {
    fn new(face: Face) -> Self {
        Table { face, router: Router::new(), routes: Vec::new() }
    }

    fn add(
        mut self,
        method: &'static str,
        path: &'static str,
        access: Access,
        handler: MethodRouter<Arc<App>>,
    ) -> Self {
        let handler = match access {
            Access::Anyone | Access::KeyHolder | Access::Line => handler,
            Access::SignedIn | Access::Staff(_) => {
                handler.layer(middleware::from_fn(move |request, next| staff::gate::pass(access, request, next)))
            }
        };
        self.router = self.router.route(path, handler);
        self.routes.push(Route { face: self.face, method, path, access });
        self
    }
}

/// Pages that exist in every language.
fn pages() -> Table {
    use Access::{Anyone, KeyHolder};
    line_pages(contact_pages(Table::new(Face::Public)))
        .add("GET", "/", Anyone, get(home::get))
        .add("GET", "/ask", Anyone, get(ask::get))
        .add("GET", "/suggestions", Anyone, get(suggestions::get))
        .add("GET", "/about", Anyone, get(about::get))
        .add("GET", "/bullying/effect", Anyone, get(citizen::effect::get))
        .add("GET", "/topics/{code}", Anyone, get(topics::get))
        .add("GET", "/articles/{code}", Anyone, get(articles::get))
        .add("GET", "/articles/{code}/history", Anyone, get(history::get))
        .add("POST", "/articles/{code}/feedback", Anyone, post(feedback::post))
        .add("GET", "/articles/{code}/feedback/{id}", KeyHolder, get(feedback::get))
        .add("POST", "/articles/{code}/feedback/{id}", KeyHolder, post(feedback::post_comment))
        .add("GET", "/questions", Anyone, get(questions::get))
        .add("POST", "/questions", Anyone, post(questions::post))
        .add("GET", "/questions/new", Anyone, get(questions::new))
        .add("POST", "/questions/lookup", KeyHolder, post(questions::lookup))
        .add("GET", "/questions/{number}/{key}", KeyHolder, get(questions::show_one))
        .add("POST", "/questions/{number}/{key}/feedback", KeyHolder, post(questions::helped))
        .add("POST", "/questions/{number}/{key}/reopening", KeyHolder, post(questions::reopen))
        .add("POST", "/questions/{number}/{key}/withdrawal", KeyHolder, post(questions::withdraw))
        .add("GET", "/room", Anyone, get(room::get))
        .add("POST", "/room", Anyone, post(room::post).layer(DefaultBodyLimit::max(room::MAX_UPLOAD)))
}

/// Talking with the city, in every language.
fn contact_pages(table: Table) -> Table {
    use Access::{Anyone, KeyHolder};
    use contacts::{call_back, one, stream};
    table
        .add("GET", "/contacts", Anyone, get(contacts::get))
        .add("POST", "/contacts", Anyone, post(contacts::post))
        .add("GET", "/contacts/new", Anyone, get(contacts::new))
        .add("POST", "/contacts/lookup", KeyHolder, post(contacts::lookup))
        .add("GET", "/contacts/{number}/{key}", KeyHolder, get(one::get))
        .add("GET", "/contacts/{number}/{key}/stream", KeyHolder, get(stream::get))
        .add("POST", "/contacts/{number}/{key}/messages", KeyHolder, post(one::post_message).layer(with_files()))
        .add("GET", "/contacts/{number}/{key}/attachments/{id}", KeyHolder, get(one::get_attachment))
        .add("POST", "/contacts/{number}/{key}/choice", KeyHolder, post(one::post_choice))
        .add("POST", "/contacts/{number}/{key}/hand-over", KeyHolder, post(one::post_hand_over))
        .add("POST", "/contacts/{number}/{key}/closing", KeyHolder, post(one::post_closing))
        .add("POST", "/contacts/{number}/{key}/rating", KeyHolder, post(one::post_rating))
        .add("POST", "/contacts/{number}/{key}/reading", KeyHolder, post(one::post_reading))
        .add("POST", "/contacts/{number}/{key}/typing", KeyHolder, post(one::post_typing))
        .add("GET", "/contacts/{number}/{key}/call-back", KeyHolder, get(call_back::get))
        .add("POST", "/contacts/{number}/{key}/call-back", KeyHolder, post(call_back::post))
}

/// Pages that are reached from LINE, in every language.
fn line_pages(table: Table) -> Table {
    use Access::{Anyone, KeyHolder};
    use citizen::line::{choices, invitation, link};
    table
        .add("GET", "/line/choices/{key}", KeyHolder, get(choices::get))
        .add("POST", "/line/choices/{key}", KeyHolder, post(choices::post))
        .add("POST", "/line/choices/{key}/unlinking", KeyHolder, post(choices::unlink))
        .add("GET", "/line/link", Anyone, get(link::get))
        .add("GET", "/line/invitations/{code}", KeyHolder, get(invitation::get))
}

/// Addresses that exist once.
fn files() -> Table {
    use Access::Anyone;
    Table::new(Face::Public)
        .add("GET", "/assets/{digest}/{name}", Anyone, get(assets::get))
        .add("GET", "/theme/{digest}", Anyone, get(citizen::theme))
        .add("GET", "/opendata/faq.csv", Anyone, get(opendata::faq))
        .add("GET", "/bullying/effect.csv", Anyone, get(citizen::effect::csv))
        .add("GET", "/sitemap.xml", Anyone, get(opendata::sitemap))
        .add("GET", "/robots.txt", Anyone, get(opendata::robots))
        .add(
            "POST",
            "/line/webhook",
            Access::Line,
            post(citizen::line::webhook::post).layer(DefaultBodyLimit::max(line_account::inbox::MOST_BYTES)),
        )
        .add("GET", "/simulators/line", Anyone, get(simulators::line::get))
        .add("GET", "/simulators/line/link", Anyone, get(simulators::line::get_link))
        .add("POST", "/simulators/line/link", Anyone, post(simulators::line::post_link))
        .add("GET", "/simulators/line/menus/{id}", Anyone, get(simulators::line::get_menu))
        .add("GET", "/simulators/line/{user}/talk", Anyone, get(simulators::line::get_talk))
        .add(
            "POST",
            "/simulators/line/{user}",
            Anyone,
            post(simulators::line::post).layer(DefaultBodyLimit::max(simulators::line::MOST_UPLOAD)),
        )
}

/// FAQ and 原稿 on the staff's face.
fn article_pages(table: Table) -> Table {
    use Access::Staff;
    use Action::{ArticleApprove, ArticleRead, ArticleWrite, ImportRun, ThesaurusWrite};
    use staff::articles::{bulk, compare, files, one, views, wordings};
    use staff::drafts::{self, decide, live, merge, one as draft, save};
    use staff::thesaurus::{self, edit, files as lines};
    table
        .add("GET", "/articles", Staff(ArticleRead), get(staff::articles::get))
        .add("POST", "/articles/bulk", Staff(ArticleRead), post(bulk::post))
        .add("POST", "/articles/views", Staff(ArticleRead), post(views::post))
        .add("POST", "/articles/views/{id}/removal", Staff(ArticleRead), post(views::remove))
        .add("GET", "/articles/import", Staff(ImportRun), get(files::get))
        .add(
            "POST",
            "/articles/import",
            Staff(ImportRun),
            post(files::post).layer(DefaultBodyLimit::max(files::MAX_UPLOAD)),
        )
        .add("GET", "/articles/export.csv", Staff(ImportRun), get(files::csv))
        .add("GET", "/articles/export.xlsx", Staff(ImportRun), get(files::xlsx))
        .add("GET", "/articles/{code}", Staff(ArticleRead), get(one::get))
        .add("GET", "/articles/{code}/compare", Staff(ArticleRead), get(compare::get))
        .add("POST", "/articles/{code}/draft", Staff(ArticleWrite), post(one::post_draft))
        .add("POST", "/articles/{code}/recheck", Staff(ArticleRead), post(one::post_recheck))
        .add("POST", "/articles/{code}/withdrawal", Staff(ArticleApprove), post(one::post_withdrawal))
        .add("GET", "/trial", Staff(ArticleRead), get(staff::trial::get))
        .add("GET", "/articles/{code}/wordings", Staff(ArticleRead), get(wordings::get))
        .add("POST", "/articles/{code}/wordings", Staff(ArticleWrite), post(wordings::post))
        .add("POST", "/articles/{code}/wordings/{id}/removal", Staff(ArticleWrite), post(wordings::remove))
        .add("POST", "/articles/{code}/versions/{n}/restoration", Staff(ArticleWrite), post(one::post_restoration))
        .add("GET", "/thesaurus", Staff(ArticleRead), get(thesaurus::get))
        .add("POST", "/thesaurus", Staff(ThesaurusWrite), post(edit::post))
        .add("GET", "/thesaurus/new", Staff(ThesaurusWrite), get(edit::new))
        .add("GET", "/thesaurus/import", Staff(ThesaurusWrite), get(lines::get))
        .add(
            "POST",
            "/thesaurus/import",
            Staff(ThesaurusWrite),
            post(lines::post).layer(DefaultBodyLimit::max(lines::MAX_FORM)),
        )
        .add("GET", "/thesaurus/export.tsv", Staff(ArticleRead), get(lines::export))
        .add("GET", "/thesaurus/{id}", Staff(ThesaurusWrite), get(edit::get))
        .add("POST", "/thesaurus/{id}", Staff(ThesaurusWrite), post(edit::post_one))
        .add("POST", "/thesaurus/{id}/removal", Staff(ThesaurusWrite), post(edit::remove))
        .add("GET", "/drafts", Staff(ArticleRead), get(drafts::get))
        .add("POST", "/drafts", Staff(ArticleWrite), post(drafts::post))
        .add("GET", "/drafts/{id}", Staff(ArticleRead), get(draft::get))
        .add("POST", "/drafts/{id}", Staff(ArticleWrite), post(save::post))
        .add("POST", "/drafts/{id}/submission", Staff(ArticleWrite), post(save::post_submission))
        .add("POST", "/drafts/{id}/preview", Staff(ArticleWrite), post(live::preview))
        .add("POST", "/drafts/{id}/presence", Staff(ArticleRead), post(live::presence))
        .add("POST", "/drafts/{id}/approval", Staff(ArticleApprove), post(decide::approval))
        .add("POST", "/drafts/{id}/return", Staff(ArticleApprove), post(decide::send_back))
        .add("POST", "/drafts/{id}/comment", Staff(ArticleRead), post(decide::comment))
        .add("POST", "/drafts/{id}/recall", Staff(ArticleWrite), post(decide::take_back))
        .add("POST", "/drafts/{id}/discard", Staff(ArticleWrite), post(decide::discard))
        .add("POST", "/drafts/{id}/undo", Staff(ArticleWrite), post(decide::undo))
        .add("GET", "/drafts/{id}/rebase", Staff(ArticleRead), get(merge::rebase))
        .add("POST", "/drafts/{id}/rebase", Staff(ArticleWrite), post(merge::post_rebase))
        .add("GET", "/drafts/{id}/rescues/{rescue}", Staff(ArticleWrite), get(merge::rescue))
        .add("POST", "/drafts/{id}/rescues/{rescue}", Staff(ArticleWrite), post(merge::post_rescue))
        .add("POST", "/drafts/{id}/rescues/{rescue}/removal", Staff(ArticleWrite), post(merge::remove_rescue))
}

/// The board, left questions, inquiries and rounds.
fn question_pages(table: Table) -> Table {
    use Access::{SignedIn, Staff};
    use staff::inquiries::{self, one};
    use staff::rounds::{self, items};
    use staff::{board, questions};
    let (read, answer) = (Staff(Action::QuestionRead), Staff(Action::QuestionAnswer));
    let (ask, reply) = (Staff(Action::InquiryAsk), Staff(Action::InquiryAnswer));
    table
        .add("GET", "/board", read, get(board::get))
        .add("GET", "/board/{id}", read, get(board::one))
        .add("POST", "/board/{id}/draft", Staff(Action::ArticleWrite), post(board::post_draft))
        .add("POST", "/board/{id}/answer", answer, post(board::post_answer))
        .add("POST", "/board/{id}/dismissal", answer, post(board::post_dismissal))
        .add("POST", "/board/{id}/restoration", answer, post(board::post_restoration))
        .add("GET", "/questions", read, get(questions::get))
        .add("GET", "/questions/{number}", read, get(questions::get_one))
        .add("POST", "/questions/{number}/answer", answer, post(questions::post_answer))
        .add("POST", "/questions/{number}/hand-over", answer, post(questions::post_handover))
        // Who asks and who answers see these pages; each page looks which of both it needs.
        .add("GET", "/inquiries", SignedIn, get(inquiries::get))
        .add("GET", "/inquiries/new", ask, get(inquiries::new))
        .add("POST", "/inquiries/new", ask, post(inquiries::post_new))
        .add("GET", "/inquiries/{number}", SignedIn, get(one::get))
        .add("POST", "/inquiries/{number}/answer", reply, post(one::post_answer))
        .add("POST", "/inquiries/{number}/accept", ask, post(one::post_accept))
        .add("POST", "/inquiries/{number}/return", ask, post(one::post_return))
        .add("POST", "/inquiries/{number}/extend", ask, post(one::post_extend))
        .add("POST", "/inquiries/{number}/remind", ask, post(one::post_remind))
        .add("POST", "/inquiries/{number}/close", ask, post(one::post_close))
        .add("POST", "/inquiries/{number}/cancel", ask, post(one::post_cancel))
        .add("GET", "/inquiries/{number}/answers.csv", ask, get(one::answers))
        .add("GET", "/rounds", SignedIn, get(rounds::get))
        .add("GET", "/rounds/new", ask, get(rounds::new))
        .add("POST", "/rounds/new", ask, post(rounds::post_new))
        .add("GET", "/rounds/{fiscal_year}", SignedIn, get(items::get))
        .add("GET", "/rounds/{fiscal_year}/progress.csv", ask, get(rounds::csv))
        .add("POST", "/rounds/{fiscal_year}/answer", reply, post(items::answer))
        .add("POST", "/rounds/{fiscal_year}/items/{id}/confirm", reply, post(items::confirm))
        .add("POST", "/rounds/{fiscal_year}/items/{id}/change", reply, post(items::change))
        .add("POST", "/rounds/{fiscal_year}/items/{id}/end", reply, post(items::end))
        .add("POST", "/rounds/{fiscal_year}/items/{id}/reopen", reply, post(items::reopen))
}

/// What each face behind a log-in has: the log-in, one's own account, what machines ask.
fn own_pages() -> Table {
    use Access::{Anyone, KeyHolder, SignedIn};
    use staff::{me, sign_in};
    Table::new(Face::Staff)
        .add("GET", "/login", Anyone, get(sign_in::get))
        .add("POST", "/login", Anyone, post(sign_in::post))
        .add("GET", "/login/code", KeyHolder, get(sign_in::code))
        .add("POST", "/login/code", KeyHolder, post(sign_in::post_code))
        .add("POST", "/logout", SignedIn, post(sign_in::out))
        .add("GET", "/invitations/{token}", KeyHolder, get(sign_in::invitation))
        .add("POST", "/invitations/{token}", KeyHolder, post(sign_in::post_invitation))
        .add("GET", "/me", SignedIn, get(me::get))
        .add("POST", "/me/password", SignedIn, post(me::post_password))
        .add("POST", "/me/sessions/{id}/end", SignedIn, post(me::end_session))
        .add("GET", "/health", Anyone, get(staff::health::get))
        .add("GET", "/metrics", Anyone, get(staff::metrics::get))
        .add("GET", "/assets/{digest}/{name}", Anyone, get(assets::get))
        .add("GET", "/theme/{digest}", Anyone, get(citizen::theme))
}

fn staff_pages() -> Table {
    use Access::{SignedIn, Staff};
    use staff::{status, today};
    let table = Table::new(Face::Staff).add("GET", "/", SignedIn, get(today::get)).add(
        "GET",
        "/status",
        Staff(Action::JobManage),
        get(status::get),
    );
    let table = question_pages(article_pages(desk::desk_pages(table)));
    let table = administration_pages(person_pages(operation_pages(table)));
    sends::send_pages(line::menu_pages(desk::figure_pages(desk::control_pages(table))))
}

/// Work in the background, the ledger of messages, what was done by whom, settings.
fn operation_pages(table: Table) -> Table {
    use Access::{SignedIn, Staff};
    use staff::{audit, jobs, messages, settings, simulators};
    table
        .add("GET", "/jobs", Staff(Action::JobManage), get(jobs::get))
        .add("POST", "/jobs/{id}/repeat", Staff(Action::JobManage), post(jobs::repeat))
        .add("POST", "/jobs/{id}/cancel", Staff(Action::JobManage), post(jobs::cancel))
        .add("GET", "/messages", Staff(Action::JobManage), get(messages::get))
        .add("GET", "/messages/{id}", Staff(Action::JobManage), get(messages::one))
        .add("POST", "/messages/{id}/resend", Staff(Action::JobManage), post(messages::resend))
        .add("POST", "/messages/{id}/sent", Staff(Action::JobManage), post(messages::count_as_sent))
        .add("POST", "/messages/{id}/cancel", Staff(Action::JobManage), post(messages::cancel))
        .add("GET", "/audit", Staff(Action::AuditRead), get(audit::get))
        .add("GET", "/audit.csv", Staff(Action::AuditRead), get(audit::export))
        .add("POST", "/audit/verify", Staff(Action::AuditRead), post(audit::verify))
        .add("GET", "/settings", Staff(Action::SettingWrite), get(settings::get))
        .add("POST", "/settings", Staff(Action::SettingWrite), post(settings::post))
        .add("GET", "/simulators/mailbox", SignedIn, get(simulators::mailbox))
        .add("GET", "/simulators/mailbox/{id}", SignedIn, get(simulators::mail))
        .add("POST", "/simulators/mailbox/{id}/bounce", SignedIn, post(simulators::bounce))
}

/// Persons: for those who look after personal data.
fn person_pages(table: Table) -> Table {
    use Access::Staff;
    use staff::people;
    table
        .add("GET", "/people", Staff(Action::PersonRead), get(people::get))
        .add("POST", "/people", Staff(Action::PersonRead), post(people::search))
        .add("GET", "/people/{id}", Staff(Action::PersonRead), get(people::one))
        .add("GET", "/people/{id}/merge", Staff(Action::PersonWrite), get(people::merge))
        .add("POST", "/people/{id}/merge", Staff(Action::PersonWrite), post(people::post_merge))
        .add("POST", "/people/{id}/merge/undo", Staff(Action::PersonWrite), post(people::undo_merge))
        .add("POST", "/people/{id}/secrecy", Staff(Action::PersonWrite), post(people::set_secrecy))
        .add("POST", "/people/{id}/secrecy/lift", Staff(Action::PersonWrite), post(people::lift_secrecy))
        .add("POST", "/people/{id}/safe", Staff(Action::PersonWrite), post(people::set_safe))
        .add("POST", "/people/{id}/slips", Staff(Action::PersonWrite), post(staff::slips::post))
        .add("POST", "/people/{id}/slips/withdrawal", Staff(Action::PersonWrite), post(staff::slips::withdraw))
        .add("POST", "/people/{id}/withdrawal", Staff(Action::PersonWrite), post(people::withdraw))
        .add("POST", "/people/{id}/erasure", Staff(Action::PersonWrite), post(people::erase))
}

/// Organisation, accounts, and what two persons decide.
fn administration_pages(table: Table) -> Table {
    use Action::{AccountRead, AccountWrite, OrganisationWrite, TwoPersonDecide};
    use staff::{account, accounts, admin, organisation, reorganisations, two_person};
    let to = Access::Staff;
    table
        .add("GET", "/admin", Access::SignedIn, get(admin::get))
        .add("GET", "/organisation", to(OrganisationWrite), get(organisation::get))
        .add("GET", "/organisation/sections.toml", to(OrganisationWrite), get(organisation::export))
        .add("GET", "/organisation/{code}", to(OrganisationWrite), get(organisation::get_one))
        .add("POST", "/organisation/{code}", to(OrganisationWrite), post(organisation::post_one))
        .add("GET", "/closures", to(OrganisationWrite), get(organisation::closures))
        .add("POST", "/closures", to(OrganisationWrite), post(organisation::post_closure))
        .add("POST", "/closures/{id}/remove", to(OrganisationWrite), post(organisation::remove_closure))
        .add("GET", "/reorganisations", to(OrganisationWrite), get(reorganisations::list))
        .add("POST", "/reorganisations", to(OrganisationWrite), post(reorganisations::post_new))
        .add("GET", "/reorganisations/new", to(OrganisationWrite), get(reorganisations::new))
        .add("GET", "/reorganisations/{id}", to(OrganisationWrite), get(reorganisations::get))
        .add("POST", "/reorganisations/{id}", to(OrganisationWrite), post(reorganisations::post))
        .add("GET", "/reorganisations/{id}/steps/new", to(OrganisationWrite), get(reorganisations::new_step))
        .add("POST", "/reorganisations/{id}/steps", to(OrganisationWrite), post(reorganisations::post_step))
        .add("POST", "/reorganisations/{id}/steps/remove", to(OrganisationWrite), post(reorganisations::remove_step))
        .add("POST", "/reorganisations/{id}/schedule", to(OrganisationWrite), post(reorganisations::schedule))
        .add("POST", "/reorganisations/{id}/unschedule", to(OrganisationWrite), post(reorganisations::unschedule))
        .add("POST", "/reorganisations/{id}/cancel", to(OrganisationWrite), post(reorganisations::cancel))
        .add("GET", "/accounts", to(AccountRead), get(accounts::get))
        .add("POST", "/accounts", to(AccountWrite), post(accounts::post_new))
        .add("GET", "/accounts/new", to(AccountWrite), get(accounts::new))
        .add("GET", "/accounts/{id}", to(AccountRead), get(account::get))
        .add("POST", "/accounts/{id}", to(AccountWrite), post(account::rename))
        .add("POST", "/accounts/{id}/stop", to(AccountWrite), post(account::stop))
        .add("POST", "/accounts/{id}/start", to(AccountWrite), post(account::start))
        .add("POST", "/accounts/{id}/invitation", to(AccountWrite), post(account::invite))
        .add("POST", "/accounts/{id}/assignments", to(AccountWrite), post(account::assign))
        .add("POST", "/accounts/{id}/assignments/end", to(AccountWrite), post(account::end_assignment))
        .add("POST", "/accounts/{id}/transfer", to(AccountWrite), post(account::transfer))
        .add("POST", "/accounts/{id}/roles", to(AccountWrite), post(account::post_role))
        .add("POST", "/accounts/{id}/roles/end", to(AccountWrite), post(account::end_role))
        .add("POST", "/accounts/{id}/sessions/end", to(AccountWrite), post(account::end_session))
        .add("POST", "/accounts/{id}/reset", to(AccountWrite), post(account::reset))
        .add("POST", "/accounts/{id}/mail", to(AccountWrite), post(account::post_mail))
        .add("GET", "/changes", to(TwoPersonDecide), get(two_person::get))
        .add("POST", "/changes/{id}/decide", to(TwoPersonDecide), post(two_person::decide))
        .add("POST", "/changes/{id}/withdraw", Access::SignedIn, post(two_person::withdraw))
}

/// Every route of every face.
pub fn route_table() -> Vec<Route> {
    [pages(), files(), own_pages(), staff_pages(), sealed::lock_pages(), sealed::desk_pages(), sealed::partner_pages()]
        .into_iter()
        .flat_map(|t| t.routes)
        .collect()
}

fn finish(router: Router<Arc<App>>, app: &Arc<App>, max_body: usize) -> Router {
    router
        .layer(DefaultBodyLimit::max(max_body))
        .layer(middleware::from_fn(security::same_origin))
        .layer(middleware::from_fn_with_state(app.clone(), errors::pages))
        .layer(middleware::from_fn_with_state(app.clone(), security::find_city))
        .layer(middleware::from_fn_with_state(app.clone(), security::around))
        .with_state(app.clone())
}

/// The citizens' face.
pub fn public_face(app: &Arc<App>) -> Router {
    let mut router = files().router.merge(pages().router);
    for lang in Lang::ALL.into_iter().filter(|l| !l.prefix().is_empty()) {
        // `nest` takes the root as `/easy`, not `/easy/`; both are this language's first page.
        router = router.route(&format!("{}/", lang.prefix()), get(home::get)).nest(lang.prefix(), pages().router);
    }
    finish(router.fallback(not_found), app, MAX_BODY)
}

/// The faces behind a log-in that one listener mounts. A city that lets police or a lawyer in gives partners a listener
/// of their own, on which nothing else is to be found.
pub fn inside_face(app: &Arc<App>, faces: &[Face]) -> Router {
    let mut router = own_pages().router;
    if faces.iter().any(|face| matches!(face, Face::Desk | Face::Partner)) {
        router = router.merge(sealed::lock_pages().router);
    }
    for face in faces {
        router = router.merge(match face {
            Face::Staff => staff_pages().router,
            Face::Desk => sealed::desk_pages().router,
            Face::Partner => sealed::partner_pages().router,
            Face::Public => Router::new(),
        });
    }
    // After the log-in everybody comes to `/`.
    let first = |path: &'static str| get(move || async move { Redirect::to(path) });
    if !faces.contains(&Face::Staff) {
        let home = if faces.contains(&Face::Desk) { "/sealed" } else { "/partner" };
        router = router.route("/", first(home));
    }
    let router = router.fallback(not_found);
    // Outside of the pages for errors, which ask whose face this is.
    let mounted = security::Mounted::of(faces);
    finish(router, app, MAX_STAFF_BODY).layer(middleware::from_fn_with_state(mounted, security::behind_log_in))
}

async fn not_found() -> errors::Failure {
    errors::Failure::not_found()
}
