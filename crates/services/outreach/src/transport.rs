//! What a channel is to this service: something that takes a batch and says what is known afterwards.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use city::Lang;

use crate::{Address, Channel};

/// An answer to come.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A batch as a channel gets it: one text for many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The key (a UUID) under which the channel knows the batch again: the same at every attempt of it.
    pub retry_key: String,
    /// The channel.
    pub channel: Channel,
    /// Language of the text.
    pub lang: Lang,
    /// Title.
    pub title: String,
    /// Text.
    pub body: String,
    /// To whom; never more than the pace of the plan allows in a batch, and nobody twice.
    pub to: Vec<Address>,
}

/// What is known after a batch was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The channel has it now.
    Accepted {
        /// By which the channel finds the call.
        request_id: Option<String>,
    },
    /// The channel had it already, from an earlier attempt with the same key.
    AlreadyAccepted {
        /// By which the channel finds the call that it accepted.
        request_id: Option<String>,
    },
    /// The channel does not take it, and never will.
    Refused {
        /// What it says; no addresses.
        reason: String,
    },
    /// Too many calls in the time. Not carried out.
    RateLimited {
        /// Not before so long, if that is known.
        after: Option<Duration>,
    },
    /// The month's messages are used up. Not carried out.
    QuotaUsedUp,
    /// Too many calls at once. Not carried out.
    TooManyConcurrent,
    /// The call left and no answer came: it may have been accepted.
    Unsure,
    /// The call did not leave the house.
    NotSent,
    /// The channel's fault: it may have been accepted.
    Server,
}

impl Outcome {
    /// Whether the batch may have been accepted although nobody said so.
    pub const fn in_doubt(&self) -> bool {
        matches!(self, Outcome::Unsure | Outcome::Server)
    }
}

/// A channel that sends. It stands above the services and is handed to them where the house is wired together.
pub trait Transport: Send + Sync {
    /// Which channel it is.
    fn channel(&self) -> Channel;

    /// Hands a batch over, once; who calls decides whether it is repeated.
    fn send<'a>(&'a self, batch: &'a Outgoing) -> Pending<'a, Outcome>;
}
