//! `/articles/{code}/compare?a=&b=`: two versions word by word.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use knowledge::revision;
use serde::Deserialize;

use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::shown::{Difference, Names, differences};

/// The two versions.
#[derive(Deserialize)]
pub(crate) struct Two {
    a: Option<i64>,
    b: Option<i64>,
}

struct Side {
    version: i64,
    at: String,
    kind: &'static str,
    by: String,
}

#[derive(Template)]
#[template(path = "staff/articles/compare.html")]
struct ComparePage {
    frame: Frame,
    code: String,
    question: String,
    a: Side,
    b: Side,
    differences: Vec<Difference>,
}

/// The older version stands on the left, whichever was named first.
pub(crate) async fn get(staff: Staff, Path(code): Path<String>, Query(two): Query<Two>) -> Result<Response, Failure> {
    let mut tx = staff.city.db.read().await?;
    let latest = super::one::article(&mut tx, &code).await?;
    let b = two.b.unwrap_or(latest.version);
    let a = two.a.unwrap_or_else(|| (b - 1).max(1));
    let (a, b) = (a.min(b), a.max(b));
    let (a, b) = (revision::version(&mut tx, &code, a).await?, revision::version(&mut tx, &code, b).await?);
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let frame = staff.frame("articles");
    let side = |r: &revision::Revision| Side {
        version: r.version,
        at: frame.moment(&r.at),
        kind: r.kind.name(),
        by: names.of(&r.actor),
    };
    show(&ComparePage {
        question: super::or_untitled(&latest.content.text(city::Lang::Ja).0.question),
        differences: differences(&frame, &a.content, &b.content),
        a: side(&a),
        b: side(&b),
        code,
        frame,
    })
}
