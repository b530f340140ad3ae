//! The ledger of everything that is sent, for every channel.
//!
//! A message is queued in the transaction of its cause ([`queue`]); the job [`SEND`] brings it to its
//! channel. The channel writes an attempt before it opens a connection ([`begin`]) and its end
//! afterwards ([`finish`]). An attempt without an end is in doubt: nobody knows whether the message
//! went out, so a person decides ([`resolve`]).
//!
//! ```text
//! withheld ← waiting → sending → sent → bounced
//!               ↑  ↖      ↓ ↘ refused
//!           cancelled  in_doubt
//! ```

mod attempt;
mod desk;
pub mod mailbox;
mod queue;

pub use attempt::{
    Attempt, Begin, FIRST_WAIT, Finished, GIVE_UP, LONGEST_WAIT, Outcome, Sending, begin, finish, send_at,
};
pub use desk::{Entry, Filter, Page, Resolution, Tried, attempts, bounced, cancel, counts, get, list, resolve, retire};
pub use queue::{NewMessage, Queued, queue};

/// The job that brings a message to its channel; its payload is [`SendPayload`].
pub const SEND: &str = "message.send";
/// The lane of the mail channel.
pub const MAIL_LANE: &str = "mail";

/// What the job [`SEND`] carries: the id, nothing else.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SendPayload {
    /// Id of the message.
    pub message: String,
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident $code:literal $ja:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// All of them.
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// The code in the database.
            pub const fn code(self) -> &'static str {
                match self { $($name::$variant => $code),* }
            }

            /// The one with a code.
            pub fn from_code(code: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|x| x.code() == code)
            }

            /// What the interface calls it.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $ja),* }
            }
        }
    };
}

codes! {
    /// What is known of a message.
    State {
        /// To be sent, now or again later.
        Waiting "waiting" "送信待ち";
        /// An attempt is under way.
        Sending "sending" "送信中";
        /// The next server took it.
        Sent "sent" "送信済み";
        /// An attempt ended unseen; it may have gone out.
        InDoubt "in_doubt" "送信結果が不明";
        /// A server refused it for good, or for three days.
        Refused "refused" "送信できず";
        /// It was taken and came back.
        Bounced "bounced" "宛先不明で返送";
        /// Somebody stopped it.
        Cancelled "cancelled" "取り消し";
        /// The policy holds it back.
        Withheld "withheld" "送信を見合わせ";
    }
}

codes! {
    /// Why a message is held back.
    Reason {
        /// The person was erased.
        Erased "erased" "本人の情報は削除済み";
        /// The person is under secrecy and has no address marked safe.
        Secrecy "secrecy" "秘匿（安全な連絡先なし）";
        /// The person did not agree, or no longer does.
        NoConsent "no_consent" "同意なし";
        /// The person has no address of this channel.
        NoAddress "no_address" "連絡先なし";
        /// The person has one, and has not shown that it is theirs.
        Unverified "unverified" "連絡先が未確認";
        /// Mail to the person's only addresses came back.
        Bounced "bounced" "連絡先に届かない";
    }
}

codes! {
    /// Why the city may write to the person at all.
    Basis {
        /// The person agreed to messages for this purpose; it is asked again before each attempt.
        Consent "consent" "同意";
        /// The city's own business with the person: an account, a task, the confirmation of an address.
        Duty "duty" "事務";
    }
}
