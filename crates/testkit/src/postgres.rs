//! Databases on the PostgreSQL server of the tests.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};

/// Names the server.
pub const SERVER_VARIABLE: &str = "MADOGUCHI_TEST_POSTGRES";

const TOO_MANY_CONNECTIONS: &str = "53300";
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

/// Makes a database and returns its address.
pub(crate) async fn create(name: &str) -> String {
    // template0, because nobody can be connected to it: with template1, two tests at once fail.
    run(format!("CREATE DATABASE {name} TEMPLATE template0")).await.expect("CREATE DATABASE");
    let server = server();
    let (before, _) = server.rsplit_once('/').expect("the address of a server names a database");
    format!("{before}/{name}")
}

/// Removes a database, and with it the connections that somebody still holds.
pub(crate) async fn drop(name: &str) {
    if let Err(error) = run(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await {
        eprintln!("testkit: database {name} stays behind: {error}");
    }
}
