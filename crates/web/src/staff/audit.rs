//! `/audit`: who did what to which record. Looking at it stands in it as well.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Query;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use calendar::Instant;
use store::Tx;
use store::audit::{self, Event, Filter, Recorded};

use super::fields::{Fields, StaffForm};
use super::frame::Frame;
use super::gate::{Staff, encode};
use crate::citizen::show;
use crate::errors::Failure;

/// Rows of a page.
const ROWS: usize = 100;
/// Rows of a file.
const MOST: u32 = 10_000;
/// Events up to which the chains are walked for a page; more take a while and belong to the command line.
const CHEAP: i64 = 20_000;

/// What kinds of records are called.
pub(super) const KINDS: &[(&str, &str)] = &[
    ("article", "FAQ"),
    ("draft", "原稿"),
    ("question", "質問"),
    ("matter", "まとまり"),
    ("inquiry", "照会"),
    ("account", "アカウント"),
    ("person", "人"),
    ("household", "世帯"),
    ("message", "送信"),
    ("job", "ジョブ"),
    ("setting", "設定"),
    ("section", "課"),
    ("closure", "休み"),
    ("city", "市"),
    ("audit", "記録"),
];

/// What is called how; an action that is not here is shown by its code.
const ACTIONS: &[(&str, &str)] = &[
    ("article.import", "取り込んだ"),
    ("article.publish", "公開した"),
    ("article.recheck", "見直した"),
    ("article.withdraw", "公開を止めた"),
    ("article.restore", "元に戻した"),
    ("question.answer", "回答した"),
    ("question.hand_over", "引き継いだ"),
    ("question.withdraw", "取り下げた"),
    ("question.retire", "期限で消した"),
    ("account.make", "アカウントを作った"),
    ("account.invite", "招待した"),
    ("account.reset", "設定を消した"),
    ("person.create", "人を加えた"),
    ("person.read", "人を見た"),
    ("person.search", "人をさがした"),
    ("person.list", "秘匿の一覧を見た"),
    ("person.erase", "人の情報を消した"),
    ("person.merge", "人をまとめた"),
    ("person.secrecy.set", "秘匿にした"),
    ("person.secrecy.lift.ask", "秘匿を外すよう頼んだ"),
    ("person.secrecy.lift", "秘匿を外した"),
    ("person.address.safe", "連絡先の安全を変えた"),
    ("person.address.verify", "連絡先を確かめた"),
    ("person.address.bounce", "連絡先に届かなくなった"),
    ("person.address.withdraw", "連絡先を取り下げた"),
    ("person.consent.give", "同意した"),
    ("person.consent.withdraw", "同意を取り消した"),
    ("message.queue", "送信を書いた"),
    ("message.withhold", "送信を見合わせた"),
    ("message.in_doubt", "送信結果が不明になった"),
    ("message.resend", "もう一度送ることにした"),
    ("message.count_as_sent", "届いたことにした"),
    ("message.cancel", "送信をやめた"),
    ("message.bounce", "宛先不明で戻った"),
    ("job.repeat", "ジョブをやり直した"),
    ("job.cancel", "ジョブを取り消した"),
    ("setting.change", "設定を変えた"),
    ("two-person.ask", "もう一人の承認を頼んだ"),
    ("two-person.approve", "もう一人として承認した"),
    ("two-person.refuse", "もう一人として断った"),
    ("two-person.withdraw", "頼んだことを取り下げた"),
    ("audit.read", "記録を見た"),
    ("audit.export", "記録を書き出した"),
    ("audit.verify", "つながりを確かめた"),
    ("key.new", "鍵を作った"),
];

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

/// A cell that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
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
    // The mark tells spreadsheets that it is UTF-8.
    let mut csv = String::from("\u{feff}時刻,だれが,だれが（番号）,何をした,何をした（コード）,種類,番号,項目\r\n");
    for e in &events {
        let cells = [
            &e.at.iso_jst(),
            &actor_name(&names, &e.actor),
            &e.actor,
            &word(ACTIONS, &e.action),
            &e.action,
            &word(KINDS, &e.object_kind),
            &e.object,
            &e.fields,
        ];
        csv.push_str(&cells.map(|text| cell(text)).join(","));
        csv.push_str("\r\n");
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    Ok((headers, csv).into_response())
}
