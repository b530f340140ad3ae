//! Data for other programs: `/opendata/faq.csv`, `/sitemap.xml`, `/robots.txt`.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use city::{Lang, TOPICS};
use knowledge::Article;
use knowledge::export::{self, Form};

use super::Visit;
use crate::errors::Failure;

/// All public articles in the columns of the import; the columns never change their meaning.
pub(crate) async fn faq(visit: Visit) -> Result<Response, Failure> {
    let snapshot = visit.city.library.snapshot();
    let today = visit.today();
    let articles: Vec<Article> =
        snapshot.articles.iter().filter(|a| a.is_public(today)).map(|a| a.as_ref().clone()).collect();
    let csv = export::write(&articles, Form::Csv)?;
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], csv).into_response())
}

/// Addresses for search engines. The host is the one by which the page was asked for.
pub(crate) async fn sitemap(visit: Visit, headers: axum::http::HeaderMap) -> Response {
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("localhost");
    let snapshot = visit.city.library.snapshot();
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    let mut add = |path: String| {
        let address = words::ruby::escape(&format!("https://{host}{path}"));
        xml.push_str(&format!("<url><loc>{address}</loc></url>\n"));
    };
    for lang in Lang::ALL {
        add(format!("{}/", lang.prefix()));
        for topic in TOPICS {
            add(format!("{}/topics/{}", lang.prefix(), topic.code));
        }
    }
    for article in snapshot.articles.iter().filter(|a| a.is_public(visit.today())) {
        for lang in article.content.texts.keys() {
            add(format!("{}/articles/{}", lang.prefix(), article.code));
        }
    }
    xml.push_str("</urlset>\n");
    ([(header::CONTENT_TYPE, "application/xml; charset=utf-8")], xml).into_response()
}

pub(crate) async fn robots() -> Response {
    let text = "User-agent: *\nDisallow: /questions/\nDisallow: /easy/questions/\nDisallow: /en/questions/\n";
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}
