//! How a simulator is to behave.

use std::sync::Arc;
use std::time::Duration;

use calendar::Clock;
use store::Secret;

/// How a simulator is to behave. Times that LINE does not tell are marked.
pub struct Config {
    /// Id of the channel.
    pub channel_id: String,
    /// Its secret: for tokens, and for signatures of webhooks.
    pub channel_secret: Secret<String>,
    /// A token that never runs out.
    pub long_lived_token: Option<Secret<String>>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// From which ids, tokens and random faults are made.
    pub entropy: Box<dyn rand::Rng + Send>,
    /// Where webhooks go at first.
    pub webhook: Option<String>,
    /// Longest wait for an answer to a webhook, in real time. LINE: two seconds.
    pub webhook_timeout: Duration,
    /// How often a webhook that was not answered with 200 is sent again. LINE tells neither number nor pauses.
    pub redeliveries: u32,
    /// Pause before that, in real time.
    pub redelivery_pause: Duration,
    /// Messages of a month; `None` is any number.
    pub quota: Option<u64>,
    /// Whether LINE's rates hold.
    pub rates: bool,
    /// Most uploads of audiences at once. LINE: ten for an audience.
    pub most_concurrent: usize,
    /// How long a reply token works. LINE: about a minute.
    pub reply_token_life: Duration,
    /// How long what users send is kept. LINE does not tell.
    pub content_life: Duration,
    /// How long a video or sound takes to be prepared. LINE does not tell.
    pub transcoding: Duration,
    /// How long a narrowcast takes. LINE does not tell.
    pub narrowcast_time: Duration,
    /// Least members of an audience that a narrowcast may name. LINE: 50.
    pub least_audience: usize,
    /// Least people of whom statistics are given. LINE: 20.
    pub least_statistics: u64,
    /// Whether calls and answers are kept, to be compared with LINE's description.
    pub record: bool,
}

impl Config {
    /// LINE's own numbers where they are known, no rates, no end of messages.
    pub fn new(clock: Arc<dyn Clock>, entropy: Box<dyn rand::Rng + Send>) -> Self {
        Config {
            channel_id: "1000000001".into(),
            channel_secret: Secret::new("simulated-secret".into()),
            long_lived_token: None,
            clock,
            entropy,
            webhook: None,
            webhook_timeout: Duration::from_secs(2),
            redeliveries: 3,
            redelivery_pause: Duration::from_secs(10),
            quota: None,
            rates: false,
            most_concurrent: 10,
            reply_token_life: Duration::from_secs(60),
            content_life: Duration::from_secs(7 * 86_400),
            transcoding: Duration::from_secs(5),
            narrowcast_time: Duration::from_secs(10),
            least_audience: 50,
            least_statistics: 20,
            record: false,
        }
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("channel_id", &self.channel_id)
            .field("webhook", &self.webhook)
            .finish_non_exhaustive()
    }
}
