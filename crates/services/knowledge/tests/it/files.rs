//! Files in and out.

use knowledge::export::{Form, write};
use knowledge::import::{Incoming, read_file, read_path};
use knowledge::{Article, KnowledgeError};
use proptest::prelude::*;

use crate::library::demo;

fn articles(incoming: &[Incoming]) -> Vec<Article> {
    let mut articles: Vec<Article> = incoming
        .iter()
        .map(|d| Article {
            id: d.code.clone(),
            code: d.code.clone(),
            version: 1,
            updated_at: calendar::Instant::from_millis(0),
            content: d.content.clone(),
        })
        .collect();
    articles.sort_by(|a, b| a.code.cmp(&b.code));
    articles
}

#[test]
fn the_demo_city_goes_out_and_comes_back_in_every_form() {
    let incoming = read_path(&demo().join("faq")).expect("articles");
    let articles = articles(&incoming);
    let hash = |incoming: &[Incoming]| {
        let mut hashes: Vec<_> = incoming.iter().map(|d| (d.code.clone(), d.content.hash())).collect();
        hashes.sort();
        hashes
    };
    for (form, name) in [(Form::Csv, "a.csv"), (Form::Xlsx, "a.xlsx"), (Form::Toml, "a.toml")] {
        let bytes = write(&articles, form).expect("written");
        let back = read_file(name, &bytes).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        assert_eq!(hash(&back), hash(&incoming), "{name}");
    }
}

/// A file of any content is read or refused with a sentence.
fn read_or_refused(name: &str, bytes: &[u8]) -> Result<(), TestCaseError> {
    match read_file(name, bytes) {
        Ok(incoming) => prop_assert!(!incoming.is_empty()),
        Err(KnowledgeError::Refused(problems)) => prop_assert!(problems.list.iter().all(|p| !p.reason.is_empty())),
        Err(other) => prop_assert!(!other.to_string().is_empty()),
    }
    Ok(())
}

const HEAD: &str = "code,lang,question,summary,answer,topics,section,checked_on\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for name in ["x.csv", "x.xlsx", "x.toml", "x", "x.pdf"] {
            read_or_refused(name, &bytes)?;
        }
    }

    #[test]
    fn any_cells_below_a_right_head_are_read_or_refused(cells in proptest::collection::vec(".{0,12}", 0..40)) {
        let rows: Vec<String> = cells.chunks(8).map(|row| row.join(",")).collect();
        read_or_refused("x.csv", format!("{HEAD}{}", rows.join("\n")).as_bytes())?;
    }

    #[test]
    fn a_workbook_with_damage_is_read_or_refused(at in 0usize..6000, byte in any::<u8>()) {
        static BOOK: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| {
            let incoming = read_path(&demo().join("faq").join("pets.toml")).expect("articles");
            write(&articles(&incoming), Form::Xlsx).expect("written")
        });
        let mut bytes = BOOK.clone();
        let at = at % bytes.len();
        bytes[at] = byte;
        read_or_refused("x.xlsx", &bytes)?;
        read_or_refused("x.xlsx", &bytes[..at])?;
    }
}
