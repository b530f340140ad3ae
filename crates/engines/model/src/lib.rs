//! The optional language model of the contact centre.
//!
//! It may put a found article into the citizen's words, into やさしい日本語 or English, ask back, and condense a thread
//! for an operator. It must never be the source of a fact: a reply is checked against the articles it was made from
//! ([`check()`]), facts come in through placeholders ([`render`]), and where anything is wrong the article itself is
//! used ([`answer()`]).
//!
//! What this cannot do is told in `docs/engines/model.md`.

mod answer;
mod chat;
mod check;
mod client;
mod echo;
mod endpoint;
mod fence;
mod lying;
mod prompt;
mod source;
mod suspect;

pub use answer::{Answered, Judged, Why, answer};
pub use chat::{Chat, Finish, Message, ModelError, Pending, Reply, Request, Role};
pub use check::{Checked, Fault, Kind, LEAST_SUPPORT, MOST_CHARS, check};
pub use echo::Echo;
pub use endpoint::{Endpoint, Key, MOST_BYTES, Settings, check_base, in_the_clear};
pub use lying::{Lie, Lying};
pub use prompt::{
    ASK_BACK_VERSION, CONDENSE_VERSION, JUDGE_VERSION, Prompt, REPHRASE_VERSION, Style, Task, Turn, Writer, judge,
    prompt, verdicts,
};
pub use source::{Fact, KEYS, Source, SourceArticle, render};
pub use suspect::speaks_to_model;
