//! `mail bounce`: a delivery report from the mail server.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use mail::bounce::{self, Taken};

use super::say;
use crate::config::Config;
use crate::failure::{Code, Failure};
use crate::{house, key};

const ACTOR: &str = "command-line";

pub(super) async fn bounce(
    config: &Config,
    city: Option<&str>,
    file: Option<&Path>,
    json: bool,
) -> Result<ExitCode, Failure> {
    let report = bounce::parse(&read(file)?).map_err(|error| Failure::new(Code::Refused, error.to_string()))?;
    let city = config.chosen(city)?;
    let db = config.open(city).await?;
    if db.key().is_err() {
        return Err(key::missing(&config.key_file(city)));
    }
    let mut tx = db.write().await?;
    let taken = bounce::take(&mut tx, house::clock().as_ref(), ACTOR, &report).await.map_err(failed)?;
    tx.commit().await?;
    db.close().await;
    let status = &report.status;
    let (result, message, words) = match &taken {
        Taken::Bounced(id) => {
            ("bounced", Some(id), format!("message {id} came back ({status}); its address is not used any more"))
        }
        Taken::Noted(id) => ("noted", Some(id), format!("message {id}: {status} was noted, nothing else changed")),
        Taken::Nothing => ("nothing", None, "the report tells that a message arrived; nothing to do".into()),
        Taken::NotOurs => ("not ours", None, "no message of this city has the id in the report".into()),
    };
    let said = say(json, &serde_json::json!({ "result": result, "message": message, "status": status }), || words);
    Ok(if taken == Taken::NotOurs { ExitCode::from(Code::Nothing as u8) } else { said })
}

/// The file, or standard input; a little more than a report may be long, so that a longer one is refused.
fn read(file: Option<&Path>) -> Result<Vec<u8>, Failure> {
    let limit = bounce::LONGEST as u64 + 1;
    let mut bytes = Vec::new();
    let (read, name) = match file {
        Some(file) => {
            let opened = std::fs::File::open(file);
            (opened.and_then(|f| f.take(limit).read_to_end(&mut bytes)), file.display().to_string())
        }
        None => (std::io::stdin().lock().take(limit).read_to_end(&mut bytes), "standard input".into()),
    };
    read.map_err(|e| Failure::new(Code::File, format!("{name} cannot be read: {e}")))?;
    Ok(bytes)
}

fn failed(error: mail::MailError) -> Failure {
    match error {
        mail::MailError::Store(error) | mail::MailError::People(people::PeopleError::Store(error)) => error.into(),
        other => Failure::new(Code::Database, other.to_string()),
    }
}
