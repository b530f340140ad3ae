//! `account`: the first accounts of a city, and the way back in when every administrator is locked out. Whoever
//! runs the command owns the machine and the key, so no second person is asked; the audit stream says so.

use std::process::ExitCode;

use access::account::{self, Span};
use access::{AccessError, Role};
use city::Organisation;

use super::say;
use crate::config::Config;
use crate::failure::{Code, Failure};
use crate::house;

const ACTOR: &str = "command-line";

fn sentence(error: AccessError) -> Failure {
    match error {
        AccessError::Store(error) => error.into(),
        AccessError::Invalid { field, reason } => Failure::new(Code::Refused, format!("{field}: {reason}")),
        other => Failure::new(Code::Refused, other.to_string()),
    }
}

/// What `account new` makes.
pub(super) struct New<'a> {
    pub(super) login: &'a str,
    pub(super) name: &'a str,
    pub(super) section: Option<&'a str>,
    pub(super) roles: &'a [String],
}

/// `account new`: makes an account and prints its invitation.
pub(super) async fn new(config: &Config, city: Option<&str>, new: New<'_>, json: bool) -> Result<ExitCode, Failure> {
    let mut roles = Vec::new();
    for code in new.roles {
        let names = || Role::ALL.map(Role::code).join(", ");
        let role = Role::from_code(code)
            .ok_or_else(|| Failure::new(Code::Refused, format!("{code:?} is no role; roles are {}", names())))?;
        if role.in_section() && new.section.is_none() {
            return Err(Failure::new(Code::Refused, format!("the role {code} is held in a section"))
                .hint("name it with --section"));
        }
        roles.push(role);
    }
    let db = config.open(config.chosen(city)?).await?;
    let organisation = Organisation::load(&db).await?;
    let (clock, mut entropy) = (house::clock(), house::entropy()());
    let (clock, entropy) = (clock.as_ref(), entropy.as_mut());
    let today = clock.now().jst_date();
    let mut tx = db.write().await?;
    let made = async {
        let id = account::make(&mut tx, clock, entropy, ACTOR, new.login, new.name, None).await?;
        if new.section.is_some() {
            let span = Span { account: &id, section: new.section, from: today, to: None };
            account::assign(&mut tx, clock, entropy, ACTOR, &organisation, false, span).await?;
        }
        for role in roles {
            let section = new.section.filter(|_| role.in_section());
            let span = Span { account: &id, section, from: today, to: None };
            account::give_role(&mut tx, clock, entropy, ACTOR, Some("owner of the machine"), role, span).await?;
        }
        account::invite(&mut tx, clock, entropy, ACTOR, &id).await
    }
    .await;
    let token = made.map_err(sentence)?;
    tx.commit().await?;
    Ok(tell(new.login, &token, json))
}

/// `account reset`: password and second factor are taken away; prints a new invitation.
pub(super) async fn reset(config: &Config, city: Option<&str>, login: &str, json: bool) -> Result<ExitCode, Failure> {
    let db = config.open(config.chosen(city)?).await?;
    let (clock, mut entropy) = (house::clock(), house::entropy()());
    let (clock, entropy) = (clock.as_ref(), entropy.as_mut());
    let mut tx = db.write().await?;
    let found = access::store::account::all(&mut tx).await?.into_iter().find(|a| a.login == login);
    let account = found.ok_or_else(|| Failure::new(Code::Refused, format!("there is no account {login:?}")))?;
    let done = async {
        account::reset(&mut tx, clock, ACTOR, "owner of the machine", &account.id).await?;
        account::invite(&mut tx, clock, entropy, ACTOR, &account.id).await
    }
    .await;
    let token = done.map_err(sentence)?;
    tx.commit().await?;
    Ok(tell(login, &token, json))
}

/// `account list`.
pub(super) async fn list(config: &Config, city: Option<&str>, json: bool) -> Result<ExitCode, Failure> {
    let db = config.open(config.chosen(city)?).await?;
    let mut tx = db.read().await?;
    let accounts = access::store::account::all(&mut tx).await?;
    let rows: Vec<_> =
        accounts.iter().map(|a| serde_json::json!({ "login": a.login, "name": a.name, "state": a.state })).collect();
    Ok(say(json, &rows, || {
        if accounts.is_empty() {
            return "There is no account yet. Make the first with `madoguchi account new`.".into();
        }
        accounts.iter().map(|a| format!("{:<24} {:<9} {}", a.login, a.state, a.name)).collect::<Vec<_>>().join("\n")
    }))
}

fn tell(login: &str, token: &str, json: bool) -> ExitCode {
    let path = format!("/invitations/{token}");
    say(json, &serde_json::json!({ "login": login, "invitation": path }), || {
        format!(
            "{login} can set up a password and a second factor within seven days at this address of the staff's face:\n  {path}\nIt opens the account: hand it over in person, or by a way that only this person reads."
        )
    })
}
