//! A message as it goes over the wire: plain text, UTF-8, headers that nobody can add to.

use std::time::{Duration, SystemTime};

use calendar::Instant;
use city::Lang;
use lettre::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, SinglePart};

use crate::{MailError, template::Text};

/// Who the city is in mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Name beside the address.
    pub name: String,
    /// Address: of answers, and of bounces.
    pub address: String,
}

/// A message to be made.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// Without the angle brackets; the same at every attempt.
    pub message_id: &'a str,
    /// When it is sent.
    pub at: Instant,
    /// From whom.
    pub from: &'a Sender,
    /// The recipient's address.
    pub to: &'a str,
    /// Language of the text.
    pub lang: Lang,
    /// Subject and body.
    pub text: &'a Text,
}

/// Checks a sender of the configuration.
pub fn check_sender(from: &Sender) -> Result<(), MailError> {
    mailbox(from).map(|_| ())
}

fn mailbox(from: &Sender) -> Result<Mailbox, MailError> {
    let address = from.address.parse::<Address>().map_err(|_| MailError::Sender)?;
    let name = one_line(&from.name);
    Ok(Mailbox::new(Some(name).filter(|n| !n.is_empty()), address))
}

/// A header's text: no control character can end its line.
fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// RFC 5322 §3.3, in the time of Japan.
fn date(at: Instant) -> String {
    at.jst().strftime("%a, %d %b %Y %H:%M:%S +0900").to_string()
}

/// The bytes of a message.
pub fn write(letter: &Letter<'_>) -> Result<Vec<u8>, MailError> {
    let to = letter.to.parse::<Address>().map_err(|_| MailError::Recipient)?;
    let id = letter.message_id;
    if !id.chars().all(|c| c.is_ascii_graphic() && !"<>".contains(c)) || id.matches('@').count() != 1 {
        return Err(MailError::Message("its id is not of the form left@right".into()));
    }
    let header = |name: &'static str, value: String| HeaderValue::new(HeaderName::new_from_ascii_str(name), value);
    let since_epoch = Duration::from_millis(u64::try_from(letter.at.millis()).unwrap_or(0));
    let mut message = Message::builder()
        .date(SystemTime::UNIX_EPOCH + since_epoch)
        .from(mailbox(letter.from)?)
        .to(Mailbox::new(None, to))
        .subject(one_line(&letter.text.subject))
        .message_id(Some(format!("<{id}>")))
        // RFC 3834 §5: no holiday notice answers it.
        .raw_header(header("Auto-Submitted", "auto-generated".into()))
        .raw_header(header("Content-Language", letter.lang.html().into()))
        .singlepart(
            // It chooses the encoding; what goes over the wire is ASCII.
            SinglePart::builder()
                .header(ContentType::TEXT_PLAIN)
                .body(letter.text.body.replace("\r\n", "\n").replace('\n', "\r\n")),
        )
        .map_err(|error| MailError::Message(error.to_string()))?;
    // The library writes the date in UTC only.
    let when = date(letter.at);
    let name = HeaderName::new_from_ascii_str("Date");
    message.headers_mut().insert_raw(HeaderValue::dangerous_new_pre_encoded(name, when.clone(), when));
    Ok(message.formatted())
}
