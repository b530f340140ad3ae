//! The city's own thesaurus (市の言いかえ辞書): an office's word and people's word, and how they belong together.
//!
//! It stands beside the thesaurus of the program, obeys the same rules, and reaches every question within a second.

use std::collections::HashMap;

use access::Action;
use calendar::{Date, Instant};
use search::thesaurus::{LONGEST, Ledger, Relation, RelationKind, Remark, Side, Wrong, lines};
use store::{Entropy, Tx, changes, ids};

use crate::desk::Desk;
use crate::draft::FieldProblem;
use crate::store::thesaurus as rows;
use crate::{Answer, CHANGE_TOPIC, KnowledgeError, Library, reading};

/// The topic of `store::changes` that goes up when the city's relations change.
pub const THESAURUS_TOPIC: &str = "thesaurus";
/// Longest note, in characters.
pub const MAX_NOTE: usize = 200;
/// Most lines that are brought in at once.
const MOST_AT_ONCE: usize = 2_000;
/// Most relations of a city: each question is read with all of them.
pub const MOST: usize = 10_000;

/// A relation of the city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CityRelation {
    /// Id.
    pub id: String,
    /// The words.
    pub relation: Relation,
    /// The account that wrote it last.
    pub actor: String,
    /// When.
    pub at: Instant,
}

/// A relation as somebody typed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The office's word.
    pub term: String,
    /// Code of the kind.
    pub kind: String,
    /// The other word.
    pub other: String,
    /// What a reader should know.
    pub note: String,
}

/// What is wrong with a line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFault {
    /// Line from 1.
    pub line: usize,
    /// What is wrong and what to do, in Japanese.
    pub reason: String,
}

/// What a file of relations holds beside what is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incoming {
    /// Relations that are not there.
    pub new: Vec<Relation>,
    /// How many are there just so.
    pub unchanged: usize,
}

/// A question with and without a change of the thesaurus.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The question.
    pub asked: String,
    /// What it gets today.
    pub before: Answer,
    /// What it would get.
    pub after: Answer,
}

/// What the interface calls a kind of relation.
pub fn kind_name(kind: RelationKind) -> &'static str {
    match kind {
        RelationKind::Same => "同じ意味",
        RelationKind::Colloquial => "くだけた言い方",
        RelationKind::Narrower => "その一種・一部",
        RelationKind::See => "いっしょに要る",
    }
}

/// What a kind of relation means, for whoever chooses one.
pub fn kind_meaning(kind: RelationKind) -> &'static str {
    match kind {
        RelationKind::Same => "どちらの言葉でたずねても、同じこと。例: 市県民税 と 住民税",
        RelationKind::Colloquial => "市民がふだん使う言い方。例: 乳児 と 赤ちゃん",
        RelationKind::Narrower => "市民の言葉が、役所の言葉の一種か一部。例: 粗大ごみ と ソファ",
        RelationKind::See => "別のことだが、片方をたずねる人はもう片方も要ることが多い。例: 転入届 と 転校",
    }
}

/// All relations of the city in the order of their words.
pub async fn all(tx: &mut Tx) -> Result<Vec<CityRelation>, KnowledgeError> {
    Ok(rows::all(tx).await?)
}

/// What was typed as a relation that may stand beside those of the program and of the city; `except` is the id of the
/// one that it replaces. All that is wrong is told, each beside its field.
pub fn checked(typed: &Typed, there: &[CityRelation], except: Option<&str>) -> Result<Relation, KnowledgeError> {
    let wrong = |field: &'static str, reason: String| FieldProblem { field, lang: None, reason };
    let mut problems = Vec::new();
    let kind = RelationKind::from_code(&typed.kind);
    if kind.is_none() {
        problems.push(wrong("kind", "つながりを4つの中から選んでください。".into()));
    }
    let relation = Relation {
        term: tidy(&typed.term),
        kind: kind.unwrap_or(RelationKind::Same),
        other: tidy(&typed.other),
        note: tidy(&typed.note),
    };
    let ledger = ledger(there, except)?;
    let mut faults = relation.faults();
    if faults.is_empty()
        && kind.is_some()
        && let Err(fault) = ledger.check(&relation)
    {
        faults.push(fault);
    }
    problems.extend(faults.iter().map(|fault| wrong(field_of(fault), sentence(fault, &ledger))));
    problems.extend(long_note(&relation.note).map(|reason| wrong("note", reason)));
    if problems.is_empty() && except.is_none() && there.len() >= MOST {
        let reason = format!("市の辞書は{MOST}件までです。使わないものを外してから加えてください。");
        problems.push(wrong("term", reason));
    }
    if problems.is_empty() { Ok(relation) } else { Err(KnowledgeError::Form(problems)) }
}

/// Takes a relation up; its id.
pub async fn add(tx: &mut Tx, desk: &Desk<'_>, entropy: Entropy<'_>, typed: &Typed) -> Result<String, KnowledgeError> {
    let there = begin(tx, desk).await?;
    let relation = checked(typed, &there, None)?;
    let id = ids::new_id(desk.clock, entropy);
    rows::insert(tx, &signed(desk, id.clone(), relation)).await?;
    desk.audit(tx, "thesaurus.add", "relation", &id, &["relation"]).await?;
    Ok(id)
}

/// Writes a relation anew.
pub async fn change(tx: &mut Tx, desk: &Desk<'_>, id: &str, typed: &Typed) -> Result<(), KnowledgeError> {
    let there = begin(tx, desk).await?;
    let relation = checked(typed, &there, Some(id))?;
    if !rows::update(tx, &signed(desk, id.to_owned(), relation)).await? {
        return Err(KnowledgeError::NotFound);
    }
    desk.audit(tx, "thesaurus.change", "relation", id, &["relation"]).await
}

/// Takes a relation away; what it was, so that it can be put back.
pub async fn remove(tx: &mut Tx, desk: &Desk<'_>, id: &str) -> Result<Relation, KnowledgeError> {
    let there = begin(tx, desk).await?;
    let gone = there.into_iter().find(|r| r.id == id).ok_or(KnowledgeError::NotFound)?;
    rows::remove(tx, id).await?;
    desk.audit(tx, "thesaurus.remove", "relation", id, &["relation"]).await?;
    Ok(gone.relation)
}

/// Reads lines in the form of `data/thesaurus/*.tsv`. All faults are told; nothing is written.
pub fn read(text: &str, there: &[CityRelation]) -> Result<(Incoming, Vec<LineFault>), KnowledgeError> {
    let mut ledger = ledger(there, None)?;
    let (mut incoming, mut faults) = (Incoming::default(), Vec::new());
    let known: HashMap<String, &Relation> = there.iter().map(|r| (r.relation.pair(), &r.relation)).collect();
    for (line, words) in lines(text.trim_start_matches('\u{feff}')) {
        let mut fault = |reason: String| faults.push(LineFault { line, reason });
        let relation = match Relation::from_line(words) {
            Ok(relation) => relation,
            Err(wrong) => {
                fault(sentence(&wrong, &ledger));
                continue;
            }
        };
        if incoming.new.len() == MOST_AT_ONCE {
            fault(format!("一度に取り込めるのは{MOST_AT_ONCE}行までです。この行から先は、次に取り込んでください。"));
            break;
        }
        if known.get(&relation.pair()).is_some_and(|same| **same == relation) {
            incoming.unchanged += 1;
            continue;
        }
        if let Some(reason) = long_note(&relation.note) {
            fault(reason);
        } else if words.chars().any(|c| c.is_control() && c != '\t') {
            fault("目に見えない制御文字があります。その行を打ち直してください。".into());
        } else if let Err(wrong) = ledger.add(relation.clone()) {
            fault(sentence(&wrong, &ledger));
        } else {
            incoming.new.push(relation);
        }
    }
    if there.len() + incoming.new.len() > MOST {
        faults.push(LineFault {
            line: 0, reason: format!("市の辞書は{MOST}件までです。行を減らしてください。")
        });
    }
    Ok((incoming, faults))
}

/// Takes up all relations of a text, or none if a line is wrong.
pub async fn bring_in(
    tx: &mut Tx,
    desk: &Desk<'_>,
    entropy: Entropy<'_>,
    text: &str,
) -> Result<(Incoming, Vec<LineFault>), KnowledgeError> {
    let there = begin(tx, desk).await?;
    let (incoming, faults) = read(text, &there)?;
    if faults.is_empty() && !incoming.new.is_empty() {
        for relation in &incoming.new {
            let id = ids::new_id(desk.clock, entropy);
            rows::insert(tx, &signed(desk, id, relation.clone())).await?;
        }
        desk.audit(tx, "thesaurus.import", "relation", "import", &["relation"]).await?;
    }
    Ok((incoming, faults))
}

/// All relations as a file that can be brought in again.
pub fn written(there: &[CityRelation]) -> String {
    let lines = there.iter().map(|r| r.relation.to_line() + "\n");
    "# 市の言いかえ辞書：役所の言葉、つながり、市民の言葉、メモ\n".to_owned() + &lines.collect::<String>()
}

/// What questions would get without a relation of the city, with another one, or both; nothing is changed.
pub fn tried(
    library: &Library,
    without: Option<&str>,
    with: Option<&Relation>,
    asked: &[String],
    on: Date,
    limit: usize,
) -> Vec<Tried> {
    let snapshot = library.snapshot();
    let kept = snapshot.relations.iter().filter(|r| Some(r.id.as_str()) != without).map(|r| &r.relation);
    let relations: Vec<Relation> = kept.chain(with).cloned().collect();
    let lexicon = library.reading().lexicon_with(&relations);
    let one = |asked: &String| Tried {
        asked: asked.clone(),
        before: library.ask_with(&snapshot, &snapshot.lexicon, asked, on, limit),
        after: library.ask_with(&snapshot, &lexicon, asked, on, limit),
    };
    asked.iter().map(one).collect()
}

/// What is worth knowing of a sound relation, for whoever writes it.
pub fn remarks(library: &Library, relation: &Relation) -> Vec<String> {
    let sentence = |remark: Remark| match remark {
        Remark::Unknown(words) => format!(
            "「{}」は、検索の辞書にない言葉です。使えますが、同じ書き方の質問にしか当たらないことがあります。",
            words.join("」「")
        ),
        Remark::Long(side) => format!(
            "「{}」は言葉が多すぎて、質問の中から見つけられません。短くすると、もう一方の言葉につながります。",
            side.of(relation)
        ),
        Remark::Silent(side) => {
            format!("「{}」には、手がかりになる言葉がありません。このままでは、検索は変わりません。", side.of(relation))
        }
        Remark::Alike => "検索は、この2つをもともと同じ言葉として読みます。加えても、検索は変わりません。".into(),
    };
    search::thesaurus::remarks(library.analyzer(), relation).into_iter().map(sentence).collect()
}

/// Who may, in turn: whoever changes the thesaurus has checked against all that is there.
async fn begin(tx: &mut Tx, desk: &Desk<'_>) -> Result<Vec<CityRelation>, KnowledgeError> {
    if !desk.who.may(Action::ThesaurusWrite) {
        return Err(KnowledgeError::Forbidden);
    }
    changes::bump(tx, THESAURUS_TOPIC).await?;
    // Whoever follows the articles learns of the thesaurus as well.
    changes::bump(tx, CHANGE_TOPIC).await?;
    all(tx).await
}

fn signed(desk: &Desk<'_>, id: String, relation: Relation) -> CityRelation {
    CityRelation { id, relation, actor: desk.who.account.clone(), at: desk.now() }
}

/// The program's relations with the city's on top.
///
/// A city's relation that a newer program brings too is left out: it says nothing new.
fn ledger(there: &[CityRelation], except: Option<&str>) -> Result<Ledger, KnowledgeError> {
    let mut ledger = reading::shipped().clone();
    for known in there.iter().filter(|r| Some(r.id.as_str()) != except) {
        match ledger.add(known.relation.clone()) {
            Ok(()) | Err(Wrong::Twice(_) | Wrong::Circle(_)) => {}
            Err(other) => return Err(KnowledgeError::Rule(sentence(&other, &ledger))),
        }
    }
    Ok(ledger)
}

fn tidy(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn long_note(note: &str) -> Option<String> {
    let length = note.chars().count();
    (length > MAX_NOTE).then(|| format!("メモは{MAX_NOTE}文字までです（いま{length}文字です）。短くしてください。"))
}

fn field_of(wrong: &Wrong) -> &'static str {
    match wrong {
        Wrong::Kind(_) => "kind",
        Wrong::Empty(Side::Other) | Wrong::TooLong(Side::Other) | Wrong::Same | Wrong::Twice(_) => "other",
        Wrong::Circle(_) => "kind",
        Wrong::Columns | Wrong::Heading | Wrong::Empty(Side::Term) | Wrong::TooLong(Side::Term) => "term",
    }
}

/// What is wrong and what to do, for the staff.
fn sentence(wrong: &Wrong, ledger: &Ledger) -> String {
    let name = |side: &Side| if *side == Side::Term { "役所の言葉" } else { "市民の言葉" };
    match wrong {
        Wrong::Columns => "1行に「役所の言葉・つながり・市民の言葉・メモ」を、タブで区切って書いてください。".into(),
        Wrong::Kind(kind) => {
            format!("「{kind}」というつながりはありません。same・colloquial・narrower・see のどれかにしてください。")
        }
        Wrong::Empty(side) => format!("{}を書いてください。", name(side)),
        Wrong::TooLong(side) => format!("{}は{LONGEST}文字までです。短くしてください。", name(side)),
        Wrong::Heading => "役所の言葉を「#」で始めることはできません。ファイルの見出しと区別できなくなります。".into(),
        Wrong::Same => "左と右が同じ言葉です。全角・半角やかなのちがいは、加えなくても同じ言葉として読みます。".into(),
        Wrong::Twice(number) => {
            let whose = if *number < reading::shipped().relations().len() { "標準の" } else { "市の" };
            let there = &ledger.relations()[*number];
            format!(
                "この2つの言葉は、もう{whose}辞書にあります（{} と {}、「{}」）。",
                there.term,
                there.other,
                kind_name(there.kind)
            )
        }
        Wrong::Circle(circle) => {
            format!(
                "「その一種・一部」がひとまわりしてしまいます（{}）。ほかのつながりを選んでください。",
                circle.join(" → ")
            )
        }
    }
}
