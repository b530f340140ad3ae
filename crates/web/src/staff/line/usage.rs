//! `/line/usage`: what was said on LINE in this month, what it cost, and how many messages are left.

use askama::Template;
use axum::response::Response;
use calendar::Instant;
use line_account::call::{self, Sum};
use line_account::{inbox, sending};

use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::sends::count;

struct Row {
    what: &'static str,
    calls: String,
    cost: String,
}

#[derive(Template)]
#[template(path = "staff/line/usage.html")]
struct UsagePage {
    frame: Frame,
    tab: &'static str,
    month: String,
    rows: Vec<Row>,
    /// Used, and the month's messages where there is a limit; or why LINE does not tell.
    quota: Result<(i64, Option<i64>), String>,
    /// What LINE told, by what became of it.
    events: inbox::Counts,
    is_set_up: bool,
}

impl UsagePage {
    /// The sentence about the month's messages.
    fn left(&self) -> String {
        match &self.quota {
            Ok((used, None)) => {
                format!("今月は{}通を使いました。上限はありません（地方公共団体プランなど）。", count(*used))
            }
            Ok((used, Some(limit))) => {
                let left = count((limit - used).max(0));
                format!("今月は{}通のうち{}通を使い、残りは{left}通です。", count(*limit), count(*used))
            }
            Err(reason) => reason.clone(),
        }
    }
}

/// What a kind of call is called.
fn what(sum: &Sum) -> &'static str {
    match (sum.way.as_str(), sum.state.as_str()) {
        ("reply", "accepted") => "応答（無料）",
        ("push", "accepted") => "プッシュ",
        ("reply", "refused") => "応答が間に合わず、プッシュに変えた",
        (_, "refused") => "届かなかった（ブロックなど）",
        (_, "in_doubt") => "届いたか分からない",
        _ => "送信中",
    }
}

async fn quota(staff: &Staff) -> Result<(i64, Option<i64>), String> {
    let Some(line) = &staff.city.line else {
        return Err("LINEの公式アカウントが設定されていません。".into());
    };
    match sending::quota(&line.account.client, 0).await {
        Ok(quota) => Ok((quota.used, quota.limit)),
        Err(error) => {
            tracing::warn!(%error, "LINE does not tell the month's messages");
            Err("LINEに問い合わせられませんでした。少し待って、開き直してください。".into())
        }
    }
}

pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    let today = staff.visit.today();
    let first = today.first_of_month();
    let (from, until) = (Instant::start_of(first), staff.visit.now.plus(std::time::Duration::from_secs(1)));
    let mut tx = staff.city.db.read().await?;
    let sums = call::sums(&mut tx, from, until).await?;
    let events = inbox::counts(&mut tx, from).await?;
    drop(tx);
    // Asked outside of the transaction: it goes over the network.
    let quota = quota(&staff).await;
    let rows = sums.iter().map(|s| Row { what: what(s), calls: count(s.calls), cost: count(s.cost) }).collect();
    let month = format!("{}年{}月", today.year(), today.month());
    let is_set_up = staff.city.line.is_some();
    show(&UsagePage { frame: staff.frame("contacts"), tab: "usage", month, rows, quota, events, is_set_up })
}
