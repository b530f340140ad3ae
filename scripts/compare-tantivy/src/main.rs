//! What plain tantivy with lindera finds: question and answer as two fields of IPADIC words, BM25 with its defaults,
//! any word may match.
//!
//! `compare-tantivy IPADIC CORPUS QUERIES` — a folder with the sources of IPADIC (Debian: mecab-ipadic,
//! /usr/share/mecab/dic/ipadic), and files of one JSON object per line. Prints one JSON object: what was found for each
//! question, best first, and the milliseconds that each took.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use lindera::dictionary::load_fs_dictionary;
use lindera::mode::Mode;
use lindera::segmenter::Segmenter;
use lindera_dictionary::builder::DictionaryBuilder;
use lindera_dictionary::dictionary::metadata::Metadata;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value};
use tantivy::tokenizer::WhitespaceTokenizer;
use tantivy::{Index, TantivyDocument, Term, doc};

/// Columns of IPADIC, as its documentation names them.
const COLUMNS: [&str; 13] = [
    "surface",
    "left_context_id",
    "right_context_id",
    "cost",
    "part_of_speech",
    "part_of_speech_subcategory_1",
    "part_of_speech_subcategory_2",
    "part_of_speech_subcategory_3",
    "conjugation_form",
    "conjugation_type",
    "base_form",
    "reading",
    "pronunciation",
];
const DEPTH: usize = 10;

fn segmenter(ipadic: &Path, work: &Path) -> Result<Segmenter, Box<dyn Error>> {
    let metadata: Metadata = serde_json::from_value(serde_json::json!({
        "name": "ipadic", "encoding": "EUC-JP", "default_word_cost": -10000, "default_left_context_id": 0,
        "default_right_context_id": 0, "default_field_value": "*", "flexible_csv": true,
        "skip_invalid_cost_or_id": false, "normalize_details": true,
        "dictionary_schema": { "fields": COLUMNS },
        "user_dictionary_schema": { "fields": ["surface", "part_of_speech", "reading"] },
    }))?;
    DictionaryBuilder::new(metadata).build_dictionary(ipadic, work)?;
    Ok(Segmenter::new(Mode::Normal, load_fs_dictionary(work)?, None))
}

fn words(segmenter: &Segmenter, text: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let tokens = segmenter.segment(text.to_lowercase().into())?;
    Ok(tokens.iter().map(|t| t.surface.trim().to_owned()).filter(|w| !w.is_empty()).collect())
}

fn objects(file: &str) -> Result<Vec<BTreeMap<String, String>>, Box<dyn Error>> {
    let text = std::fs::read_to_string(file)?;
    Ok(text.lines().filter(|l| !l.trim().is_empty()).map(serde_json::from_str).collect::<Result<_, _>>()?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [ipadic, corpus, queries] = arguments.as_slice() else {
        return Err("usage: compare-tantivy IPADIC CORPUS QUERIES".into());
    };
    let work = std::env::temp_dir().join(format!("compare-tantivy-{}", std::process::id()));
    let segmenter = segmenter(Path::new(ipadic), &work)?;
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default().set_tokenizer("words").set_index_option(IndexRecordOption::WithFreqs);
    let text = TextOptions::default().set_indexing_options(indexing);
    let id = schema.add_text_field("id", STRING | STORED);
    let fields = [schema.add_text_field("question", text.clone()), schema.add_text_field("answer", text)];
    let index = Index::create_in_ram(schema.build());
    index.tokenizers().register("words", WhitespaceTokenizer::default());
    let mut writer = index.writer_with_num_threads(1, 50_000_000)?;
    for entry in objects(corpus)? {
        let joined = |name: &str| Ok::<_, Box<dyn Error>>(words(&segmenter, &entry[name])?.join(" "));
        writer.add_document(
            doc!(id => entry["id"].clone(), fields[0] => joined("question")?, fields[1] => joined("answer")?),
        )?;
    }
    writer.commit()?;
    let searcher = index.reader()?.searcher();
    let (mut run, mut times) = (BTreeMap::new(), Vec::new());
    for entry in objects(queries)? {
        let started = Instant::now();
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for word in words(&segmenter, &entry["query"])? {
            for field in fields {
                let term = Term::from_field_text(field, &word);
                clauses.push((Occur::Should, Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))));
            }
        }
        let top = searcher.search(&BooleanQuery::new(clauses), &TopDocs::with_limit(DEPTH).order_by_score())?;
        let mut found = Vec::new();
        for (_, address) in top {
            let document: TantivyDocument = searcher.doc(address)?;
            found.extend(document.get_first(id).and_then(|v| v.as_str().map(str::to_owned)));
        }
        times.push(started.elapsed().as_secs_f64() * 1e3);
        run.insert(entry["id"].clone(), found);
    }
    std::fs::remove_dir_all(&work)?;
    println!("{}", serde_json::json!({ "run": run, "milliseconds": times }));
    Ok(())
}
