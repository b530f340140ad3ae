//! A city of three sections with some accounts.

use access::account::{self, Span};
use access::{Principal, Role};
use calendar::{Clock, Date};
use city::{Organisation, Profile};
use testkit::TestDb;

pub(crate) const PASSWORD: &str = "ひるやすみに カレーうどん";
const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../demo/minamo");

pub(crate) fn day(text: &str) -> Date {
    text.parse().expect("date")
}

/// The demo city's sections.
pub(crate) fn organisation() -> Organisation {
    let read = |name: &str| std::fs::read_to_string(format!("{DEMO}/{name}")).expect("demo file");
    let profile = Profile::from_toml(&read("city.toml"), "city.toml").expect("profile");
    let sections =
        city::sections_from_toml(&read("sections.toml"), "sections.toml", day("2026-04-01")).expect("sections");
    Organisation::new(profile, sections, Vec::new())
}

/// Makes an account with roles in a section from the first day of the fiscal year.
pub(crate) async fn account(test: &TestDb, login: &str, section: &str, roles: &[Role]) -> String {
    let organisation = organisation();
    let (clock, mut rng) = (test.clock.as_ref(), test.rng());
    let from = day("2026-04-01");
    let mut tx = test.db.write().await.expect("write");
    let id = account::make(&mut tx, clock, &mut rng, "command-line", login, "職員", None).await.expect("made");
    let span = Span { account: &id, section: Some(section), from, to: None };
    account::assign(&mut tx, clock, &mut rng, "command-line", &organisation, false, span).await.expect("assigned");
    for role in roles {
        let span = Span { account: &id, section: role.in_section().then_some(section), from, to: None };
        account::give_role(&mut tx, clock, &mut rng, "command-line", Some("second"), *role, span).await.expect("given");
    }
    tx.commit().await.expect("commit");
    id
}

/// Enrols an account with [`PASSWORD`]; returns the secret of its second factor.
pub(crate) async fn enrol(test: &TestDb, id: &str) -> Vec<u8> {
    let (clock, mut rng) = (test.clock.as_ref(), test.rng());
    let mut tx = test.db.write().await.expect("write");
    let token = account::invite(&mut tx, clock, &mut rng, "command-line", id).await.expect("invited");
    tx.commit().await.expect("commit");
    let secret = access::totp::new_secret(&mut rng);
    let code = access::totp::code(&secret, clock.now()).expect("code");
    access::sign_in::enrol(&test.db, clock, &mut rng, &token, PASSWORD, &secret, &code).await.expect("enrolled");
    secret
}

pub(crate) async fn principal(test: &TestDb, id: &str, on: &str) -> Principal {
    let mut tx = test.db.read().await.expect("read");
    account::principal(&mut tx, &organisation(), id, day(on)).await.expect("principal")
}
