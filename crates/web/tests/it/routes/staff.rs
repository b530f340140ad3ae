//! The staff's face: every route with what each of the staff gets.

/// Who comes to the staff's face, in the order of the table's columns.
pub(super) const STAFF: [Option<&str>; 12] = [
    None,
    Some("shimin-sakusei"),
    Some("shimin-shonin"),
    Some("shimin-kanri"),
    Some("kankyo-sakusei"),
    Some("kankyo-shonin"),
    Some("chosei"),
    Some("kanri-1"),
    Some("kansa"),
    Some("kojin"),
    Some("operator-1"),
    Some("supervisor"),
];

/// What each of these gets.
pub(super) type Answers = [u16; 12];
/// Method, pattern, what a stranger, the author, the approver and the manager of 市民課, the author and the
/// approver of another section, the coordinator, an administrator, the auditor, the privacy officer, an operator and
/// the supervisor of the contact centre get.
/// The record is one of 市民課, and a new one for each of them ([`Records`]).
pub(super) type StaffRow = (&'static str, &'static str, Answers);

/// The same answer with and without a log-in.
const fn open(then: u16) -> Answers {
    [then; 12]
}

/// Everybody who is logged in.
const fn everybody(then: u16) -> Answers {
    [303, then, then, then, then, then, then, then, then, then, then, then]
}

/// Everybody who reads answers, of whichever section.
const fn readers(then: u16) -> Answers {
    [303, then, then, then, then, then, then, 403, 403, 403, then, then]
}

/// Everybody who works with answers and questions, of whichever section.
const fn desks(then: u16) -> Answers {
    [303, then, then, then, then, then, then, 403, 403, 403, 403, 403]
}

/// The section, and who acts for the whole city.
const fn own(then: u16) -> Answers {
    [303, then, then, then, 403, 403, then, 403, 403, 403, 403, 403]
}

/// Of these, who writes.
const fn writers(then: u16) -> Answers {
    [303, then, 403, then, 403, 403, then, 403, 403, 403, 403, 403]
}

/// Of these, who approves.
const fn approvers(then: u16) -> Answers {
    [303, 403, then, then, 403, 403, then, 403, 403, 403, 403, 403]
}

/// Of these, who asks other sections.
const fn askers(then: u16) -> Answers {
    [303, 403, 403, then, 403, 403, then, 403, 403, 403, 403, 403]
}

/// The section alone.
const fn section(then: u16) -> Answers {
    [303, then, then, then, 403, 403, 403, 403, 403, 403, 403, 403]
}

/// The section alone, for a round in which the other section takes no part.
const fn in_round(then: u16) -> Answers {
    [303, then, then, then, 404, 404, 403, 403, 403, 403, 403, 403]
}

const fn coordinator(then: u16) -> Answers {
    [303, 403, 403, 403, 403, 403, then, 403, 403, 403, 403, 403]
}

const fn administrator(then: u16) -> Answers {
    [303, 403, 403, 403, 403, 403, 403, then, 403, 403, 403, 403]
}

/// What administrators and the auditor may read.
const fn accounts(then: u16) -> Answers {
    [303, 403, 403, 403, 403, 403, 403, then, then, 403, 403, 403]
}

const fn auditor(then: u16) -> Answers {
    [303, 403, 403, 403, 403, 403, 403, 403, then, 403, 403, 403]
}

const fn privacy(then: u16) -> Answers {
    [303, 403, 403, 403, 403, 403, 403, 403, 403, then, 403, 403]
}

/// Everybody who talks with citizens, of whichever section.
const fn talkers(then: u16) -> Answers {
    readers(then)
}

/// Who has the contact; of colleagues in the section it is told who does.
const fn holder(then: u16) -> Answers {
    [303, then, 422, 422, 403, 403, 403, 403, 403, 403, 403, 403]
}

/// Who looks after the staff of the section.
const fn supervisors(then: u16) -> Answers {
    [303, 403, 403, then, 403, 403, then, 403, 403, 403, 403, 403]
}

/// Who supervises anywhere.
const fn figures(then: u16) -> Answers {
    [303, 403, 403, then, 403, 403, then, 403, 403, 403, 403, then]
}

/// Who looks after the city's account on LINE.
const fn line(then: u16) -> Answers {
    [303, 403, 403, 403, 403, 403, then, then, 403, 403, 403, then]
}

/// FAQ and 原稿.
const DESK_TABLE: &[StaffRow] = &[
    ("GET", "/articles", readers(200)),
    ("POST", "/articles/bulk", [303, 422, 303, 303, 422, 422, 303, 403, 403, 403, 422, 422]),
    ("POST", "/articles/views", readers(303)),
    // A view of the author.
    ("POST", "/articles/views/{id}/removal", [303, 303, 404, 404, 404, 404, 404, 403, 403, 403, 404, 404]),
    ("GET", "/articles/import", coordinator(200)),
    // Without a file.
    ("POST", "/articles/import", coordinator(422)),
    ("GET", "/articles/export.csv", coordinator(200)),
    ("GET", "/articles/export.xlsx", coordinator(200)),
    ("GET", "/articles/{code}", readers(200)),
    ("GET", "/articles/{code}/compare", readers(200)),
    ("POST", "/articles/{code}/recheck", own(303)),
    ("POST", "/articles/{code}/draft", writers(303)),
    ("POST", "/articles/{code}/versions/{n}/restoration", writers(303)),
    ("POST", "/articles/{code}/withdrawal", approvers(303)),
    ("GET", "/trial", readers(200)),
    ("GET", "/articles/{code}/wordings", own(200)),
    ("POST", "/articles/{code}/wordings", writers(303)),
    ("POST", "/articles/{code}/wordings/{id}/removal", writers(303)),
    ("GET", "/thesaurus", readers(200)),
    ("POST", "/thesaurus", coordinator(303)),
    ("GET", "/thesaurus/new", coordinator(200)),
    ("GET", "/thesaurus/import", coordinator(200)),
    // Without a line.
    ("POST", "/thesaurus/import", coordinator(422)),
    ("GET", "/thesaurus/export.tsv", readers(200)),
    ("GET", "/thesaurus/{id}", coordinator(200)),
    ("POST", "/thesaurus/{id}", coordinator(303)),
    ("POST", "/thesaurus/{id}/removal", coordinator(303)),
    ("GET", "/drafts", readers(200)),
    ("POST", "/drafts", writers(303)),
    ("GET", "/drafts/{id}", own(200)),
    ("POST", "/drafts/{id}", writers(303)),
    ("POST", "/drafts/{id}/submission", writers(303)),
    ("POST", "/drafts/{id}/preview", writers(200)),
    ("POST", "/drafts/{id}/presence", own(200)),
    ("POST", "/drafts/{id}/approval", approvers(303)),
    ("POST", "/drafts/{id}/return", approvers(303)),
    ("POST", "/drafts/{id}/comment", own(303)),
    ("POST", "/drafts/{id}/recall", writers(303)),
    ("POST", "/drafts/{id}/discard", writers(303)),
    ("POST", "/drafts/{id}/undo", writers(303)),
    ("GET", "/drafts/{id}/rebase", own(200)),
    ("POST", "/drafts/{id}/rebase", writers(303)),
    // What the author could not save is the author's.
    ("GET", "/drafts/{id}/rescues/{rescue}", [303, 200, 403, 404, 403, 403, 404, 403, 403, 403, 403, 403]),
    ("POST", "/drafts/{id}/rescues/{rescue}", [303, 303, 403, 404, 403, 403, 404, 403, 403, 403, 403, 403]),
    ("POST", "/drafts/{id}/rescues/{rescue}/removal", [303, 303, 403, 404, 404, 403, 404, 403, 403, 403, 403, 403]),
];

const STAFF_TABLE: &[StaffRow] = &[
    ("GET", "/", everybody(200)),
    ("GET", "/login", open(200)),
    ("POST", "/login", open(422)),
    // Nobody has given a password.
    ("GET", "/login/code", open(303)),
    ("POST", "/login/code", open(303)),
    ("GET", "/invitations/{token}", open(200)),
    // Two passwords that differ.
    ("POST", "/invitations/{token}", open(422)),
    ("GET", "/me", everybody(200)),
    ("POST", "/me/password", everybody(422)),
    // Of another person's session nothing happens.
    ("POST", "/me/sessions/{id}/end", everybody(303)),
    ("GET", "/status", administrator(200)),
    ("GET", "/health", open(200)),
    ("GET", "/metrics", open(200)),
    ("GET", "/assets/{digest}/{name}", open(200)),
    ("GET", "/theme/{digest}", open(200)),
    ("GET", "/jobs", administrator(200)),
    ("POST", "/jobs/{id}/repeat", administrator(303)),
    ("POST", "/jobs/{id}/cancel", administrator(303)),
    ("GET", "/messages", administrator(200)),
    ("GET", "/messages/{id}", administrator(200)),
    ("POST", "/messages/{id}/resend", administrator(303)),
    ("POST", "/messages/{id}/sent", administrator(303)),
    ("POST", "/messages/{id}/cancel", administrator(303)),
    ("GET", "/audit", auditor(200)),
    ("GET", "/audit.csv", auditor(200)),
    ("POST", "/audit/verify", auditor(200)),
    ("GET", "/settings", administrator(200)),
    ("POST", "/settings", administrator(303)),
    ("GET", "/simulators/mailbox", everybody(200)),
    ("GET", "/simulators/mailbox/{id}", everybody(200)),
    ("POST", "/simulators/mailbox/{id}/bounce", everybody(303)),
    ("GET", "/people", privacy(200)),
    ("POST", "/people", privacy(200)),
    ("GET", "/people/{id}", privacy(200)),
    ("GET", "/people/{id}/merge", privacy(200)),
    ("POST", "/people/{id}/merge", privacy(303)),
    ("POST", "/people/{id}/merge/undo", privacy(303)),
    ("POST", "/people/{id}/secrecy", privacy(303)),
    ("POST", "/people/{id}/secrecy/lift", privacy(303)),
    ("POST", "/people/{id}/safe", privacy(303)),
    // The small city has no account on LINE, and says so.
    ("POST", "/people/{id}/slips", privacy(422)),
    ("POST", "/people/{id}/slips/withdrawal", privacy(303)),
    ("POST", "/people/{id}/withdrawal", privacy(303)),
    ("POST", "/people/{id}/erasure", privacy(303)),
    // The last: whoever is logged out cannot do anything more.
    ("POST", "/logout", everybody(303)),
];

/// Board, questions, inquiries and rounds.
const QUESTION_TABLE: &[StaffRow] = &[
    ("GET", "/board", desks(200)),
    ("GET", "/board/{id}", own(200)),
    ("POST", "/board/{id}/draft", writers(303)),
    ("POST", "/board/{id}/answer", own(303)),
    ("POST", "/board/{id}/dismissal", own(303)),
    ("POST", "/board/{id}/restoration", own(303)),
    ("GET", "/questions", desks(200)),
    ("GET", "/questions/{number}", own(200)),
    ("POST", "/questions/{number}/answer", own(303)),
    ("POST", "/questions/{number}/hand-over", own(303)),
    ("GET", "/inquiries", desks(200)),
    ("GET", "/inquiries/new", askers(200)),
    ("POST", "/inquiries/new", askers(303)),
    ("GET", "/inquiries/{number}", own(200)),
    ("POST", "/inquiries/{number}/answer", section(303)),
    ("POST", "/inquiries/{number}/accept", askers(303)),
    ("POST", "/inquiries/{number}/return", askers(303)),
    ("POST", "/inquiries/{number}/extend", askers(303)),
    ("POST", "/inquiries/{number}/remind", askers(303)),
    ("POST", "/inquiries/{number}/close", askers(303)),
    ("POST", "/inquiries/{number}/cancel", askers(303)),
    ("GET", "/inquiries/{number}/answers.csv", askers(200)),
    ("GET", "/rounds", desks(200)),
    ("GET", "/rounds/new", coordinator(200)),
    ("POST", "/rounds/new", coordinator(303)),
    ("GET", "/rounds/{fiscal_year}", [303, 200, 200, 200, 404, 404, 200, 403, 403, 403, 403, 403]),
    ("GET", "/rounds/{fiscal_year}/progress.csv", coordinator(200)),
    // Articles are left to go through.
    ("POST", "/rounds/{fiscal_year}/answer", in_round(422)),
    ("POST", "/rounds/{fiscal_year}/items/{id}/confirm", in_round(303)),
    // The approver does not write.
    ("POST", "/rounds/{fiscal_year}/items/{id}/change", [303, 303, 403, 303, 404, 404, 403, 403, 403, 403, 403, 403]),
    ("POST", "/rounds/{fiscal_year}/items/{id}/end", in_round(303)),
    ("POST", "/rounds/{fiscal_year}/items/{id}/reopen", in_round(303)),
];

/// The contact centre: a contact that 市民課 took from it, held by the author.
const CONTACT_TABLE: &[StaffRow] = &[
    ("GET", "/contacts", talkers(200)),
    ("POST", "/contacts/next", talkers(303)),
    ("POST", "/presence", talkers(303)),
    ("GET", "/contacts/new", talkers(200)),
    ("POST", "/contacts/new", section(303)),
    ("GET", "/contacts/stream", talkers(200)),
    ("GET", "/contacts/{number}", own(200)),
    ("GET", "/contacts/{number}/suggestions", own(200)),
    ("POST", "/contacts/{number}/pick-up", section(303)),
    ("POST", "/contacts/{number}/take-over", section(303)),
    ("POST", "/contacts/{number}/put-back", holder(303)),
    ("POST", "/contacts/{number}/hold", holder(303)),
    ("POST", "/contacts/{number}/reply", holder(303)),
    ("GET", "/contacts/{number}/attachments/{id}", own(200)),
    ("POST", "/contacts/{number}/note", section(303)),
    ("POST", "/contacts/{number}/again", section(303)),
    ("POST", "/contacts/{number}/draft", section(200)),
    ("POST", "/contacts/{number}/typing", section(204)),
    ("POST", "/contacts/{number}/reading", section(204)),
    // This city has no language model.
    ("POST", "/contacts/{number}/summary", [303, 404, 404, 404, 403, 403, 404, 403, 403, 403, 403, 403]),
    ("POST", "/contacts/{number}/transfers", holder(303)),
    ("POST", "/contacts/{number}/transfers/{id}", section(303)),
    ("POST", "/contacts/{number}/side-questions", section(303)),
    ("POST", "/side-questions/{id}", section(303)),
    ("POST", "/contacts/{number}/call-backs", section(303)),
    ("POST", "/contacts/{number}/call-backs/{id}", section(303)),
    ("POST", "/contacts/{number}/resolution", holder(303)),
    ("POST", "/contacts/{number}/follow-up", section(303)),
    ("POST", "/contacts/{number}/topic", section(303)),
    ("POST", "/contacts/{number}/merge", section(303)),
    ("POST", "/contacts/{number}/split", holder(303)),
    ("POST", "/contacts/{number}/incidents", section(303)),
    ("GET", "/incidents", [303, 403, 403, 200, 403, 403, 200, 403, 403, 403, 403, 200]),
    ("POST", "/incidents/{id}/warning", section(303)),
    ("POST", "/incidents/{id}/decision", supervisors(303)),
    ("GET", "/operators", figures(200)),
    ("GET", "/operators/{id}", supervisors(200)),
    ("POST", "/operators/{id}", supervisors(303)),
    ("GET", "/macros", talkers(200)),
    ("POST", "/macros", supervisors(303)),
    ("GET", "/macros/{id}", supervisors(200)),
    ("POST", "/macros/{id}", supervisors(303)),
    ("POST", "/macros/{id}/removal", supervisors(303)),
];

const ADMINISTRATION: &[StaffRow] = &[
    ("GET", "/admin", everybody(200)),
    ("GET", "/organisation", administrator(200)),
    ("GET", "/organisation/sections.toml", administrator(200)),
    ("GET", "/organisation/{code}", administrator(200)),
    ("POST", "/organisation/{code}", administrator(303)),
    ("GET", "/closures", administrator(200)),
    ("POST", "/closures", administrator(303)),
    ("POST", "/closures/{id}/remove", administrator(303)),
    ("GET", "/reorganisations", administrator(200)),
    ("POST", "/reorganisations", administrator(303)),
    ("GET", "/reorganisations/new", administrator(200)),
    ("GET", "/reorganisations/{id}", administrator(200)),
    ("POST", "/reorganisations/{id}", administrator(303)),
    ("GET", "/reorganisations/{id}/steps/new", administrator(200)),
    ("POST", "/reorganisations/{id}/steps", administrator(303)),
    ("POST", "/reorganisations/{id}/steps/remove", administrator(303)),
    ("POST", "/reorganisations/{id}/schedule", administrator(303)),
    ("POST", "/reorganisations/{id}/unschedule", administrator(303)),
    ("POST", "/reorganisations/{id}/cancel", administrator(303)),
    ("GET", "/accounts", accounts(200)),
    // The page with the invitation.
    ("POST", "/accounts", administrator(200)),
    ("GET", "/accounts/new", administrator(200)),
    ("GET", "/accounts/{id}", accounts(200)),
    ("POST", "/accounts/{id}", administrator(303)),
    ("POST", "/accounts/{id}/stop", administrator(303)),
    ("POST", "/accounts/{id}/start", administrator(303)),
    ("POST", "/accounts/{id}/invitation", administrator(200)),
    ("POST", "/accounts/{id}/assignments", administrator(303)),
    ("POST", "/accounts/{id}/assignments/end", administrator(303)),
    ("POST", "/accounts/{id}/transfer", administrator(303)),
    ("POST", "/accounts/{id}/roles", administrator(303)),
    ("POST", "/accounts/{id}/roles/end", administrator(303)),
    ("POST", "/accounts/{id}/sessions/end", administrator(303)),
    ("POST", "/accounts/{id}/reset", administrator(303)),
    ("POST", "/accounts/{id}/mail", administrator(303)),
    ("GET", "/changes", [303, 403, 403, 403, 403, 403, 403, 200, 403, 200, 403, 403]),
    // Another administrator asked to reset an account: nothing for who looks after persons.
    ("POST", "/changes/{id}/decide", administrator(303)),
    // The administrator's own.
    ("POST", "/changes/{id}/withdraw", administrator(303)),
];

/// Automatic answers are the coordinator's.
const CONTROL: &[StaffRow] = &[
    ("GET", "/answers", coordinator(200)),
    ("POST", "/answers/off", coordinator(303)),
    ("POST", "/answers/on", coordinator(303)),
    ("POST", "/answers/runs", coordinator(303)),
    ("POST", "/answers/disaster", coordinator(303)),
    ("POST", "/answers/disaster/end", coordinator(303)),
    ("GET", "/answers/topics/{code}", coordinator(200)),
    ("POST", "/answers/topics/{code}/test", coordinator(303)),
    ("POST", "/answers/questions", coordinator(303)),
    ("GET", "/answers/questions/new", coordinator(200)),
    ("GET", "/answers/questions/{id}", coordinator(200)),
    ("POST", "/answers/questions/{id}", coordinator(303)),
    ("POST", "/answers/questions/{id}/removal", coordinator(303)),
    ("GET", "/answers/clarifications", coordinator(200)),
    ("POST", "/answers/clarifications", coordinator(303)),
    ("GET", "/answers/clarifications/new", coordinator(200)),
    ("GET", "/answers/clarifications/{lang}/{code}", coordinator(200)),
    ("POST", "/answers/clarifications/{lang}/{code}", coordinator(303)),
    ("POST", "/answers/clarifications/{lang}/{code}/removal", coordinator(303)),
    ("GET", "/answers/{id}", coordinator(200)),
    ("GET", "/recalls", coordinator(200)),
    ("POST", "/recalls", coordinator(303)),
    ("GET", "/recalls/new", coordinator(200)),
    ("GET", "/recalls/{id}", coordinator(200)),
    ("POST", "/recalls/{id}/confirmation", coordinator(303)),
    ("POST", "/recalls/{id}/withdrawal", coordinator(303)),
    ("POST", "/recalls/{id}/told", coordinator(303)),
];

/// Rich menus on LINE.
const LINE: &[StaffRow] = &[
    ("GET", "/line/usage", line(200)),
    ("GET", "/line/menus", line(200)),
    ("POST", "/line/menus", line(303)),
    ("GET", "/line/menus/new", line(200)),
    ("GET", "/line/menus/{id}", line(200)),
    ("POST", "/line/menus/{id}", line(303)),
    ("GET", "/line/menus/{id}/picture", line(200)),
    ("POST", "/line/menus/{id}/removal", line(303)),
    ("GET", "/line/menus/{id}/plans", line(200)),
    ("POST", "/line/menus/{id}/plans", line(303)),
    ("POST", "/line/menus/{id}/plans/{plan}/end", line(303)),
    ("POST", "/line/attempts", line(303)),
    ("GET", "/line/emergency", line(200)),
    ("POST", "/line/emergency", line(303)),
    ("POST", "/line/emergency/end", line(303)),
];

/// Sends to many, in a city without an account on LINE: nothing can be planned, tried out or sent there.
const SENDS: &[StaffRow] = &[
    ("GET", "/sends", desks(200)),
    ("POST", "/sends", writers(303)),
    ("GET", "/sends/new", [303, 200, 403, 200, 200, 403, 200, 403, 403, 403, 403, 403]),
    ("GET", "/sends/staff", desks(200)),
    ("POST", "/sends/staff", desks(303)),
    ("GET", "/sends/{number}", own(200)),
    ("POST", "/sends/{number}", writers(303)),
    ("GET", "/sends/{number}/progress", own(200)),
    ("GET", "/sends/{number}/report.csv", own(200)),
    ("POST", "/sends/{number}/plan", writers(422)),
    ("POST", "/sends/{number}/trial", writers(422)),
    ("POST", "/sends/{number}/approval", approvers(303)),
    ("POST", "/sends/{number}/return", approvers(303)),
    ("POST", "/sends/{number}/start", own(422)),
    ("POST", "/sends/{number}/pause", own(303)),
    ("POST", "/sends/{number}/resumption", own(422)),
    ("POST", "/sends/{number}/stop", own(303)),
    ("POST", "/sends/{number}/batches/{n}/decision", approvers(303)),
];

/// Figures of the contact centre.
const FIGURES: &[StaffRow] = &[
    ("GET", "/figures", figures(200)),
    ("GET", "/figures/live", figures(200)),
    ("GET", "/figures/report", figures(200)),
    ("GET", "/figures/report.csv", figures(200)),
    ("GET", "/figures/report.xlsx", figures(200)),
    ("GET", "/figures/staffing", figures(200)),
    ("GET", "/figures/reconciliation", figures(200)),
    // Without a file.
    ("POST", "/figures/reconciliation", figures(422)),
    // Of 市民課, not of the centre.
    ("GET", "/figures/reconciliation/{id}", [303, 403, 403, 200, 403, 403, 200, 403, 403, 403, 403, 404]),
];

/// Around the bullying desk, where none of these works.
const SEALED_AROUND: &[StaffRow] = &[
    ("GET", "/sealed/members", [303, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404, 404]),
    ("POST", "/sealed/members", administrator(303)),
    ("POST", "/sealed/members/{account}/{role}/end", administrator(303)),
    ("POST", "/sealed/members/{account}/removal", everybody(404)),
    ("GET", "/sealed/recovery", everybody(404)),
    ("GET", "/sealed/recovery/set", everybody(404)),
    ("POST", "/sealed/recovery/set", everybody(404)),
    ("GET", "/sealed/recovery/rehearsal", everybody(404)),
    ("POST", "/sealed/recovery/rehearsal", everybody(404)),
    ("GET", "/sealed/recovery/restoration", everybody(404)),
    ("POST", "/sealed/recovery/restoration", everybody(404)),
    ("GET", "/sealed/glass", everybody(404)),
    ("POST", "/sealed/glass", everybody(404)),
    ("POST", "/sealed/glass/{id}/agreement", everybody(404)),
    ("POST", "/sealed/glass/{id}/refusal", everybody(404)),
    ("GET", "/sealed/overdue", everybody(404)),
    ("GET", "/sealed/agenda", everybody(404)),
    ("GET", "/sealed/effect", everybody(404)),
    ("GET", "/sealed/effect/publication", everybody(404)),
    ("POST", "/sealed/effect/publication", everybody(404)),
    ("POST", "/sealed/effect/publication/{id}/withdrawal", everybody(404)),
    ("GET", "/sealed/signs", everybody(404)),
    ("POST", "/sealed/signs/trial", everybody(404)),
    ("GET", "/sealed/signs/rule", everybody(404)),
    ("POST", "/sealed/signs/rule", everybody(404)),
    ("POST", "/sealed/signs/removal", everybody(404)),
    ("GET", "/sealed/leaflets", everybody(404)),
    ("POST", "/sealed/leaflets", everybody(404)),
    ("POST", "/sealed/leaflets/address", everybody(404)),
    ("GET", "/sealed/leaflets/counts.csv", everybody(404)),
    ("GET", "/sealed/leaflets/{id}", everybody(404)),
    ("POST", "/sealed/leaflets/{id}/end", everybody(404)),
];

/// Whether a route stands in the rows around the bullying desk; all others of the desk's face have a table of their own.
pub(super) fn is_around(route: &web::Route) -> bool {
    SEALED_AROUND.iter().any(|row| (row.0, row.1) == (route.method, route.path))
}

/// All rows of the staff's face; the log-out stands last.
pub(super) fn staff_table() -> Vec<StaffRow> {
    [
        DESK_TABLE,
        QUESTION_TABLE,
        CONTACT_TABLE,
        ADMINISTRATION,
        CONTROL,
        LINE,
        SENDS,
        FIGURES,
        SEALED_AROUND,
        STAFF_TABLE,
    ]
    .concat()
}
