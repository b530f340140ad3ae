//! Databases on the PostgreSQL server of the tests.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;
use std::time::Duration;

use calendar::FrozenClock;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};
use store::{Db, OpenMode, migrate, portable};

use crate::random_word;

/// Names the server.
pub const SERVER_VARIABLE: &str = "MADOGUCHI_TEST_POSTGRES";

const TOO_MANY_CONNECTIONS: &str = "53300";
const NO_SUCH_DATABASE: &str = "3D000";
const DUPLICATE_DATABASE: &str = "42P04";
/// How often, and after what pause, a connection is asked for.
const PATIENCE: u32 = 600;
const PAUSE: Duration = Duration::from_millis(50);

/// The address of the server; panics with what to do if there is none.
fn server() -> String {
    std::env::var(SERVER_VARIABLE).unwrap_or_else(|_| {
        panic!(
            "this test needs a PostgreSQL server: run ./test, or \
             export {SERVER_VARIABLE}=$(scripts/test-postgres start)"
        )
    })
}

async fn connect() -> PgConnection {
    let address = server();
    let options = PgConnectOptions::from_str(&address)
        .unwrap_or_else(|e| panic!("{SERVER_VARIABLE} holds {address:?}, which is no address of PostgreSQL: {e}"));
    for _ in 0..PATIENCE {
        match PgConnection::connect_with(&options).await {
            Ok(connection) => return connection,
            // On a machine with many processors, many tests run at once.
            Err(sqlx::Error::Database(e)) if e.code().as_deref() == Some(TOO_MANY_CONNECTIONS) => {
                tokio::time::sleep(PAUSE).await;
            }
            Err(e) => panic!(
                "the PostgreSQL server at {address} does not answer ({e}): \
                 scripts/test-postgres start makes a new one"
            ),
        }
    }
    panic!("the PostgreSQL server at {address} has no connection left");
}

async fn run(sql: String) -> Result<(), sqlx::Error> {
    let mut connection = connect().await;
    connection.execute(AssertSqlSafe(sql)).await?;
    connection.close().await
}

fn address_of(name: &str) -> String {
    let server = server();
    let (before, _) = server.rsplit_once('/').expect("the address of a server names a database");
    format!("{before}/{name}")
}

/// Makes a database without a table and returns its address.
pub(crate) async fn create(name: &str) -> String {
    // template0, because nobody can be connected to it: with template1, two tests at once fail.
    run(format!("CREATE DATABASE {name} TEMPLATE template0")).await.expect("CREATE DATABASE");
    address_of(name)
}

/// Makes a database with the newest schema and returns its address. The schema is written once on each server;
/// every test gets a copy of it.
pub(crate) async fn create_migrated(name: &str) -> String {
    let schema = schema_name();
    if let Err(error) = copy(name, &schema).await {
        let missing = error.as_database_error().and_then(|e| e.code()).is_some_and(|c| c == NO_SUCH_DATABASE);
        assert!(missing, "CREATE DATABASE: {error}");
        make_schema(&schema).await;
        copy(name, &schema).await.expect("CREATE DATABASE");
    }
    address_of(name)
}

async fn copy(name: &str, from: &str) -> Result<(), sqlx::Error> {
    run(format!("CREATE DATABASE {name} TEMPLATE {from}")).await
}

/// Another name for every other schema: checkouts of several states may share a server.
fn schema_name() -> String {
    let mut hasher = DefaultHasher::new();
    for migration in migrate::MIGRATIONS {
        (migration.version, portable::ddl_for_postgres(migration.sql)).hash(&mut hasher);
    }
    format!("schema_{:016x}", hasher.finish())
}

/// Migrates a database and gives it the name under which it is copied, unless another test was quicker.
async fn make_schema(schema: &str) {
    let draft = format!("draft_{}", random_word());
    let db = Db::open(&create(&draft).await, OpenMode::Create).await.expect("a new database");
    migrate::apply(&db, &FrozenClock::new(crate::at_ten())).await.expect("migrations");
    db.close().await;
    if let Err(error) = run(format!("ALTER DATABASE {draft} RENAME TO {schema}")).await {
        let there = error.as_database_error().and_then(|e| e.code()).is_some_and(|c| c == DUPLICATE_DATABASE);
        assert!(there, "ALTER DATABASE: {error}");
        drop(&draft).await;
    }
}

/// Removes a database, and with it the connections that somebody still holds.
pub(crate) async fn drop(name: &str) {
    if let Err(error) = run(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await {
        eprintln!("testkit: database {name} stays behind: {error}");
    }
}
