//! What the routes around the bullying desk name.

use casework::case::BULLYING;
use casework::member::{self, DeskRole};

use crate::records::Made;
use crate::support::City;

/// What stands in the address of a route, and its form. Only where an administrator may do something is anything there.
pub(crate) async fn made(city: &City, path: &str) -> Made {
    let mut tx = city.test.db.read().await.expect("read");
    let found = access::store::account::secrets_of_login(&mut tx, "kyoi").await.expect("read").expect("an account").id;
    drop(tx);
    let form = match path {
        "/sealed/members" => {
            vec![("login", "kyoi".to_owned()), ("role", "officer".to_owned()), ("reason", "異動".to_owned())]
        }
        _ => Vec::new(),
    };
    if path.ends_with("{role}/end") {
        let keeping = city.state.sealed.clone().expect("a sealed desk");
        let (db, clock) = (city.test.db.clone(), city.test.clock.clone());
        let premises = casework::Premises::read(keeping, db, clock, &city.state.organisation()).await;
        let premises = premises.expect("premises");
        let joined =
            member::join(premises.house(), "command-line", BULLYING, &found, DeskRole::Supervisor, "異動のため").await;
        joined.expect("joined");
    }
    let names = vec![
        ("{account}", found),
        ("{role}", DeskRole::Supervisor.code().to_owned()),
        ("{id}", "01900000-0000-4000-8000-000000000000".to_owned()),
    ];
    (names, form)
}
