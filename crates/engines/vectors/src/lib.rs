//! Vectors of texts: what gives them, what can go wrong with them, and a model that is a folder of files.
//!
//! A vector is a list of numbers; texts that mean the like have vectors of like direction. Nothing here knows a
//! network or a database: what asks an outside service implements [`Remote`].

mod fault;
mod static_model;
mod tensor;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub use fault::{EmbedError, ModelFolderError};
pub use static_model::StaticModel;

/// Vectors on their way.
pub type Pending<'a> = Pin<Box<dyn Future<Output = Result<Vec<Vec<f32>>, EmbedError>> + Send + 'a>>;

/// A service outside the process that gives vectors.
pub trait Remote: Send + Sync {
    /// Which vectors it gives; those of another identity cannot be compared with them.
    fn identity(&self) -> String;

    /// Most texts of one request.
    fn batch(&self) -> usize;

    /// A vector for each of at most [`Remote::batch`] texts, in their order; ends within a bounded time.
    fn embed<'a>(&'a self, texts: &'a [String]) -> Pending<'a>;

    /// The vector of what somebody asks and waits for: the same within a shorter time.
    fn embed_question<'a>(&'a self, question: &'a str) -> Pending<'a>;
}

/// What gives vectors.
#[derive(Clone)]
pub enum Embedder {
    /// A model in memory: microseconds, and nothing leaves the process.
    Local(Arc<StaticModel>),
    /// A service.
    Remote(Arc<dyn Remote>),
}

impl Embedder {
    /// Which vectors it gives; those of another identity cannot be compared with them.
    pub fn identity(&self) -> String {
        match self {
            Embedder::Local(model) => model.identity().to_owned(),
            Embedder::Remote(remote) => remote.identity(),
        }
    }

    /// Texts that are embedded at a time.
    pub fn batch(&self) -> usize {
        match self {
            Embedder::Local(_) => 256,
            Embedder::Remote(remote) => remote.batch().max(1),
        }
    }

    /// Whether texts leave the process.
    pub fn is_remote(&self) -> bool {
        matches!(self, Embedder::Remote(_))
    }

    /// A vector for each text, in their order.
    pub async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        match self {
            Embedder::Local(model) => texts.iter().map(|text| model.embed(text)).collect(),
            Embedder::Remote(remote) => {
                let found = remote.embed(texts).await?;
                checked(texts.len(), found)
            }
        }
    }

    /// The vector of a question.
    pub async fn embed_question(&self, question: &str) -> Result<Vec<f32>, EmbedError> {
        match self {
            Embedder::Local(model) => model.embed(question),
            Embedder::Remote(remote) => {
                let mut found = checked(1, remote.embed_question(question).await?)?;
                found.pop().ok_or(EmbedError::Count { sent: 1, got: 0 })
            }
        }
    }
}

/// What no answer may lack: as many vectors as texts, all of one size, all of numbers.
fn checked(sent: usize, found: Vec<Vec<f32>>) -> Result<Vec<Vec<f32>>, EmbedError> {
    if found.len() != sent {
        return Err(EmbedError::Count { sent, got: found.len() });
    }
    let expected = found.first().map_or(0, Vec::len);
    for vector in &found {
        if vector.len() != expected || vector.is_empty() {
            return Err(EmbedError::Size { expected, got: vector.len() });
        }
        if vector.iter().any(|v| !v.is_finite()) {
            return Err(EmbedError::NoNumber);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_answer_that_cannot_be_used_gets_through() {
        assert_eq!(checked(1, vec![vec![1.0, 0.5]]), Ok(vec![vec![1.0, 0.5]]));
        assert_eq!(checked(2, vec![vec![1.0]]), Err(EmbedError::Count { sent: 2, got: 1 }));
        assert_eq!(checked(2, vec![vec![1.0], vec![1.0, 2.0]]), Err(EmbedError::Size { expected: 1, got: 2 }));
        assert_eq!(checked(1, vec![vec![]]), Err(EmbedError::Size { expected: 0, got: 0 }));
        assert_eq!(checked(1, vec![vec![f32::NAN]]), Err(EmbedError::NoNumber));
        assert_eq!(checked(1, vec![vec![f32::INFINITY]]), Err(EmbedError::NoNumber));
    }
}
