//! The calls of the API: method, path, host and what may be repeated.

use hyper::Method;

/// Which of the two hosts serves a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// `api.line.me`.
    Api,
    /// `api-data.line.me`: images and other content.
    Data,
}

/// How safe a second try is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It takes a retry key: LINE executes it once however often it comes.
    WithKey,
    /// Once or twice is the same: it reads, sets or takes away.
    Harmless,
    /// Its reply token works once: a second try can fail, but nothing is said twice.
    OneUse,
    /// A second try may make a second thing.
    Never,
}

macro_rules! endpoints {
    ($($(#[$doc:meta])* $name:ident = $method:ident $path:literal, $host:ident, $repeat:ident;)*) => {
        /// A call of the API. LINE counts rates per call and method
        /// (<https://developers.line.biz/en/reference/messaging-api/#rate-limits>).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Endpoint { $($(#[$doc])* $name,)* }

        impl Endpoint {
            /// All of them.
            pub const ALL: &[Endpoint] = &[$(Endpoint::$name,)*];

            /// Method and path; `{}` stands for a part that the caller gives.
            pub fn route(self) -> (Method, &'static str) {
                match self { $(Endpoint::$name => (Method::$method, $path),)* }
            }

            /// The host that serves it.
            pub fn host(self) -> Host {
                match self { $(Endpoint::$name => Host::$host,)* }
            }

            /// How safe a second try is.
            pub fn repeat(self) -> Repeat {
                match self { $(Endpoint::$name => Repeat::$repeat,)* }
            }
        }
    };
}

endpoints! {
    /// Answers an event with its reply token.
    Reply = POST "/v2/bot/message/reply", Api, OneUse;
    /// Sends to one user or group.
    Push = POST "/v2/bot/message/push", Api, WithKey;
    /// Sends the same to many users.
    Multicast = POST "/v2/bot/message/multicast", Api, WithKey;
    /// Sends to an audience.
    Narrowcast = POST "/v2/bot/message/narrowcast", Api, WithKey;
    /// How far a narrowcast is.
    NarrowcastProgress = GET "/v2/bot/message/progress/narrowcast", Api, Harmless;
    /// Sends to all friends.
    Broadcast = POST "/v2/bot/message/broadcast", Api, WithKey;
    /// Looks at messages without sending them; `{}` is `reply`, `push`, `multicast`, `narrowcast` or `broadcast`.
    ValidateMessages = POST "/v2/bot/message/validate/{}", Api, Harmless;
    /// The month's limit.
    Quota = GET "/v2/bot/message/quota", Api, Harmless;
    /// What of it is used.
    Consumption = GET "/v2/bot/message/quota/consumption", Api, Harmless;
    /// How many units of statistics the month has used.
    UnitUsage = GET "/v2/bot/message/aggregation/info", Api, Harmless;
    /// A user's name and language.
    Profile = GET "/v2/bot/profile/{}", Api, Harmless;
    /// Ids of the friends.
    Followers = GET "/v2/bot/followers/ids", Api, Harmless;
    /// The account itself.
    BotInfo = GET "/v2/bot/info", Api, Harmless;
    /// Image, video, sound or file that a user sent.
    Content = GET "/v2/bot/message/{}/content", Data, Harmless;
    /// A small image of it.
    ContentPreview = GET "/v2/bot/message/{}/content/preview", Data, Harmless;
    /// Whether a video or sound can be fetched yet.
    Transcoding = GET "/v2/bot/message/{}/content/transcoding", Data, Harmless;
    /// Where webhooks go.
    GetWebhook = GET "/v2/bot/channel/webhook/endpoint", Api, Harmless;
    /// Sets where webhooks go.
    SetWebhook = PUT "/v2/bot/channel/webhook/endpoint", Api, Harmless;
    /// Lets LINE call it.
    TestWebhook = POST "/v2/bot/channel/webhook/test", Api, Harmless;
    /// A token that begins an account link.
    LinkToken = POST "/v2/bot/user/{}/linkToken", Api, Harmless;
    /// Makes a rich menu.
    CreateRichMenu = POST "/v2/bot/richmenu", Api, Never;
    /// Looks at one without making it.
    ValidateRichMenu = POST "/v2/bot/richmenu/validate", Api, Harmless;
    /// All rich menus made through the API.
    ListRichMenus = GET "/v2/bot/richmenu/list", Api, Harmless;
    /// All aliases.
    ListAliases = GET "/v2/bot/richmenu/alias/list", Api, Harmless;
    /// Makes an alias.
    CreateAlias = POST "/v2/bot/richmenu/alias", Api, Harmless;
    /// Where an alias points.
    GetAlias = GET "/v2/bot/richmenu/alias/{}", Api, Harmless;
    /// Points an alias at another rich menu.
    UpdateAlias = POST "/v2/bot/richmenu/alias/{}", Api, Harmless;
    /// Takes an alias away.
    DeleteAlias = DELETE "/v2/bot/richmenu/alias/{}", Api, Harmless;
    /// Gives a rich menu to many users.
    BulkLink = POST "/v2/bot/richmenu/bulk/link", Api, Harmless;
    /// Takes it from many users.
    BulkUnlink = POST "/v2/bot/richmenu/bulk/unlink", Api, Harmless;
    /// One rich menu.
    GetRichMenu = GET "/v2/bot/richmenu/{}", Api, Harmless;
    /// Takes a rich menu away.
    DeleteRichMenu = DELETE "/v2/bot/richmenu/{}", Api, Harmless;
    /// Its image.
    GetRichMenuImage = GET "/v2/bot/richmenu/{}/content", Data, Harmless;
    /// Gives it an image.
    SetRichMenuImage = POST "/v2/bot/richmenu/{}/content", Data, Harmless;
    /// The rich menu of who has none of their own.
    SetDefaultRichMenu = POST "/v2/bot/user/all/richmenu/{}", Api, Harmless;
    /// Which it is.
    GetDefaultRichMenu = GET "/v2/bot/user/all/richmenu", Api, Harmless;
    /// No default any more.
    CancelDefaultRichMenu = DELETE "/v2/bot/user/all/richmenu", Api, Harmless;
    /// Gives a user a rich menu: `{}` user, `{}` rich menu.
    LinkRichMenu = POST "/v2/bot/user/{}/richmenu/{}", Api, Harmless;
    /// The user's own rich menu.
    GetRichMenuOfUser = GET "/v2/bot/user/{}/richmenu", Api, Harmless;
    /// Takes it away.
    UnlinkRichMenu = DELETE "/v2/bot/user/{}/richmenu", Api, Harmless;
    /// Makes an audience from user ids.
    CreateAudience = POST "/v2/bot/audienceGroup/upload", Api, Never;
    /// Adds user ids to one.
    AddToAudience = PUT "/v2/bot/audienceGroup/upload", Api, Harmless;
    /// One audience.
    GetAudience = GET "/v2/bot/audienceGroup/{}", Api, Harmless;
    /// Takes it away.
    DeleteAudience = DELETE "/v2/bot/audienceGroup/{}", Api, Harmless;
    /// Messages of a day, by kind of sending.
    DeliveryStatistics = GET "/v2/bot/insight/message/delivery", Api, Harmless;
    /// What was seen and tapped of a broadcast or narrowcast.
    RequestStatistics = GET "/v2/bot/insight/message/event", Api, Harmless;
    /// What was seen and tapped of a unit.
    UnitStatistics = GET "/v2/bot/insight/message/event/aggregation", Api, Harmless;
    /// A channel access token that lives for 30 days.
    ShortLivedToken = POST "/v2/oauth/accessToken", Api, Harmless;
    /// A stateless channel access token, for 15 minutes.
    StatelessToken = POST "/oauth2/v3/token", Api, Harmless;
}

impl Endpoint {
    /// Whether it takes `X-Line-Retry-Key`; any other call with one is refused with 400
    /// (<https://developers.line.biz/en/docs/messaging-api/retrying-api-request/>).
    pub fn takes_retry_key(self) -> bool {
        self.repeat() == Repeat::WithKey
    }

    /// Whether it asks for a token instead of sending one along.
    pub fn issues_token(self) -> bool {
        matches!(self, Endpoint::ShortLivedToken | Endpoint::StatelessToken)
    }

    /// The path with its parts filled in, each encoded. There must be as many as the path has places.
    pub fn path(self, parts: &[&str]) -> String {
        let mut path = String::new();
        let mut parts = parts.iter();
        for (i, piece) in self.route().1.split("{}").enumerate() {
            if i > 0 {
                path.push_str(&encoded(parts.next().unwrap_or(&"")));
            }
            path.push_str(piece);
        }
        path
    }

    /// Which call a method and a path are, and the parts of the path. Parts are not decoded.
    ///
    /// A fixed path goes before one with places, as `/richmenu/list` before `/richmenu/{}`.
    pub fn find<'p>(method: &Method, path: &'p str) -> Option<(Endpoint, Vec<&'p str>)> {
        let fits = |endpoint: &Endpoint| {
            let (wanted, pattern) = endpoint.route();
            let parts = (wanted == *method).then(|| parts(pattern, path))??;
            Some((*endpoint, parts))
        };
        Endpoint::ALL.iter().filter_map(fits).min_by_key(|(_, parts)| parts.len())
    }
}

fn parts<'p>(pattern: &str, path: &'p str) -> Option<Vec<&'p str>> {
    let mut found = Vec::new();
    let mut given = path.split('/');
    for piece in pattern.split('/') {
        let part = given.next()?;
        match piece {
            "{}" if part.is_empty() => return None,
            "{}" => found.push(part),
            fixed if fixed != part => return None,
            _ => {}
        }
    }
    given.next().is_none().then_some(found)
}

/// A part of a path or a query, percent-encoded but for what RFC 3986 §2.3 leaves alone.
pub(crate) fn encoded(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    for byte in part.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Undoes [`encoded`], and `+` for a space as forms write it. What is no encoding stays as it is.
pub(crate) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                at += 2;
            }
            (b'+', ..) => out.push(b' '),
            (byte, ..) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// `a=b&c=d` as a list, decoded.
pub(crate) fn form(text: &str) -> Vec<(String, String)> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    };
    text.split('&').filter(|p| !p.is_empty()).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_found_by_its_own_path() {
        for endpoint in Endpoint::ALL {
            let (method, pattern) = endpoint.route();
            let given = ["U1", "richmenu-2"];
            let places = pattern.matches("{}").count();
            let path = endpoint.path(&given[..places]);
            let (found, parts) = Endpoint::find(&method, &path).expect(&path);
            assert_eq!((found, &parts[..]), (*endpoint, &given[..places]), "{path}");
        }
        assert_eq!(Endpoint::find(&Method::GET, "/v2/bot/message/push"), None);
        assert_eq!(Endpoint::find(&Method::POST, "/v2/bot/message/push/"), None);
        assert_eq!(Endpoint::find(&Method::GET, "/v2/bot/profile/"), None);
    }

    #[test]
    fn what_a_path_must_not_hold_is_encoded() {
        assert_eq!(Endpoint::Profile.path(&["../a b?"]), "/v2/bot/profile/..%2Fa%20b%3F");
        for text in ["U1", "ごみ & 100%", "a=b&c", "%zz", ""] {
            assert_eq!(decoded(&encoded(text)), text);
        }
        assert_eq!(form("a=1&b=x%20y+z&c"), [("a", "1"), ("b", "x y z"), ("c", "")].map(|(a, b)| (a.into(), b.into())));
    }

    #[test]
    fn four_calls_take_a_retry_key() {
        let with: Vec<_> = Endpoint::ALL.iter().filter(|e| e.takes_retry_key()).collect();
        assert_eq!(with, [&Endpoint::Push, &Endpoint::Multicast, &Endpoint::Narrowcast, &Endpoint::Broadcast]);
    }
}
