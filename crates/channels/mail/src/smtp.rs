//! One message to one SMTP server, and what is known afterwards.
//!
//! Invariant: whoever reads an [`Outcome`] knows whether the server may have the message. Only
//! [`Outcome::Unknown`] leaves that open.

use std::future::Future;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ::store::Secret;
use lettre::Address;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};

use crate::scrub::scrub;

/// How the connection is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte (RFC 8314), usually port 465.
    Tls,
    /// Plain at first, then STARTTLS, without which nothing is sent; usually port 587.
    StartTls,
    /// No encryption: for a server on the same machine.
    None,
}

/// The city's mail server.
#[derive(Clone, Debug)]
pub struct Server {
    /// Host name or address; the certificate must be for it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is secured.
    pub security: Security,
    /// Name and password, where the server asks for them.
    pub login: Option<(String, Secret<String>)>,
    /// File (PEM) with the certificates that are trusted instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// Name by which we greet.
    pub helo: String,
    /// Longest wait for each answer.
    pub timeout: Duration,
    /// Longest wait from the first line of the message to the answer after its last. A short one makes
    /// doubts where there need be none: RFC 5321 §4.5.3.2.6 asks for ten minutes.
    pub last_timeout: Duration,
}

/// What [`Server::timeout`] usually is.
pub const TIMEOUT: Duration = Duration::from_secs(60);
/// What [`Server::last_timeout`] usually is.
pub const LAST_TIMEOUT: Duration = Duration::from_secs(600);

/// How far a delivery went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Name look-up, connection, TLS, greeting.
    Connect,
    /// Name and password.
    Login,
    /// The sender's address.
    Sender,
    /// The recipient's address.
    Recipient,
    /// From the DATA command to the last line of the message.
    Data,
    /// The final dot was written, or may have been; the answer decides.
    Reply,
}

impl Stage {
    /// The word for it in the ledger.
    pub const fn code(self) -> &'static str {
        match self {
            Stage::Connect => "connect",
            Stage::Login => "login",
            Stage::Sender => "sender",
            Stage::Recipient => "recipient",
            Stage::Data => "data",
            Stage::Reply => "reply",
        }
    }
}

/// What is known after an attempt. Details hold no addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server took responsibility for the message.
    Accepted {
        /// Its reply code.
        code: u16,
    },
    /// It will never take this message (5xx about the sender, the recipient or the message).
    Refused {
        /// Its reply code; `None` where the address is no address of mail.
        code: Option<u16>,
        /// Its words.
        detail: String,
    },
    /// It does not have the message; a later attempt may succeed.
    Deferred {
        /// Its reply code; `None` where the server was not reached.
        code: Option<u16>,
        /// What went wrong.
        detail: String,
    },
    /// The whole message was written and no answer came: the server may have it or not.
    Unknown {
        /// Where it stopped.
        stage: Stage,
    },
}

/// Why one step did not work.
enum Trouble {
    Smtp(SmtpError),
    Timeout,
    /// Ours: something that cannot work with this server or this configuration.
    Own(String),
}

impl From<SmtpError> for Trouble {
    fn from(error: SmtpError) -> Self {
        Trouble::Smtp(error)
    }
}

impl Trouble {
    fn code(&self) -> Option<u16> {
        match self {
            Trouble::Smtp(error) => error.status().map(u16::from),
            _ => None,
        }
    }

    fn words(&self) -> String {
        match self {
            Trouble::Smtp(error) => {
                // With a code, the cause is what the server said; else it is the chain of causes that helps.
                let mut words = if error.status().is_some() { String::new() } else { error.to_string() };
                let mut cause = std::error::Error::source(error);
                while let Some(inner) = cause {
                    let text = inner.to_string();
                    if !words.contains(&text) {
                        words = if words.is_empty() { text } else { format!("{words}: {text}") };
                    }
                    cause = inner.source();
                }
                words
            }
            Trouble::Timeout => "no answer in time".into(),
            Trouble::Own(words) => words.clone(),
        }
    }
}

/// Waits for a step, but not longer than the server's limit.
async fn in_time<T, E: Into<Trouble>>(server: &Server, step: impl Future<Output = Result<T, E>>) -> Result<T, Trouble> {
    within(server.timeout, step).await
}

async fn within<T, E: Into<Trouble>>(limit: Duration, step: impl Future<Output = Result<T, E>>) -> Result<T, Trouble> {
    match tokio::time::timeout(limit, step).await {
        Ok(result) => result.map_err(Into::into),
        Err(_) => Err(Trouble::Timeout),
    }
}

/// Whether what a configuration says about the certificates can be used; for checks before a start.
pub fn check(server: &Server) -> Result<(), String> {
    let words = |trouble: Trouble| trouble.words();
    if server.security != Security::None {
        tls(server).map_err(words)?;
    }
    client_id(server).map(|_| ()).map_err(words)
}

fn client_id(server: &Server) -> Result<ClientId, Trouble> {
    let name = server.helo.trim();
    if name.is_empty() || name.chars().any(|c| !(c.is_ascii_alphanumeric() || "-.:[]".contains(c))) {
        return Err(Trouble::Own(format!("{name:?} is no host name to greet with")));
    }
    Ok(ClientId::Domain(name.to_owned()))
}

fn tls(server: &Server) -> Result<TlsParameters, Trouble> {
    let mut builder = TlsParameters::builder(server.host.clone());
    if let Some(file) = &server.ca_file {
        let trouble = |reason: String| Trouble::Own(format!("{}: {reason}", file.display()));
        let pem = std::fs::read(file).map_err(|e| trouble(e.to_string()))?;
        let certificates = Certificate::from_pem(&pem).map_err(|e| trouble(e.to_string()))?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(certificates);
    }
    Ok(builder.build()?)
}

/// Connects, secures, greets and logs in. The stage says how far it came where it did not work.
async fn connect(server: &Server) -> Result<AsyncSmtpConnection, (Stage, Trouble)> {
    let at_connect = |trouble: Trouble| (Stage::Connect, trouble);
    let hello = client_id(server).map_err(at_connect)?;
    let wrapper = match server.security {
        Security::Tls => Some(tls(server).map_err(at_connect)?),
        _ => None,
    };
    let place = (server.host.as_str(), server.port);
    let step = AsyncSmtpConnection::connect_tokio1(place, Some(server.timeout), &hello, wrapper, None);
    let mut connection = in_time(server, step).await.map_err(at_connect)?;
    if server.security == Security::StartTls {
        let parameters = tls(server).map_err(at_connect)?;
        in_time(server, connection.starttls(parameters, &hello)).await.map_err(at_connect)?;
    }
    if let Some((name, password)) = &server.login {
        let credentials = Credentials::new(name.clone(), password.reveal().clone());
        let step = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials);
        in_time(server, step).await.map_err(|trouble| (Stage::Login, trouble))?;
    }
    Ok(connection)
}

/// Connects and greets, logs in where there is a login, and leaves: whether the configuration works.
/// Nothing is sent.
pub async fn greet(server: &Server) -> Result<(), String> {
    match connect(server).await {
        Ok(connection) => {
            leave(server, connection).await;
            Ok(())
        }
        Err((stage, trouble)) => {
            let code = trouble.code().map(|c| format!("{c} ")).unwrap_or_default();
            Err(format!("{}: {code}{}", stage.code(), scrub(&trouble.words(), &[])))
        }
    }
}

/// Says goodbye; whether the server still hears it changes nothing.
async fn leave(server: &Server, mut connection: AsyncSmtpConnection) {
    if in_time(server, connection.quit()).await.is_err() {
        tracing::debug!("the mail server did not hear the goodbye");
    }
}

/// Sends one message to one recipient.
pub async fn send(server: &Server, from: &str, to: &str, message: &[u8]) -> Outcome {
    let parse = |address: &str| address.parse::<Address>().ok();
    let Some(sender) = parse(from) else {
        return Outcome::Deferred { code: None, detail: "from_address of the configuration is no address".into() };
    };
    let Some(recipient) = parse(to) else {
        return Outcome::Refused { code: None, detail: "this is no address of mail".into() };
    };
    let mut connection = match connect(server).await {
        Ok(connection) => connection,
        // Nothing was said about this message yet, so that even a 5xx (a changed password) is no word on it.
        Err((stage, trouble)) => return deferred(stage, &trouble, from, to),
    };
    match deliver(server, &mut connection, sender, recipient, message).await {
        Ok(code) => {
            leave(server, connection).await;
            Outcome::Accepted { code }
        }
        Err((stage, trouble)) => {
            let outcome = classify(stage, &trouble, from, to);
            if trouble.code().is_some() {
                leave(server, connection).await;
            }
            outcome
        }
    }
}

async fn deliver(
    server: &Server,
    connection: &mut AsyncSmtpConnection,
    sender: Address,
    recipient: Address,
    message: &[u8],
) -> Result<u16, (Stage, Trouble)> {
    let mut parameters = Vec::new();
    if !sender.to_string().is_ascii() || !recipient.to_string().is_ascii() {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            let words = "this server does not take addresses with letters beyond ASCII";
            return Err((Stage::Recipient, Trouble::Own(words.into())));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    let step = connection.command(Mail::new(Some(sender), parameters));
    in_time(server, step).await.map_err(|trouble| (Stage::Sender, trouble))?;
    let step = connection.command(Rcpt::new(recipient, Vec::new()));
    in_time(server, step).await.map_err(|trouble| (Stage::Recipient, trouble))?;
    in_time(server, connection.command(Data)).await.map_err(|trouble| (Stage::Data, trouble))?;
    // The library asks for the next part when it has written the one before, and writes the final dot when
    // there is none. So it is known whether the dot can have gone out.
    let all_written = AtomicBool::new(false);
    let parts = lines(message).chunks(64 * 1024).map(Some).chain([None]).map_while(|part| {
        if part.is_none() {
            all_written.store(true, Ordering::Relaxed);
        }
        part
    });
    let step = connection.message_iter(parts);
    let response = within(server.last_timeout, step).await.map_err(|trouble| {
        let stage = if all_written.load(Ordering::Relaxed) { Stage::Reply } else { Stage::Data };
        (stage, trouble)
    })?;
    let code = u16::from(response.code());
    // 3xx would ask for more, and there is no more: no word on whether it was taken.
    if code / 100 == 2 { Ok(code) } else { Err((Stage::Reply, Trouble::Timeout)) }
}

/// The message without the end of its last line, which comes with the final dot.
fn lines(message: &[u8]) -> &[u8] {
    let mut lines = message;
    while let Some(before) = lines.strip_suffix(b"\r\n") {
        lines = before;
    }
    lines
}

fn classify(stage: Stage, trouble: &Trouble, from: &str, to: &str) -> Outcome {
    match (trouble.code(), stage) {
        // RFC 4954 §6: 530 asks for a login, which is a matter of our configuration.
        (Some(530), _) => deferred(stage, trouble, from, to),
        (Some(code), _) if code >= 500 => {
            Outcome::Refused { code: Some(code), detail: scrub(&trouble.words(), &[from, to]) }
        }
        (Some(_), _) => deferred(stage, trouble, from, to),
        (None, Stage::Reply) => Outcome::Unknown { stage },
        (None, _) => deferred(stage, trouble, from, to),
    }
}

fn deferred(stage: Stage, trouble: &Trouble, from: &str, to: &str) -> Outcome {
    Outcome::Deferred {
        code: trouble.code(),
        detail: format!("{}: {}", stage.code(), scrub(&trouble.words(), &[from, to])),
    }
}
