//! Rate limits by purpose, in memory and by address; addresses are never stored.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::App;

/// Forms with files of citizens that are read at the same time: what they hold is in memory until it is stored.
const UPLOADS: usize = 16;

/// Limits of a process.
pub(crate) struct Limits {
    forms: DefaultKeyedRateLimiter<IpAddr>,
    keys: DefaultKeyedRateLimiter<IpAddr>,
    misses: DefaultKeyedRateLimiter<IpAddr>,
    typed: DefaultKeyedRateLimiter<IpAddr>,
    outside: DefaultKeyedRateLimiter<IpAddr>,
    messages: DefaultKeyedRateLimiter<IpAddr>,
    contacts: DefaultKeyedRateLimiter<String>,
    signs: DefaultKeyedRateLimiter<String>,
    unlocks: DefaultKeyedRateLimiter<String>,
    uploads: Semaphore,
}

const fn per_minute(n: u32) -> Quota {
    match NonZeroU32::new(n) {
        Some(n) => Quota::per_minute(n),
        None => unreachable!(),
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            // A library's shared computers are many people behind one address.
            forms: RateLimiter::keyed(per_minute(30)),
            // Guessing keys of 80 bits is hopeless; this keeps it quiet as well.
            keys: RateLimiter::keyed(per_minute(20)),
            // People try a few wordings; a program that tries a dictionary is not counted.
            misses: RateLimiter::keyed(per_minute(10)),
            // Ten people who type at the same time behind one address; the field works without suggestions.
            typed: RateLimiter::keyed(per_minute(1200)),
            // A question may cost a request to a service outside; what is beyond is answered by its words.
            outside: RateLimiter::keyed(per_minute(60)),
            // Ten people who chat behind one address.
            messages: RateLimiter::keyed(per_minute(240)),
            // Nobody writes faster than this in one conversation.
            contacts: RateLimiter::keyed(per_minute(30)),
            // The page says at most every two seconds that somebody types, and once for each message that it was read.
            signs: RateLimiter::keyed(per_minute(90)),
            // Somebody who has forgotten which passphrase it was; each try costs the house half a second.
            unlocks: RateLimiter::keyed(per_minute(10)),
            uploads: Semaphore::new(UPLOADS),
        }
    }
}

impl Limits {
    /// Whether a form may be sent now.
    pub(crate) fn form(&self, client: ClientAddress) -> bool {
        self.forms.check_key(&client.network()).is_ok()
    }

    /// Whether a key may be tried now.
    pub(crate) fn key(&self, client: ClientAddress) -> bool {
        self.keys.check_key(&client.network()).is_ok()
    }

    /// Whether a question that found nothing is counted now.
    pub(crate) fn miss(&self, client: ClientAddress) -> bool {
        self.misses.check_key(&client.network()).is_ok()
    }

    /// Whether suggestions are given now.
    pub(crate) fn typing(&self, client: ClientAddress) -> bool {
        self.typed.check_key(&client.network()).is_ok()
    }

    /// Whether something outside may be asked for this client now.
    pub(crate) fn outside(&self, client: ClientAddress) -> bool {
        self.outside.check_key(&client.network()).is_ok()
    }

    /// Whether a message may be sent in a conversation now.
    pub(crate) fn message(&self, client: ClientAddress, contact: &str) -> bool {
        self.contacts.check_key(&contact.to_owned()).is_ok() && self.messages.check_key(&client.network()).is_ok()
    }

    /// Whether it is noted now that somebody types or has read.
    pub(crate) fn sign(&self, contact: &str) -> bool {
        self.signs.check_key(&contact.to_owned()).is_ok()
    }

    /// Whether a passphrase of an account may be tried now.
    pub(crate) fn unlock(&self, account: &str) -> bool {
        self.unlocks.check_key(&account.to_owned()).is_ok()
    }

    /// A place for a form with files, until it is dropped; none while too many others are being read.
    pub(crate) fn upload(&self) -> Option<SemaphorePermit<'_>> {
        self.uploads.try_acquire().ok()
    }

    /// Forgets addresses that have been quiet.
    pub(crate) fn sweep(&self) {
        self.forms.retain_recent();
        self.keys.retain_recent();
        self.misses.retain_recent();
        self.typed.retain_recent();
        self.outside.retain_recent();
        self.messages.retain_recent();
        self.contacts.retain_recent();
        self.signs.retain_recent();
        self.unlocks.retain_recent();
    }
}

/// Where a request comes from: the peer, or what the last trusted proxy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// An IPv6 household has a whole /64; it counts as one.
    pub(crate) fn network(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(v6) => {
                let mut octets = v6.octets();
                octets[8..].fill(0);
                IpAddr::from(octets)
            }
        }
    }
}

impl FromRequestParts<std::sync::Arc<App>> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &std::sync::Arc<App>) -> Result<Self, Self::Rejection> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip().to_canonical());
        let forwarded: Vec<&str> = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(','))
            .collect();
        Ok(ClientAddress(client(peer, &forwarded, &app.trusted_proxies)))
    }
}

/// Walks back from the peer as long as the hop is a trusted proxy.
fn client(peer: IpAddr, forwarded: &[&str], trusted: &[IpAddr]) -> IpAddr {
    let mut address = peer;
    for hop in forwarded.iter().rev() {
        if !trusted.contains(&address) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(next) => address = next.to_canonical(),
            Err(_) => break,
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let ip = |s: &str| s.parse::<IpAddr>().expect("address");
        let proxies = [ip("10.0.0.1")];
        assert_eq!(client(ip("10.0.0.1"), &["203.0.113.9", " 198.51.100.2"], &proxies), ip("198.51.100.2"));
        assert_eq!(client(ip("203.0.113.5"), &["198.51.100.2"], &proxies), ip("203.0.113.5"));
        assert_eq!(client(ip("10.0.0.1"), &["nonsense"], &proxies), ip("10.0.0.1"));
    }

    #[test]
    fn a_flood_of_forms_is_stopped() {
        let limits = Limits::default();
        let one = ClientAddress("192.0.2.1".parse().expect("address"));
        assert_eq!((0..100).filter(|_| limits.form(one)).count(), 30);
        assert!(limits.form(ClientAddress("192.0.2.2".parse().expect("address"))));
    }
}
