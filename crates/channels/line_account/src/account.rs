//! The account, and the house that it speaks for.

use std::sync::Arc;

use calendar::Clock;
use city::Organisation;
use contact::citizen::Window;
use contact::{Gates, Live};
use knowledge::Library;
use line::client::Client;
use store::{Db, Secret};

/// The city's account on LINE, as a process reaches it.
pub struct Account {
    /// LINE's API.
    pub client: Arc<Client>,
    /// The channel's secret, by which LINE signs what it sends.
    pub secret: Secret<String>,
    /// Where the citizens' pages are, such as `https://madoguchi.city.example`; no slash at the end.
    pub pages: String,
    /// `@…` by which the account is found; empty where it is not known.
    pub basic_id: String,
    /// Where LINE's dialogue of linking accounts is; another address where LINE is simulated.
    pub link_dialogue: String,
}

/// LINE's own address of its dialogue (<https://developers.line.biz/en/docs/messaging-api/linking-accounts/>).
pub const LINK_DIALOGUE: &str = "https://access.line.me/dialog/bot/accountLink";

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("pages", &self.pages).field("basic_id", &self.basic_id).finish_non_exhaustive()
    }
}

/// What a process knows of the city that speaks through the account.
#[derive(Clone)]
pub struct House {
    /// The articles.
    pub library: Arc<Library>,
    /// On which topics the bot may answer.
    pub gates: Arc<Gates>,
    /// Who watches contacts.
    pub live: Arc<Live>,
    /// Whether a language model puts answers into words.
    pub writes: bool,
    /// The city as it stands now.
    pub organisation: Arc<dyn Fn() -> Arc<Organisation> + Send + Sync>,
}

impl House {
    /// What a citizen's act on a contact needs.
    pub(crate) fn window<'a>(
        &'a self,
        db: &'a Db,
        clock: &'a dyn Clock,
        organisation: &'a Organisation,
        is_live: &'a (dyn Fn(&str) -> bool + Sync),
    ) -> Window<'a> {
        Window { db, clock, organisation, library: &self.library, is_live, writes: self.writes }
    }
}
