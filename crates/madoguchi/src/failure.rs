//! Failures of commands: a sentence, what to do, and an exit code that a script can rely on.

use std::process::ExitCode;

/// Exit codes; the table stands in `docs/command-line.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// The command worked and found nothing, or found problems.
    Nothing = 1,
    /// The input was refused; nothing was changed.
    Refused = 3,
    /// The configuration.
    Configuration = 4,
    /// The dictionary.
    Dictionary = 5,
    /// The database.
    Database = 6,
    /// An address to listen on.
    Address = 7,
    /// Reading or writing a file.
    File = 8,
}

/// A failed command.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Failure { code, message: message.into(), hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says it on standard error.
    pub(crate) fn tell(self) -> ExitCode {
        use std::io::Write;
        let hint = self.hint.map_or(String::new(), |hint| format!("  → {hint}\n"));
        // Where standard error takes nothing, the exit code still tells.
        let _nobody_hears = write!(std::io::stderr(), "madoguchi: {}\n{hint}", self.message);
        ExitCode::from(self.code as u8)
    }
}

impl From<store::StoreError> for Failure {
    fn from(error: store::StoreError) -> Self {
        use store::StoreError::{Backup, Driver, Full, Heads, Key, Unmigrated};
        let code = match &error {
            Backup(_) | Heads { .. } => Code::Refused,
            Key(_) => Code::Configuration,
            _ => Code::Database,
        };
        let hint = match &error {
            Unmigrated(_) => Some("look first with `madoguchi migrate --dry-run`, and make a backup"),
            Full(_) => Some("nothing half-written was left"),
            Driver(_) => Some(
                "see whether its server runs, or whether its disk has room and lets you write; \
                 if the database is damaged, restore a backup into a new one",
            ),
            _ => None,
        };
        Failure { code, message: error.to_string(), hint: hint.map(str::to_owned) }
    }
}

impl From<city::CityError> for Failure {
    fn from(error: city::CityError) -> Self {
        match error {
            city::CityError::Store(error) => error.into(),
            city::CityError::NoCity => Failure::new(Code::Database, error.to_string()),
            other => Failure::new(Code::Refused, other.to_string()),
        }
    }
}

impl From<knowledge::KnowledgeError> for Failure {
    fn from(error: knowledge::KnowledgeError) -> Self {
        match error {
            knowledge::KnowledgeError::Store(error) => error.into(),
            knowledge::KnowledgeError::City(error) => error.into(),
            knowledge::KnowledgeError::Refused(problems) => {
                let list = problems.to_string();
                Failure::new(
                    Code::Refused,
                    format!("{} error(s), nothing was stored:\n{}", problems.count(), list.trim_end()),
                )
            }
            other => Failure::new(Code::Refused, other.to_string()),
        }
    }
}

impl From<contact::ContactError> for Failure {
    fn from(error: contact::ContactError) -> Self {
        match error {
            contact::ContactError::Store(error) => error.into(),
            contact::ContactError::City(error) => error.into(),
            contact::ContactError::Knowledge(error) => error.into(),
            other => Failure::new(Code::Refused, other.to_string()),
        }
    }
}

impl From<text::TextError> for Failure {
    fn from(error: text::TextError) -> Self {
        Failure::new(Code::Dictionary, error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::new(Code::File, error.to_string())
    }
}
