//! One database per test.

use std::path::Path;
use std::sync::Arc;

use calendar::{Date, FrozenClock, Instant};
use rand::rngs::ChaCha8Rng;
use store::worker::EntropySource;
use store::{Db, Engine, HouseKey, OpenMode, Sql, migrate, params, portable};
use tempfile::TempDir;

use crate::{Randomness, postgres, random_word};

/// The seed of every test.
const SEED: u64 = 20_261_123;

/// Monday, 23 November 2026, ten in the morning in Japan: a holiday (勤労感謝の日).
pub fn at_ten() -> Instant {
    Instant::from_jst(Date::constant(2026, 11, 23).at(10, 0, 0, 0))
}

/// The key of every test city.
pub fn house_key() -> HouseKey {
    HouseKey::new([7; 32])
}

fn new_folder() -> TempDir {
    tempfile::tempdir().expect("a folder for the test")
}

/// A database of its own for one test, gone with [`TestDb::close`] or at the latest when dropped.
pub struct TestDb {
    /// The database, with the newest schema unless made by `empty_…`.
    pub db: Db,
    /// Its address, for a second handle or another process.
    pub address: String,
    /// Stands at [`at_ten`] until moved.
    pub clock: Arc<FrozenClock>,
    randomness: Randomness,
    /// Holds the SQLite file, and is there for the test's own files on either engine.
    folder: TempDir,
    /// The database to be dropped on the PostgreSQL server.
    on_server: Option<String>,
}

impl TestDb {
    /// On SQLite.
    pub async fn sqlite() -> Self {
        let test = Self::empty_sqlite().await;
        migrate::apply(&test.db, &test.clock).await.expect("migrations");
        test
    }

    /// On PostgreSQL.
    pub async fn postgres() -> Self {
        let name = format!("t_{}", random_word());
        let address = postgres::create_migrated(&name).await;
        Self::open(address, new_folder(), Some(name)).await
    }

    /// On a given engine.
    pub async fn on(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::sqlite().await,
            Engine::Postgres => Self::postgres().await,
        }
    }

    /// On a given engine, without a table.
    pub async fn empty_on(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::empty_sqlite().await,
            Engine::Postgres => Self::empty_postgres().await,
        }
    }

    /// On SQLite, without a table.
    pub async fn empty_sqlite() -> Self {
        let folder = new_folder();
        let address = format!("sqlite:{}", folder.path().join("test.db").display());
        Self::open(address, folder, None).await
    }

    /// On PostgreSQL, without a table.
    pub async fn empty_postgres() -> Self {
        let name = format!("t_{}", random_word());
        let address = postgres::create(&name).await;
        let folder = new_folder();
        Self::open(address, folder, Some(name)).await
    }

    async fn open(address: String, folder: TempDir, on_server: Option<String>) -> Self {
        let db = Db::open(&address, OpenMode::Create).await.expect("a new database").with_key(house_key());
        let clock = Arc::new(FrozenClock::new(at_ten()));
        TestDb { db, address, clock, randomness: Randomness::new(SEED), folder, on_server }
    }

    /// The engine behind it.
    pub fn engine(&self) -> Engine {
        self.db.engine()
    }

    /// A second handle, as another process has one.
    pub async fn again(&self) -> Db {
        Db::open(&self.address, OpenMode::Existing).await.expect("a second handle").with_key(house_key())
    }

    /// Makes a table that the house does not have. Its text is written and rewritten like a migration,
    /// so its columns are as strict as those of the house.
    pub async fn create(&self, table: &str) {
        let text = match self.engine() {
            Engine::Sqlite => portable::ddl_for_sqlite(table),
            Engine::Postgres => portable::ddl_for_postgres(table),
        };
        let mut tx = self.db.write().await.expect("write");
        tx.execute(Sql::built(text), params![]).await.expect("a table");
        tx.commit().await.expect("commit");
    }

    /// A generator: the same on every run, another on every call.
    pub fn rng(&self) -> ChaCha8Rng {
        self.randomness.rng()
    }

    /// Generators for a worker; they never repeat those of [`TestDb::rng`].
    pub fn entropy_source(&self) -> EntropySource {
        self.randomness.source()
    }

    /// A folder for files of the test, removed with the database.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Closes the connections and removes the database.
    pub async fn close(mut self) {
        self.db.close().await;
        if let Some(name) = self.on_server.take() {
            postgres::drop(&name).await;
        }
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let Some(name) = self.on_server.take() else { return };
        // We may be on a thread of the test's own runtime, which must not be blocked on; so a thread
        // with a runtime of its own. Nothing in it panics for the test: a failed test still says why.
        let thread = std::thread::spawn(move || {
            if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
                runtime.block_on(postgres::drop(&name));
            }
        });
        let _ = thread.join();
    }
}
