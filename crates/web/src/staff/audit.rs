//! `/audit`: who did what to which record. Looking at it stands in it as well.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use calendar::Instant;
use store::Tx;
use store::audit::{self, Event, Filter, Recorded};

use super::audit_words::{ACTIONS, KINDS};
use super::fields::{Fields, StaffForm};
use super::frame::Frame;
use super::gate::{Staff, encode};
use super::lists::{csv, download};
use crate::citizen::show;
use crate::errors::Failure;

/// Rows of a page.
const ROWS: usize = 100;
/// Rows of a file.
const MOST: u32 = 10_000;
/// Events up to which the chains are walked for a page; more take a while and belong to the command line.
const CHEAP: i64 = 20_000;

fn word(table: &[(&'static str, &'static str)], code: &str) -> String {
    table.iter().find(|(c, _)| *c == code).map_or_else(|| code.to_owned(), |(_, name)| (*name).to_owned())
}

struct Row {
    at: String,
    actor: String,
    action: String,
    kind: String,
    event: Recorded,
}

/// What was looked for, as typed.
struct Wanted {
    actor: String,
    action: String,
    kind: String,
    object: String,
    from: String,
    to: String,
}

impl Wanted {
    fn of(fields: &Fields) -> Self {
        let get = |name| fields.get(name).to_owned();
        Wanted {
            actor: get("actor"),
            action: get("action"),
            kind: get("kind"),
            object: get("object"),
            from: get("from"),
            to: get("to"),
        }
    }

    fn pairs(&self) -> [(&'static str, &str); 6] {
        [
            ("actor", &self.actor),
            ("action", &self.action),
            ("kind", &self.kind),
            ("object", &self.object),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    fn filter(&self, fields: &Fields) -> Result<Filter<'_>, String> {
        fn some(text: &str) -> Option<&str> {
            Some(text).filter(|t| !t.is_empty())
        }
        let to = match fields.date("to")? {
            Some(day) => Some(Instant::start_of(day.tomorrow().map_err(|_| "その日は先すぎます。".to_owned())?)),
            None => None,
        };
        Ok(Filter {
            actor: some(&self.actor),
            action: some(&self.action),
            object_kind: some(&self.kind),
            object: some(&self.object),
            from: fields.date("from")?.map(Instant::start_of),
            to,
            before: fields.optional("before").and_then(|b| b.parse().ok()),
        })
    }

    /// The query of an address with the same filter.
    fn query(&self) -> String {
        let pairs = self.pairs().into_iter().filter(|(_, value)| !value.is_empty());
        pairs.map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
    }

    /// Names of the fields that were looked for.
    fn names(&self) -> Vec<&'static str> {
        self.pairs().into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, _)| name).collect()
    }
}

struct Verified {
    sentence: String,
    is_right: bool,
    problems: Vec<String>,
}

#[derive(Template)]
#[template(path = "staff/audit.html")]
struct AuditPage {
    frame: Frame,
    wanted: Wanted,
    error: Option<String>,
    accounts: Vec<(String, String)>,
    rows: Vec<Row>,
    next: Option<String>,
    verified: Option<Verified>,
}

impl AuditPage {
    fn kinds(&self) -> &'static [(&'static str, &'static str)] {
        KINDS
    }

    fn actions(&self) -> &'static [(&'static str, &'static str)] {
        ACTIONS
    }
}

/// Actors with the names of their accounts.
async fn accounts(tx: &mut Tx) -> Result<Vec<(String, String)>, Failure> {
    let all = access::store::account::all(tx).await?;
    Ok(all.into_iter().map(|a| (format!("account:{}", a.id), a.name)).collect())
}

async fn note(tx: &mut Tx, staff: &Staff, action: &str, fields: &[&str]) -> Result<(), Failure> {
    let event = Event { actor: &staff.who.actor(), action, object_kind: "audit", object: "events", fields };
    Ok(audit::record(tx, staff.app.clock.as_ref(), event).await?)
}

fn actor_name(names: &HashMap<&str, &str>, actor: &str) -> String {
    match (names.get(actor), actor) {
        (Some(name), _) => (*name).to_owned(),
        (None, "command-line") => "コマンド".into(),
        (None, "citizen") => "市民".into(),
        (None, other) => other.replace("job:", "自動："),
    }
}

async fn page(staff: Staff, fields: &Fields, verified: Option<Verified>) -> Result<Response, Failure> {
    let wanted = Wanted::of(fields);
    let frame = staff.frame("admin");
    let mut tx = staff.city.db.write().await?;
    let (mut events, error) = match wanted.filter(fields) {
        Ok(filter) => (audit::list(&mut tx, &filter, ROWS as u32 + 1).await?, None),
        Err(sentence) => (Vec::new(), Some(sentence)),
    };
    let accounts = accounts(&mut tx).await?;
    note(&mut tx, &staff, "audit.read", &wanted.names()).await?;
    tx.commit().await?;
    let next = (events.len() > ROWS)
        .then(|| format!("{}&before={}", wanted.query(), encode(&events[ROWS - 1].cursor().to_string())));
    events.truncate(ROWS);
    let names: HashMap<&str, &str> = accounts.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    let rows = events.into_iter().map(|event| Row {
        at: frame.moment(&event.at),
        actor: actor_name(&names, &event.actor),
        action: word(ACTIONS, &event.action),
        kind: word(KINDS, &event.object_kind),
        event,
    });
    let rows = rows.collect();
    show(&AuditPage { rows, wanted, error, next, verified, frame, accounts: accounts.clone() })
}

pub(crate) async fn get(staff: Staff, Query(query): Query<Vec<(String, String)>>) -> Result<Response, Failure> {
    page(staff, &Fields::from_pairs(query), None).await
}

/// Walks all chains, if they are short enough for a page.
pub(crate) async fn verify(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let mut tx = staff.city.db.read().await?;
    let events: i64 = audit::heads(&mut tx).await?.iter().map(|head| head.events).sum();
    let verified = if events > CHEAP {
        Verified {
            sentence: format!(
                "記録が{events}件あり、画面では時間がかかりすぎます。サーバーで madoguchi audit verify を使ってください。"
            ),
            is_right: false,
            problems: Vec::new(),
        }
    } else {
        let report = audit::verify(&mut tx, None, |_| {}).await?;
        let sentence = match report.found {
            0 => format!(
                "{}件の記録のつながりに、おかしいところはありませんでした。最後の記録が切り取られていないことは、外に写した先頭がないと分かりません（madoguchi audit verify --heads）。",
                report.events
            ),
            found => format!(
                "{found}か所がおかしくなっています。データベースに手を加えた人がいるかもしれません。消したり直したりせず、情報セキュリティの担当に伝えてください。"
            ),
        };
        let problems = report.problems.iter().take(50).map(|p| format!("{} {}: {}", p.stream, p.seq, p.sentence));
        Verified { sentence, is_right: report.found == 0, problems: problems.collect() }
    };
    drop(tx);
    let mut tx = staff.city.db.write().await?;
    note(&mut tx, &staff, "audit.verify", &[]).await?;
    tx.commit().await?;
    page(staff, &fields, Some(verified)).await
}

/// The filtered list as a file for spreadsheets.
pub(crate) async fn export(staff: Staff, Query(query): Query<Vec<(String, String)>>) -> Result<Response, Failure> {
    let fields = Fields::from_pairs(query);
    let wanted = Wanted::of(&fields);
    let filter = wanted.filter(&fields).map_err(Failure::refused)?;
    let mut tx = staff.city.db.write().await?;
    let events = audit::list(&mut tx, &filter, MOST).await?;
    let accounts = accounts(&mut tx).await?;
    note(&mut tx, &staff, "audit.export", &wanted.names()).await?;
    tx.commit().await?;
    let names: HashMap<&str, &str> = accounts.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    let head = ["時刻", "だれが", "だれが（番号）", "何をした", "何をした（コード）", "種類", "番号", "項目"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(events.into_iter().map(|e| {
        vec![
            e.at.iso_jst(),
            actor_name(&names, &e.actor),
            e.actor,
            word(ACTIONS, &e.action),
            e.action,
            word(KINDS, &e.object_kind),
            e.object,
            e.fields,
        ]
    }));
    Ok(download("audit.csv", csv(&rows)))
}
