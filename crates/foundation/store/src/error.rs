//! What can go wrong between the house and its database.

/// Result of a store operation.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Errors of the store. The messages are sentences for an administrator.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address does not begin with a known scheme.
    #[error("database address {0:?} is not understood: use sqlite:PATH or postgres://USER@HOST/NAME")]
    Address(String),
    /// An SQLite file was expected and is not there.
    #[error(
        "there is no database at {0}: run `madoguchi init` or `madoguchi demo` first, or correct `database` in the configuration"
    )]
    Missing(String),
    /// Something is there already where an empty database is wanted.
    #[error("the database is not empty: choose another one, nothing was changed")]
    NotEmpty,
    /// A rule of the schema (unique, foreign key, check) refused a write.
    #[error("the database refused the record: {0}")]
    Constraint(String),
    /// Another writer held the database for too long, or two transactions met.
    #[error("the database is busy: {0}; try again")]
    Busy(String),
    /// No space left.
    #[error(
        "the disk that holds the database is full ({0}): nothing of this change was stored; free some space and repeat it"
    )]
    Full(String),
    /// The database was migrated by a newer binary that no longer allows this one.
    #[error(
        "the database needs madoguchi {needed} or newer, this is {own}: install the newer version, or restore a backup of the older one"
    )]
    TooNew {
        /// Oldest version that may open the database.
        needed: String,
        /// Version of this binary.
        own: String,
    },
    /// Migrations are waiting.
    #[error("{0} migration(s) are waiting: run `madoguchi migrate`")]
    Unmigrated(usize),
    /// A text held U+0000, which PostgreSQL cannot store.
    #[error("a text contains the character U+0000, which cannot be stored")]
    Nul,
    /// A number was NaN or infinite: SQLite makes NULL of the one, and a backup has no word for either.
    #[error("a number is not finite, which cannot be stored")]
    NotFinite,
    /// A statement of the transaction failed before: nothing of the transaction can be stored.
    #[error("an earlier step of this change failed, so nothing of it was stored")]
    Spoiled,
    /// SQL that would not mean the same on both engines.
    #[error("not portable SQL: {0}")]
    NotPortable(String),
    /// A row did not have the expected form.
    #[error("column {column:?}: {reason}")]
    Column {
        /// Name of the column.
        column: String,
        /// What was wrong.
        reason: String,
    },
    /// One row was expected, none came.
    #[error("no such record")]
    NotFound,
    /// A job's lease went to another worker; its effects must not be stored.
    #[error("the lease of job {0} was lost to another worker")]
    LostLease(String),
    /// A backup file is not what it should be.
    #[error("backup: {0}")]
    Backup(String),
    /// The house key is missing or not what it should be.
    #[error("house key: {0}")]
    Key(String),
    /// A line of a file of exported heads is not what was written.
    #[error("line {line}: {reason}")]
    Heads {
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// File trouble.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// Anything else that the driver says.
    #[error("database: {0}")]
    Driver(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::RowNotFound => StoreError::NotFound,
            sqlx::Error::PoolTimedOut => StoreError::Busy("no free connection".into()),
            sqlx::Error::Database(db) => {
                let code = db.code().unwrap_or_default().into_owned();
                let message = db.message().to_owned();
                // SQLite: primary result codes in the low byte; PostgreSQL: five-character SQLSTATE.
                match code.as_str() {
                    "53100" => StoreError::Full(message),
                    "40001" | "40P01" | "55P03" => StoreError::Busy(message),
                    c if c.len() == 5 && c.starts_with("23") => StoreError::Constraint(message),
                    c => match c.parse::<u32>().map(|n| n & 0xff) {
                        // 4874 is SQLITE_IOERR_SHMSIZE: the shared-memory file cannot grow.
                        _ if c == "4874" => StoreError::Full(message),
                        Ok(13) if c.len() < 5 => StoreError::Full(message),
                        Ok(5 | 6) if c.len() < 5 => StoreError::Busy(message),
                        Ok(19) if c.len() < 5 => StoreError::Constraint(message),
                        _ => StoreError::Driver(message),
                    },
                }
            }
            sqlx::Error::Io(io) if io.kind() == std::io::ErrorKind::StorageFull => StoreError::Full(io.to_string()),
            _ => StoreError::Driver(error.to_string()),
        }
    }
}
