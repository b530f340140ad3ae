//! The accounts of a new city from a file, such as the demo city's: they are ready to use at once, with one
//! password for all, so this is for cities that try things out.

use ::store::{Entropy, Tx};
use calendar::{Clock, Date};
use city::Organisation;
use serde::Deserialize;

use crate::account::{self, Span};
use crate::policy::Role;
use crate::{AccessError, Result, password, totp};

/// Name of the setting that holds the password, so that the log-in page can show it where simulators are on.
pub const PASSWORD_SETTING: &str = "demo.password";

/// The file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountsFile {
    password: String,
    account: Vec<AccountFile>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountFile {
    login: String,
    name: String,
    #[serde(default)]
    mail: Option<String>,
    section: String,
    #[serde(default)]
    also: Vec<String>,
    roles: Vec<String>,
}

/// Makes the accounts of a file; returns how many.
pub async fn make_all(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    organisation: &Organisation,
    file: &AccountsFile,
    from: Date,
) -> Result<usize> {
    const ACTOR: &str = "command-line";
    let key = tx.key()?.clone();
    let hash = password::hash(&file.password, entropy).await?;
    for new in &file.account {
        let id = account::make(tx, clock, entropy, ACTOR, &new.login, &new.name, None).await?;
        if let Some(mail) = &new.mail {
            account::set_mail(tx, clock, entropy, ACTOR, &id, mail).await?;
        }
        let held = std::iter::once(&new.section).chain(&new.also);
        for (i, section) in held.clone().enumerate() {
            let span = Span { account: &id, section: Some(section), from, to: None };
            account::assign(tx, clock, entropy, ACTOR, organisation, i > 0, span).await?;
        }
        for code in &new.roles {
            let role = Role::from_code(code)
                .ok_or_else(|| AccessError::Invalid { field: "roles", reason: format!("{code:?} is no role") })?;
            let places: Vec<Option<&str>> =
                if role.in_section() { held.clone().map(|s| Some(s.as_str())).collect() } else { vec![None] };
            for section in places {
                let span = Span { account: &id, section, from, to: None };
                account::give_role(tx, clock, entropy, ACTOR, Some("founding"), role, span).await?;
            }
        }
        let sealed = totp::seal(&key, &id, &totp::new_secret(entropy), entropy)?;
        crate::store::account::enrol(tx, &id, &hash, sealed, 0, clock.now()).await?;
    }
    city::store::save_setting(tx, PASSWORD_SETTING, &file.password).await?;
    Ok(file.account.len())
}
