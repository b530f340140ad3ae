//! All that the simulator knows, behind one lock, and which call is carried out by whom.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use calendar::{Clock, Instant};
use hyper::body::Bytes;
use serde_json::Value;
use store::Secret;

use super::Exchange;
use super::audiences::Audiences;
use super::config::Config;
use super::faults::Faults;
use super::insight::Units;
use super::keys::Keys;
use super::ledger::Ledger;
use super::menus::Menus;
use super::reply::Reply;
use super::send::Narrowcasts;
use super::users::Users;
use crate::Endpoint;
use crate::limits::Limiter;

/// A call as it came.
pub(crate) struct Asked {
    pub(crate) endpoint: Endpoint,
    pub(crate) parts: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) bearer: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) media_type: String,
    pub(crate) body: Bytes,
    pub(crate) request_id: u128,
}

impl Asked {
    pub(crate) fn part(&self, at: usize) -> &str {
        self.parts.get(at).map_or("", String::as_str)
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Result<Value, Reply> {
        let wrong = |e: serde_json::Error| {
            let place = format!("(line: {}, column: {})", e.line(), e.column());
            Reply::error(400, &format!("The request body could not be parsed as JSON {place}"))
        };
        serde_json::from_slice(&self.body).map_err(wrong)
    }
}

/// Where a reply token leads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Chat {
    User(u32),
    Group(u128),
}

/// Something a user sent.
pub(crate) struct Stored {
    pub(crate) media_type: String,
    pub(crate) bytes: Bytes,
    pub(crate) ready: Instant,
    pub(crate) until: Instant,
}

/// How long tokens live that LINE gives: 30 days, 15 minutes, ten minutes.
pub(crate) const SHORT_LIVED: Duration = Duration::from_secs(30 * 86_400);
pub(crate) const STATELESS: Duration = Duration::from_secs(15 * 60);
pub(crate) const LINK_TOKEN: Duration = Duration::from_secs(10 * 60);

pub(crate) struct State {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Box<dyn rand::Rng + Send>,
    pub(crate) channel_id: String,
    pub(crate) secret: Secret<String>,
    pub(crate) bot: u128,
    pub(crate) users: Users,
    pub(crate) groups: HashMap<u128, Vec<u32>>,
    pub(crate) ledger: Ledger,
    pub(crate) keys: Keys,
    pub(crate) menus: Menus,
    pub(crate) audiences: Audiences,
    pub(crate) narrowcasts: Narrowcasts,
    pub(crate) units: Units,
    /// Access tokens and when they end.
    pub(crate) tokens: HashMap<String, Option<Instant>>,
    pub(crate) reply_tokens: HashMap<String, (Chat, Instant)>,
    pub(crate) link_tokens: HashMap<String, (u32, Instant)>,
    pub(crate) content: HashMap<u64, Stored>,
    pub(crate) quota: Option<u64>,
    /// Messages of each month that count, by year × 12 + month.
    pub(crate) used: HashMap<i32, u64>,
    pub(crate) webhook: Option<String>,
    /// What happened, as JSON: the user, if it is one's, and the event.
    pub(crate) events: Vec<(u32, Box<str>)>,
    pub(crate) faults: Faults,
    pub(crate) limiter: Limiter,
    pub(crate) exchanges: Option<Vec<Exchange>>,
    pub(crate) reply_token_life: Duration,
    pub(crate) content_life: Duration,
    pub(crate) transcoding: Duration,
    pub(crate) narrowcast_time: Duration,
    pub(crate) least_audience: usize,
    pub(crate) least_statistics: u64,
}

impl State {
    pub(crate) fn new(config: Config) -> Self {
        let mut rng = config.entropy;
        let bot = draw(rng.as_mut());
        let token = config.long_lived_token.map(|t| (t.reveal().clone(), None));
        State {
            clock: config.clock,
            bot,
            channel_id: config.channel_id,
            secret: config.channel_secret,
            users: Users::default(),
            groups: HashMap::new(),
            ledger: Ledger::default(),
            keys: Keys::default(),
            menus: Menus::default(),
            audiences: Audiences::default(),
            narrowcasts: Narrowcasts::default(),
            units: Units::default(),
            tokens: token.into_iter().collect(),
            reply_tokens: HashMap::new(),
            link_tokens: HashMap::new(),
            content: HashMap::new(),
            quota: config.quota,
            used: HashMap::new(),
            webhook: config.webhook,
            events: Vec::new(),
            faults: Faults::default(),
            limiter: if config.rates { Limiter::new(100) } else { Limiter::off() },
            exchanges: config.record.then(Vec::new),
            reply_token_life: config.reply_token_life,
            content_life: config.content_life,
            transcoding: config.transcoding,
            narrowcast_time: config.narrowcast_time,
            least_audience: config.least_audience,
            least_statistics: config.least_statistics,
            rng,
        }
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// A random number of 128 bits.
    pub(crate) fn draw(&mut self) -> u128 {
        draw(self.rng.as_mut())
    }

    /// A request id: a random UUID (RFC 9562 §5.4).
    pub(crate) fn request_id(&mut self) -> u128 {
        uuid::Builder::from_random_bytes(self.draw().to_be_bytes()).into_uuid().as_u128()
    }

    /// A token of 32 hexadecimal digits.
    pub(crate) fn token(&mut self) -> String {
        format!("{:032x}", self.draw())
    }

    fn knows_token(&self, bearer: Option<&str>) -> bool {
        let until = bearer.and_then(|token| self.tokens.get(token));
        until.is_some_and(|until| until.is_none_or(|until| self.now() < until))
    }

    /// Carries a call out, as far as it is in order: token, rate, kind of body, retry key, and then the call itself.
    pub(crate) fn carry_out(&mut self, asked: &Asked) -> Reply {
        let now = self.now();
        if !asked.endpoint.issues_token() && !self.knows_token(asked.bearer.as_deref()) {
            return Reply::unauthorised();
        }
        if self.limiter.permit(asked.endpoint, now).is_err() {
            return Reply::rate_limited();
        }
        if let Some(wanted) = media_type(asked.endpoint) {
            let given = asked.media_type.split(';').next().unwrap_or_default().trim();
            if !given.eq_ignore_ascii_case(wanted) {
                return Reply::error(415, &format!("The content type, {given}, is not supported"));
            }
        }
        let key = match &asked.key {
            Some(_) if !asked.endpoint.takes_retry_key() => return Reply::wrong_parameter("X-Line-Retry-Key"),
            Some(text) => match super::keys::read(text) {
                Some(key) => Some(key),
                None => return Reply::wrong_parameter("X-Line-Retry-Key"),
            },
            None => None,
        };
        if let Some(used) = key.and_then(|key| self.keys.find(key, &asked.body, now)) {
            return self.already_accepted(asked.endpoint, used);
        }
        self.call(asked, key).unwrap_or_else(|refusal| refusal)
    }

    fn call(&mut self, asked: &Asked, key: Option<u128>) -> Result<Reply, Reply> {
        use Endpoint as E;
        match asked.endpoint {
            E::Reply => self.reply(asked),
            E::Push => self.push(asked, key),
            E::Multicast => self.multicast(asked, key),
            E::Narrowcast => self.narrowcast(asked, key),
            E::Broadcast => self.broadcast(asked, key),
            E::NarrowcastProgress => self.narrowcast_progress(asked),
            E::ValidateMessages => validate(asked),
            E::Quota | E::Consumption | E::Profile | E::Followers | E::BotInfo | E::LinkToken => self.account(asked),
            E::GetWebhook | E::SetWebhook => self.webhook_setting(asked),
            // The server makes the call itself, as it goes out through the network.
            E::TestWebhook => Err(Reply::server_error()),
            E::Content | E::ContentPreview | E::Transcoding => self.content(asked),
            E::ShortLivedToken | E::StatelessToken => self.issue_token(asked),
            E::CreateAudience | E::AddToAudience | E::GetAudience | E::DeleteAudience => self.audience(asked),
            E::DeliveryStatistics | E::RequestStatistics | E::UnitStatistics | E::UnitUsage => self.insight(asked),
            E::CreateRichMenu
            | E::ValidateRichMenu
            | E::ListRichMenus
            | E::GetRichMenu
            | E::DeleteRichMenu
            | E::GetRichMenuImage
            | E::SetRichMenuImage => self.menu(asked),
            E::CreateAlias | E::GetAlias | E::UpdateAlias | E::DeleteAlias | E::ListAliases => self.alias(asked),
            E::SetDefaultRichMenu
            | E::GetDefaultRichMenu
            | E::CancelDefaultRichMenu
            | E::LinkRichMenu
            | E::GetRichMenuOfUser
            | E::UnlinkRichMenu
            | E::BulkLink
            | E::BulkUnlink => self.menu_link(asked),
        }
    }
}

fn draw(rng: &mut dyn rand::Rng) -> u128 {
    u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())
}

fn validate(asked: &Asked) -> Result<Reply, Reply> {
    if !matches!(asked.part(0), "reply" | "push" | "multicast" | "narrowcast" | "broadcast") {
        return Err(Reply::not_found());
    }
    super::check::messages(&asked.json()?)?;
    Ok(Reply::done(200))
}

/// The kind of body that a call must have, if it must have one.
fn media_type(endpoint: Endpoint) -> Option<&'static str> {
    use Endpoint as E;
    match endpoint {
        E::ShortLivedToken | E::StatelessToken => Some("application/x-www-form-urlencoded"),
        E::Reply
        | E::Push
        | E::Multicast
        | E::Narrowcast
        | E::Broadcast
        | E::ValidateMessages
        | E::SetWebhook
        | E::CreateRichMenu
        | E::ValidateRichMenu
        | E::CreateAlias
        | E::UpdateAlias
        | E::BulkLink
        | E::BulkUnlink
        | E::CreateAudience
        | E::AddToAudience => Some("application/json"),
        _ => None,
    }
}
