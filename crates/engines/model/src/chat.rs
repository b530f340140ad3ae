//! What is asked of a language model and what comes back, whoever it is.

use std::future::Future;
use std::pin::Pin;

use serde::{Deserialize, Serialize};

/// A reply on its way.
pub type Pending<'a> = Pin<Box<dyn Future<Output = Result<Reply, ModelError>> + Send + 'a>>;

/// A language model.
pub trait Chat: Send + Sync {
    /// Which model it is and where; is kept with every answer.
    fn identity(&self) -> String;

    /// The whole reply; ends within a bounded time.
    fn complete<'a>(&'a self, request: &'a Request) -> Pending<'a>;

    /// The same, with each piece as it comes. Pieces are **unchecked**: nobody but a test or a log of lengths may see
    /// them before [`crate::check`] has seen the whole.
    fn stream<'a>(&'a self, request: &'a Request, piece: &'a mut (dyn FnMut(&str) + Send)) -> Pending<'a> {
        Box::pin(async move {
            let reply = self.complete(request).await?;
            piece(&reply.text);
            Ok(reply)
        })
    }
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The house: what is to be done.
    System,
    /// The data and the question.
    User,
    /// The model.
    Assistant,
}

/// One turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What.
    pub content: String,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Turns in their order.
    pub messages: Vec<Message>,
    /// 0 for always the likeliest word.
    pub temperature: f32,
    /// Most tokens of the reply.
    pub max_tokens: u32,
}

/// Why a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Finish {
    /// The model was done.
    Stop,
    /// It ran into [`Request::max_tokens`]: the end is missing.
    Length,
    /// Anything else, such as a filter of the service.
    Other,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The text, as it is.
    pub text: String,
    /// Tokens of the request, where the service says.
    pub tokens_in: Option<u32>,
    /// Tokens of the reply, where the service says.
    pub tokens_out: Option<u32>,
    /// Why it ended.
    pub finish: Finish,
}

/// Why no reply came. No message holds anything of what was sent or of what came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// No whole reply within the time.
    #[error("the language model did not answer within {0} ms")]
    Slow(u64),
    /// Refused, or a redirection, which is not followed.
    #[error("the language model answered with HTTP status {0}")]
    Status(u16),
    /// Something else than a reply came; the place is told, not the text.
    #[error("the language model's answer has an unexpected form: {0}")]
    Form(String),
    /// More bytes than are read.
    #[error("the language model's answer is longer than {0} bytes")]
    TooLong(usize),
    /// The line ended before the reply did.
    #[error("the language model's answer was cut off")]
    Cut,
    /// No connection.
    #[error("the language model cannot be reached: {0}")]
    Network(String),
}
