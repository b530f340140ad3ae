//! What the tests of the house stand on: a fresh database per test on either engine, a clock that
//! stands still, and randomness that comes out the same every time.
//!
//! ```
//! testkit::on_both_engines! {
//!     /// Becomes the two tests `a_topic_counts::sqlite` and `a_topic_counts::postgres`.
//!     async fn a_topic_counts(t: TestDb) {
//!         let mut tx = t.db.write().await.expect("write");
//!         store::changes::bump(&mut tx, "city").await.expect("bump");
//!         tx.commit().await.expect("commit");
//!     }
//! }
//! # fn main() {}
//! ```

mod database;
mod postgres;
mod randomness;
mod shared;

pub use database::{TestDb, at_ten, house_key};
pub use postgres::SERVER_VARIABLE;
pub use randomness::{Randomness, random_word};
pub use shared::{leave, take_over};
/// For the attribute that the macro writes.
#[doc(hidden)]
pub use tokio;

/// Makes each `async fn name(t: TestDb)` the two tests `name::sqlite` and `name::postgres`.
///
/// With `empty;` in front, the databases come without the schema of the house.
#[macro_export]
macro_rules! on_both_engines {
    (empty; $($tests:tt)*) => { $crate::on_two_databases! { [empty_sqlite empty_postgres] $($tests)* } };
    ($($tests:tt)*) => { $crate::on_two_databases! { [sqlite postgres] $($tests)* } };
}

/// What [`on_both_engines!`] becomes; the two words are functions of [`TestDb`].
#[doc(hidden)]
#[macro_export]
macro_rules! on_two_databases {
    ([$sqlite:ident $postgres:ident] $($(#[$attribute:meta])* async fn $name:ident($t:ident: TestDb) $body:block)*) => {$(
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($t: $crate::TestDb) $body

            #[$crate::tokio::test(flavor = "multi_thread", crate = "testkit::tokio")]
            async fn sqlite() {
                run($crate::TestDb::$sqlite().await).await;
            }

            #[$crate::tokio::test(flavor = "multi_thread", crate = "testkit::tokio")]
            async fn postgres() {
                run($crate::TestDb::$postgres().await).await;
            }
        }
    )*};
}
