//! What the simulator answers, in LINE's words where they are documented
//! (<https://developers.line.biz/en/reference/messaging-api/#error-messages>).

use hyper::body::Bytes;
use serde_json::{Value, json};

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) media_type: Option<String>,
    pub(crate) body: Bytes,
    /// `x-line-accepted-request-id`
    pub(crate) accepted: Option<u128>,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Reply {
        let media_type = Some("application/json".into());
        Reply { status, media_type, body: body.to_string().into(), accepted: None }
    }

    /// Calls that give nothing give an empty object.
    pub(crate) fn done(status: u16) -> Reply {
        Reply::json(status, &json!({}))
    }

    pub(crate) fn bytes(media_type: &str, body: Bytes) -> Reply {
        Reply { status: 200, media_type: Some(media_type.into()), body, accepted: None }
    }

    pub(crate) fn error(status: u16, message: &str) -> Reply {
        Reply::json(status, &json!({"message": message}))
    }

    pub(crate) fn not_found() -> Reply {
        Reply::error(404, "Not found")
    }

    /// Several things wrong with a request: what and where.
    pub(crate) fn details(message: &str, details: &[(String, String)]) -> Reply {
        let list: Vec<Value> = details.iter().map(|(at, what)| json!({"message": what, "property": at})).collect();
        Reply::json(400, &json!({"message": message, "details": list}))
    }

    pub(crate) fn wrong(property: &str, what: &str) -> Reply {
        Reply::details("The request body has 1 error(s)", &[(property.into(), what.into())])
    }

    pub(crate) fn wrong_property(property: &str) -> Reply {
        Reply::error(400, &format!("The property, '{property}', in the request body is invalid (line: -, column: -)"))
    }

    pub(crate) fn wrong_parameter(name: &str) -> Reply {
        Reply::error(400, &format!("The value for the '{name}' parameter is invalid"))
    }

    pub(crate) fn unauthorised() -> Reply {
        let why = "invalid token. Confirm that the access token in the authorization header is valid.";
        Reply::error(401, &format!("Authentication failed due to the following reason: {why}"))
    }

    pub(crate) fn rate_limited() -> Reply {
        Reply::error(429, "The API rate limit has been exceeded. Try again later.")
    }

    pub(crate) fn quota_used_up() -> Reply {
        Reply::error(429, "You have reached your monthly limit.")
    }

    /// LINE does not document the words of this one.
    pub(crate) fn too_many_concurrent() -> Reply {
        Reply::error(429, "The number of concurrent operations has exceeded the limit. Try again later.")
    }

    pub(crate) fn server_error() -> Reply {
        Reply::error(500, "Internal server error")
    }
}
