//! All pages and HTTP faces.
//!
//! No SQL here, and no rule of the city: a handler reads the form, calls one function of a service or
//! of the foundation, and shows the page. Find a page's code by its address: `/articles/…` is
//! `citizen/articles.rs` with `templates/citizen/article.html`.

mod assets;
mod citizen;
mod colour;
mod errors;
pub mod facts;
mod files;
mod limits;
mod markdown;
mod metrics;
mod page;
mod partner;
mod qr;
mod routes;
mod security;
#[cfg(test)]
mod sentences;
mod staff;
mod state;

pub use limits::ClientAddress;
pub use routes::{Access, Face, Route, inside_face, public_face, route_table};
pub use state::{App, CityState, EntropySource, Line};
