//! `/sends/{number}/report.csv`: the ledger of a send, batch by batch. No addresses stand in it.

use axum::extract::Path;
use axum::response::Response;
use outreach::batch::{self, BatchState, SentBatch};
use outreach::sending as sends;

use super::{find, lang_name, reason};
use crate::errors::Failure;
use crate::staff::gate::Staff;
use crate::staff::lists::{csv, download};

/// Batches that are read at a time.
const PART: i64 = 500;

const HEAD: [&str; 9] =
    ["まとまり", "ことば", "届けない時間", "人数", "結果", "試した回数", "送りはじめ", "終わり", "理由"];

fn state_name(batch: &SentBatch) -> &'static str {
    match batch.state {
        BatchState::Waiting => "まだ送っていない",
        BatchState::Unsure if batch.needs_a_person() => "届いたかどうか分からない",
        BatchState::Unsure => "送っているところ",
        BatchState::Accepted => "LINEが受け取った",
        BatchState::Refused => "届いていない",
        BatchState::Stopped => "送っていない",
    }
}

fn quiet(batch: &SentBatch) -> String {
    let time = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
    if batch.quiet.length() == 0 {
        "なし".into()
    } else {
        format!("{}〜{}", time(batch.quiet.from), time(batch.quiet.until))
    }
}

/// An instant as spreadsheets read it.
fn moment(at: Option<calendar::Instant>) -> String {
    at.map_or_else(String::new, |at| format!("{} {:02}:{:02}", at.jst_date(), at.jst().hour(), at.jst().minute()))
}

fn row(batch: &SentBatch) -> Vec<String> {
    vec![
        batch.n.to_string(),
        lang_name(batch.lang).into(),
        quiet(batch),
        batch.size.to_string(),
        state_name(batch).into(),
        batch.attempts.to_string(),
        moment(batch.first_attempt_at),
        moment(batch.ended_at),
        batch.reason.as_deref().map(reason).unwrap_or_default(),
    ]
}

/// `/sends/{number}/report.csv`
pub(crate) async fn get(Path(number): Path<String>, staff: Staff) -> Result<Response, Failure> {
    let sending = find(&staff, &number).await?;
    let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
    let mut tx = staff.city.db.read().await?;
    let mut after = 0;
    loop {
        let part = batch::list(&mut tx, &sending.id, after, PART).await?;
        let Some(last) = part.last() else { break };
        after = last.n;
        rows.extend(part.iter().map(row));
    }
    drop(tx);
    Ok(download(&format!("haishin-{}.csv", sends::short_number(&sending.number)), csv(&rows)))
}
