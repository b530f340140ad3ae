//! Bounces: reports about messages that did not arrive (RFC 3464 in RFC 6522).
//!
//! What comes in is written by strangers: every limit is ours, and nothing of it is kept but the
//! message's id, the status and scrubbed words.

use ::store::Tx;
use calendar::Clock;
use people::message;

use crate::MailError;
use crate::scrub::scrub;

/// Longest report that is read, in bytes; a report that returns the whole message is a little longer than it.
pub const LONGEST: usize = 4 * 1024 * 1024;
/// Parts within parts that are followed.
const DEEPEST: usize = 4;

/// What a report says about one of our messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Message-ID of our message, without the angle brackets.
    pub message_id: String,
    /// What happened to it.
    pub action: Action,
    /// Status (RFC 3463), such as `5.1.1`.
    pub status: String,
    /// What the other server said, without addresses.
    pub detail: String,
}

/// What a report tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It will not arrive. `permanent`: the status begins with 5, so that another message will not either.
    Failed {
        /// Whether the reason stays.
        permanent: bool,
    },
    /// It is late and still tried; nothing has to be done.
    Delayed,
    /// It arrived, or was handed on.
    Delivered,
}

/// Why something is no report of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BounceError {
    /// Too long.
    #[error("this mail is longer than 4 MiB, which no delivery report is")]
    TooLong,
    /// No part of it is a delivery report.
    #[error("this is no delivery report: it has no part message/delivery-status (RFC 3464)")]
    NoReport,
    /// The report says nothing about any recipient.
    #[error("the delivery report names no recipient with Action and Status (RFC 3464, section 2.3)")]
    NoRecipient,
    /// It does not say about which message.
    #[error("the delivery report does not say about which message it is: it returns no Message-ID")]
    NoMessageId,
}

/// What became of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The message with this id is bounced and its address no longer used.
    Bounced(String),
    /// What it says stands at the message with this id; nothing else changed.
    Noted(String),
    /// It tells that the message arrived.
    Nothing,
    /// No message of this city has this id.
    NotOurs,
}

/// Brings a report into the ledger.
pub async fn take(tx: &mut Tx, clock: &dyn Clock, actor: &str, report: &Report) -> Result<Taken, MailError> {
    // A late message with a permanent status would be a contradiction; it is still on its way.
    let status = match report.action {
        Action::Delivered => return Ok(Taken::Nothing),
        Action::Delayed => report.status.replacen('5', "4", usize::from(report.status.starts_with('5'))),
        Action::Failed { .. } => report.status.clone(),
    };
    let found = message::bounced(tx, clock, actor, &report.message_id, &status, &report.detail).await?;
    let Some(id) = found else { return Ok(Taken::NotOurs) };
    let state = message::get(tx, &id).await?.state;
    Ok(if state == message::State::Bounced { Taken::Bounced(id) } else { Taken::Noted(id) })
}

/// A header and its value, unfolded.
type Header<'a> = (&'a str, String);

/// Reads a report.
pub fn parse(bytes: &[u8]) -> Result<Report, BounceError> {
    if bytes.len() > LONGEST {
        return Err(BounceError::TooLong);
    }
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    // A pipe of a mail server may put the line `From sender date` in front (mbox).
    let text = match text.strip_prefix("From ") {
        Some(rest) => rest.split_once('\n').map_or("", |(_, mail)| mail),
        None => &text,
    };
    let mut found = Found::default();
    read_part(text, 0, &mut found);
    let (outer, _) = split(text);
    let status = found.status.ok_or(BounceError::NoReport)?;
    let (action, code, words) = worst(status).ok_or(BounceError::NoRecipient)?;
    // Where the message is not returned, some servers say in the usual headers what they answer.
    let answered = ["in-reply-to", "references"].iter().find_map(|name| message_id(value(&outer, name)?));
    let message_id = found.message_id.or(answered).ok_or(BounceError::NoMessageId)?;
    let addresses: Vec<&str> = found.recipients.iter().map(String::as_str).collect();
    Ok(Report { message_id, action, status: code, detail: scrub(&words, &addresses) })
}

#[derive(Default)]
struct Found<'a> {
    status: Option<&'a str>,
    message_id: Option<String>,
    recipients: Vec<String>,
}

fn read_part<'a>(part: &'a str, depth: usize, found: &mut Found<'a>) {
    let (headers, body) = split(part);
    let kind = value(&headers, "content-type").unwrap_or_default();
    let media = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media.as_str() {
        _ if media.starts_with("multipart/") && depth < DEEPEST => {
            if let Some(boundary) = parameter(kind, "boundary") {
                for inner in parts(body, &boundary) {
                    read_part(inner, depth + 1, found);
                }
            }
        }
        "message/delivery-status" | "message/global-delivery-status" if found.status.is_none() => {
            found.status = Some(body);
        }
        "message/rfc822" | "text/rfc822-headers" | "message/global" | "message/global-headers" => {
            let (original, _) = split(body.trim_start_matches('\n'));
            if found.message_id.is_none() {
                found.message_id = value(&original, "message-id").and_then(message_id);
            }
            found.recipients.extend(value(&original, "to").and_then(address));
        }
        _ => {}
    }
}

/// The headers of a part, and what follows the empty line after them.
fn split(part: &str) -> (Vec<Header<'_>>, &str) {
    let (head, body) = match part.strip_prefix('\n') {
        Some(body) => ("", body),
        None => part.split_once("\n\n").unwrap_or((part, "")),
    };
    (headers(head), body)
}

fn headers(block: &str) -> Vec<Header<'_>> {
    let mut headers: Vec<Header<'_>> = Vec::new();
    for line in block.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim(), value.trim().to_owned()));
        }
    }
    headers
}

fn value<'h>(headers: &'h [Header<'_>], name: &str) -> Option<&'h str> {
    headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// A parameter of a header, with or without quotes (RFC 2045 §5.1).
fn parameter(value: &str, name: &str) -> Option<String> {
    let lower = value.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower[from..].find(name).map(|at| at + from) {
        from = at + name.len();
        let stands_alone = lower[..at].trim_end().ends_with(';');
        let Some(rest) = value[from..].trim_start().strip_prefix('=').filter(|_| stands_alone) else { continue };
        let rest = rest.trim_start();
        let found = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next().unwrap_or_default(),
            None => rest.split([';', ' ', '\t']).next().unwrap_or_default(),
        };
        return Some(found.to_owned()).filter(|f| !f.is_empty());
    }
    None
}

/// The parts between the lines of a boundary (RFC 2046 §5.1.1); a last line that is missing is forgiven.
fn parts<'a>(body: &'a str, boundary: &str) -> Vec<&'a str> {
    let line = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut begin: Option<usize> = None;
    let mut at = 0;
    for whole in body.split_inclusive('\n') {
        let rest = whole.trim_end().strip_prefix(line.as_str());
        if let Some(rest) = rest.filter(|rest| rest.is_empty() || *rest == "--") {
            if let Some(begin) = begin {
                parts.push(&body[begin..at]);
            }
            begin = (rest.is_empty()).then_some(at + whole.len());
        }
        at += whole.len();
    }
    if let Some(begin) = begin {
        parts.push(&body[begin..]);
    }
    parts
}

/// The first id in angle brackets; what comes after is not looked at.
fn message_id(value: &str) -> Option<String> {
    let (_, after) = value.split_once('<')?;
    let (id, _) = after.split_once('>')?;
    let fits = !id.is_empty() && id.len() <= 250 && id.chars().all(|c| c.is_ascii_graphic() && c != '<');
    fits.then(|| id.to_owned())
}

/// The address in a `To` header.
fn address(value: &str) -> Option<String> {
    let inner = value.rsplit_once('<').map_or(value, |(_, after)| after);
    let address = inner.trim_end_matches('>').trim();
    (address.contains('@') && !address.contains(' ')).then(|| address.to_owned())
}

/// The groups of fields after the first are about recipients (RFC 3464 §2.1). Ours have one; of several the
/// worst counts.
fn worst(status: &str) -> Option<(Action, String, String)> {
    let mut worst: Option<(u8, Action, String, String)> = None;
    // Blank lines may come twice; the group about the message itself has no Action.
    for group in status.split("\n\n") {
        let fields = headers(group);
        let (Some(action), Some(status)) = (value(&fields, "action"), value(&fields, "status")) else { continue };
        let Some(code) = status_code(status) else { continue };
        let action = action.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let (rank, action) = match action.as_str() {
            "failed" => (3, Action::Failed { permanent: code.starts_with('5') }),
            "delayed" => (2, Action::Delayed),
            "delivered" | "relayed" | "expanded" => (1, Action::Delivered),
            _ => continue,
        };
        let said = value(&fields, "diagnostic-code").unwrap_or_default();
        let words = said.split_once(';').map_or(said, |(_, words)| words).trim();
        let recipient = ["final-recipient", "original-recipient"]
            .iter()
            .find_map(|name| value(&fields, name).and_then(|v| v.split_once(';')))
            .map_or("", |(_, address)| address.trim());
        if worst.as_ref().is_none_or(|(r, ..)| rank > *r) {
            worst = Some((rank, action, code, scrub(words, &[recipient])));
        }
    }
    worst.map(|(_, action, code, words)| (action, code, words))
}

/// `5.1.1` of `5.1.1 (mailbox unknown)`: class, subject, detail (RFC 3463 §2).
fn status_code(value: &str) -> Option<String> {
    let code = value.split_whitespace().next()?;
    let mut parts = code.split('.');
    let class = parts.next().filter(|class| ["2", "4", "5"].contains(class))?;
    let mut number = || parts.next().filter(|p| (1..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()));
    let (subject, detail) = (number()?, number()?);
    parts.next().is_none().then(|| format!("{class}.{subject}.{detail}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FAILED: &str = include_str!("../tests/reports/failed.eml");

    #[test]
    fn a_report_is_read() {
        let expected = Report {
            message_id: "0192f0c1-7a11@mail.minamo.example".into(),
            action: Action::Failed { permanent: true },
            status: "5.1.1".into(),
            detail: "550 5.1.1 … User unknown; … is not here".into(),
        };
        assert_eq!(parse(FAILED.as_bytes()).expect("read"), expected);
        assert_eq!(parse(FAILED.replace('\n', "\r\n").as_bytes()).expect("read"), expected);
        assert_eq!(parse(format!("From MAILER-DAEMON Mon Nov 23\n{FAILED}").as_bytes()).expect("read"), expected);
    }

    #[test]
    fn what_it_says_is_told_apart() {
        let with = |from: &str, to: &str| parse(FAILED.replace(from, to).as_bytes());
        let action = |from, to| with(from, to).expect("read").action;
        assert_eq!(action("Status: 5.1.1", "Status: 4.4.7 (expired)"), Action::Failed { permanent: false });
        assert_eq!(action("Action: failed", "Action: delayed"), Action::Delayed);
        assert_eq!(action("Action: failed", "action: Delivered"), Action::Delivered);
        let late =
            "Action: delayed\nStatus: 4.2.0\n\nFinal-Recipient: rfc822; x@example.jp\nAction: failed\nStatus: 5.1.1";
        assert_eq!(action("Action: failed\nStatus: 5.1.1", late), Action::Failed { permanent: true });
        assert_eq!(with("message/delivery-status", "text/plain"), Err(BounceError::NoReport));
        assert_eq!(with("Action: failed", "Action: lost"), Err(BounceError::NoRecipient));
        assert_eq!(with("Status: 5.1.1", "Status: five"), Err(BounceError::NoRecipient));
        assert_eq!(
            with("Message-ID: <0192f0c1-7a11@mail.minamo.example>\nFrom", "From"),
            Err(BounceError::NoMessageId)
        );
        assert_eq!(parse(b""), Err(BounceError::NoReport));
        assert_eq!(parse(&vec![b'x'; LONGEST + 1]), Err(BounceError::TooLong));
    }

    #[test]
    fn the_message_may_be_named_in_the_outer_headers() {
        let told = FAILED
            .replace("Message-ID: <0192f0c1-7a11@mail.minamo.example>\nFrom", "From")
            .replace("MIME-Version", "In-Reply-To:\n <0192f0c1-7a11@mail.minamo.example>\nMIME-Version");
        assert_eq!(parse(told.as_bytes()).expect("read").message_id, "0192f0c1-7a11@mail.minamo.example");
    }

    proptest! {
        #[test]
        fn bytes_never_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let _whatever = parse(&bytes);
        }

        #[test]
        fn a_damaged_report_tells_no_address(
            cut in 0..FAILED.len(), at in 0..FAILED.len(), noise in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let mut bytes = FAILED.as_bytes()[..cut.max(600)].to_vec();
            let at = at.min(bytes.len());
            bytes.splice(at..at, noise);
            if let Ok(report) = parse(&bytes) {
                prop_assert!(!report.detail.contains('@') && !report.message_id.contains('<'));
            }
        }

        #[test]
        fn deep_nesting_is_left(depth in 1..200usize) {
            let nested = "Content-Type: multipart/mixed; boundary=b\n\n--b\n".repeat(depth);
            prop_assert_eq!(parse(nested.as_bytes()), Err(BounceError::NoReport));
        }
    }
}
