//! What users sent: images, videos, sounds, files. LINE deletes it after some time.

use hyper::body::Bytes;
use hyper::header::CONTENT_TYPE;
use serde::Deserialize;

use super::{Answer, Call, Client, header, request_id, success};
use crate::Endpoint;
use crate::failure::Failure;

/// What came of asking for content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// It.
    Ready {
        /// `Content-Type` as LINE says; what it really is must be looked at.
        media_type: String,
        /// The bytes.
        bytes: Bytes,
    },
    /// 202: a video or sound is being prepared; ask again later.
    NotYet,
}

/// Whether a video or sound can be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transcoding {
    /// Not yet.
    Processing,
    /// Yes.
    Succeeded,
    /// Never.
    Failed,
}

#[derive(Deserialize)]
struct Status {
    status: Transcoding,
}

impl Client {
    /// What a message holds, at most `most` bytes; more is [`Failure::Form`]. 410 or 404 where it is gone.
    pub async fn content(&self, message: &str, most: usize) -> Result<Answer<Content>, Failure> {
        self.fetch(Endpoint::Content, message, most).await
    }

    /// A small image of an image or video.
    pub async fn content_preview(&self, message: &str, most: usize) -> Result<Answer<Content>, Failure> {
        self.fetch(Endpoint::ContentPreview, message, most).await
    }

    /// Whether a video or sound can be fetched.
    pub async fn transcoding(&self, message: &str) -> Result<Answer<Transcoding>, Failure> {
        let Answer { value, request_id } = self.get::<Status>(Call::new(Endpoint::Transcoding).part(message)).await?;
        Ok(Answer { value: value.status, request_id })
    }

    pub(super) async fn fetch(&self, endpoint: Endpoint, id: &str, most: usize) -> Result<Answer<Content>, Failure> {
        let answer = self.call(&Call::new(endpoint).part(id), self.settings.content_timeout, most).await?;
        let answer = success(endpoint, answer)?;
        let request_id = request_id(&answer.headers);
        let media_type = header(&answer.headers, CONTENT_TYPE.as_str()).unwrap_or_default();
        let ready = Content::Ready { media_type, bytes: answer.body };
        Ok(Answer { value: if answer.status == 202 { Content::NotYet } else { ready }, request_id })
    }
}
