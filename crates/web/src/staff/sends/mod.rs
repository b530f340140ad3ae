//! `/sends`: what the city sends to many at once (配信) — written, tried out, approved by another person, sent, followed.

pub(crate) mod act;
mod editor;
mod history;
pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod one;
mod progress;
pub(crate) mod report;
pub(crate) mod testers;

use access::Action;
use axum::http::StatusCode;
use city::Lang;
use knowledge::setting;
use line_account::sending;
use outreach::Quota;
use outreach::sending::{self as sends, Sending, State};

use super::gate::Staff;
use crate::errors::Failure;
use crate::state::Line;

/// The languages of a text, as the staff call them.
pub(crate) const LANGS: [(Lang, &str); 3] =
    [(Lang::Ja, "日本語"), (Lang::Easy, "やさしい日本語"), (Lang::En, "English")];

pub(crate) fn lang_name(lang: Lang) -> &'static str {
    LANGS.iter().find(|(own, _)| *own == lang).map_or("日本語", |(_, name)| name)
}

/// Who writes or approves anywhere sees the pages.
pub(crate) fn need_any(staff: &Staff) -> Result<(), Failure> {
    if staff.who.may(Action::SendWrite) || staff.who.may(Action::SendApprove) {
        Ok(())
    } else {
        Err(Failure::new(StatusCode::FORBIDDEN))
    }
}

/// Whether something may be done in the section of a send.
pub(crate) fn may(staff: &Staff, action: Action, sending: &Sending) -> bool {
    staff.who.may_in(action, &staff.section_today(&sending.section))
}

/// Whether a send may be seen, and sending be started and stopped: by who writes or approves in its section.
pub(crate) fn sees(staff: &Staff, sending: &Sending) -> bool {
    may(staff, Action::SendWrite, sending) || may(staff, Action::SendApprove, sending)
}

/// Whether a person wrote or changed a send, and so cannot approve it.
pub(crate) fn is_own(staff: &Staff, sending: &Sending) -> bool {
    staff.who.account == sending.author || staff.who.account == sending.edited_by
}

/// Whether it waits for an approval.
pub(crate) fn waits(sending: &Sending) -> bool {
    sending.state == State::Planned && sending.tested_version == Some(sending.version)
}

/// The send of an address, for somebody who may see it.
pub(crate) async fn find(staff: &Staff, number: &str) -> Result<Sending, Failure> {
    let mut tx = staff.city.db.read().await?;
    let found = sends::by_number(&mut tx, &sends::full_number(number)).await?.ok_or_else(Failure::not_found)?;
    if sees(staff, &found) { Ok(found) } else { Err(Failure::new(StatusCode::FORBIDDEN)) }
}

/// The same for somebody who may do something about it.
pub(crate) async fn find_for(staff: &Staff, number: &str, action: Action) -> Result<Sending, Failure> {
    let found = find(staff, number).await?;
    staff.need(action, &found.section)?;
    Ok(found)
}

/// The address of a send.
pub(crate) fn address(sending: &Sending) -> String {
    format!("/sends/{}", sends::short_number(&sending.number))
}

/// What is said where the city has no account.
pub(crate) const NO_LINE: &str = "この市のLINE公式アカウントが、まだ設定されていないので、計画も送信もできません。システム管理者に伝えてください。書いて保存しておくことはできます。";

/// The city's account, or a sentence.
pub(crate) fn line(staff: &Staff) -> Result<&Line, String> {
    staff.city.line.as_ref().ok_or_else(|| NO_LINE.to_owned())
}

/// How many messages the month has, asked of LINE (not within a transaction); the sentence says why it is not known.
pub(crate) async fn quota(staff: &Staff) -> Result<Result<Quota, String>, Failure> {
    let line = match line(staff) {
        Ok(line) => line,
        Err(sentence) => return Ok(Err(sentence)),
    };
    let mut tx = staff.city.db.read().await?;
    let reserve = setting::by_name(setting::RESERVE).ok_or_else(Failure::not_found)?.value(&mut tx).await?;
    drop(tx);
    Ok(sending::quota(&line.account.client, reserve.parse().unwrap_or(0)).await.map_err(|error| {
        tracing::warn!(%error, "LINE did not tell the quota");
        "今月の残りの通数を、LINEに聞けませんでした。何も送っていません。1分ほど待って、もう一度押してください。続くときは、システム管理者に伝えてください。"
            .to_owned()
    }))
}

/// How a state is called, with the colour of its tag.
pub(crate) fn state_name(sending: &Sending) -> (&'static str, &'static str) {
    match sending.state {
        State::Draft => ("下書き", "dim"),
        State::Planned if waits(sending) => ("承認待ち", "warn"),
        State::Planned => ("試し送りがまだ", "dim"),
        State::Approved => ("承認ずみ・送信前", "warn"),
        State::Running => ("送信中", "ok"),
        State::Paused => ("止まっています", "bad"),
        State::Stopped => ("中止", "bad"),
        State::Done => ("送信ずみ", "ok"),
    }
}

/// `12,345`
pub(crate) fn count(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut shown = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    if n < 0 { format!("-{shown}") } else { shown }
}

/// Why it stands still, in words, with what to do.
pub(crate) fn reason(code: &str) -> String {
    match code {
        "quota_used_up" => "今月の通数を使い切ったので、自分で止まりました。LINE公式アカウントの料金プランを変えるか、来月になってから「送信を再開する」を押してください。送った人に、もう一度送られることはありません。".into(),
        "refused" => "LINEが受け取らなかったので、自分で止まりました。だれにも届いていません。LINEの設定（システム管理者）か、本文を確かめてください。".into(),
        "key_expired" => "送ったかどうか分からないまま、1日近くたちました。".into(),
        "nobody_left" => "受け取る人が、いなくなりました。".into(),
        "decided" => "職員が決めました。".into(),
        "stopped" => "中止したので、送っていません。".into(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn numbers_are_read_in_threes() {
        assert_eq!(
            [0, 12, 999, 1_000, 12_345, 1_234_567].map(count),
            ["0", "12", "999", "1,000", "12,345", "1,234,567"]
        );
        assert_eq!(count(-1_000), "-1,000");
    }
}
