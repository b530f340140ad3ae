use std::time::Duration;

use calendar::BusinessCalendar;

use super::*;
use crate::Kind;
use crate::entry::{By, Channel, Entry, Speaker, What};
use crate::ring::RingKind;
use crate::seal::Placed;

const PARAMS: Params = Params { least: 5, shows_zero: true, rounding: None };

fn opened_at() -> Instant {
    Instant::from_jst(Date::constant(2025, 6, 10).at(9, 0, 0, 0))
}

/// A case that came in on 10 June 2025 with entries, each so many hours after it.
fn case(entries: Vec<(u64, What)>) -> CaseFile {
    let opened =
        What::Opened {
            number: "n".into(), channel: Channel::Web, speaker: Speaker::Child, school: "東小学校".into()
        };
    let all = std::iter::once((0, opened)).chain(entries).zip(1..);
    let placed = all.map(|((hours, what), seq)| Placed {
        id: seq.to_string(),
        seq,
        ring: RingKind::Case,
        whose: None,
        entry: Entry { at: opened_at().plus(Duration::from_secs(hours * 3_600)), by: By::Reporter, what },
    });
    CaseFile::of(placed.collect(), &Kind::bullying(), &BusinessCalendar::default()).expect("folded").expect("a case")
}

fn quick() -> CaseFile {
    let stopped = What::Stopped { on: Date::constant(2025, 6, 12), confirmed: "本人".into() };
    case(vec![(3, What::FirstAction { done: "電話".into() }), (50, stopped)])
}

fn slow() -> CaseFile {
    case(vec![(30, What::FirstAction { done: "電話".into() })])
}

fn now() -> Instant {
    Instant::from_jst(Date::constant(2026, 5, 1).at(9, 0, 0, 0))
}

fn many(quicks: usize, slows: usize) -> Vec<CaseFile> {
    std::iter::repeat_n(quick(), quicks).chain(std::iter::repeat_n(slow(), slows)).collect()
}

fn prepared(files: &[CaseFile], params: Params) -> Result<Prepared> {
    prepare(files, Period::fiscal(2025), params, now())
}

fn row<'a>(sheet: &'a Sheet, label: &str) -> &'a [Figure] {
    &sheet.rows.iter().find(|row| row.label == label).expect("a row").figures
}

#[test]
fn counts_stand_in_their_rows() {
    let release = prepared(&many(20, 7), PARAMS).expect("prepared");
    let (actions, stops) = (&release.sheets[0], &release.sheets[1]);
    assert_eq!(row(actions, "相談"), [Figure::Shown(27)]);
    assert_eq!(
        (row(actions, "24時間以内"), row(actions, "48時間以内")),
        (&[Figure::Shown(20)][..], &[Figure::Shown(7)][..])
    );
    for (label, count) in
        [("7日以内に止まった", 20), ("まだ止まっていない", 7), ("いじめではなかった", 0), ("相談", 27)]
    {
        assert_eq!(row(stops, label), [Figure::Shown(count)], "{label}");
    }
    assert_eq!(release.sheets.iter().map(Sheet::hidden).sum::<usize>(), 0);
}

#[test]
fn what_happened_again_and_what_was_none_stand_apart() {
    let again = What::Recurred { on: Date::constant(2025, 6, 20), happened: "また".into() };
    let stopped = What::Stopped { on: Date::constant(2025, 6, 12), confirmed: "本人".into() };
    let none = What::Judged { is_bullying: false, why: "理由".into() };
    let back = case(vec![(3, What::FirstAction { done: "電話".into() }), (50, stopped), (300, again)]);
    let no = case(vec![(3, What::FirstAction { done: "電話".into() }), (50, none)]);
    let files: Vec<_> =
        many(10, 10).into_iter().chain(std::iter::repeat_n(back, 6)).chain(std::iter::repeat_n(no, 8)).collect();
    let stops = &prepared(&files, PARAMS).expect("prepared").sheets[1];
    let counted = ["7日以内に止まった", "止まったあと、くり返しがあった", "まだ止まっていない", "いじめではなかった"];
    assert_eq!(counted.map(|label| row(stops, label)[0]), [10, 6, 10, 8].map(Figure::Shown));
}

#[test]
fn a_small_count_is_hidden_and_does_not_come_back() {
    let release = prepared(&many(20, 2), PARAMS).expect("prepared");
    let (actions, stops) = (&release.sheets[0], &release.sheets[1]);
    assert_eq!(row(actions, "48時間以内"), [Figure::Hidden]);
    assert!(actions.hidden() >= 2 && stops.hidden() >= 2, "else the total would give it back");
    assert_eq!(row(actions, "相談"), [Figure::Shown(22)]);
    let csv = release.csv();
    assert!(csv.contains("はじめの対応まで,48時間以内,,x\r\n"), "{csv}");
    assert!(!csv.contains(",2\r\n") && csv.contains(release.note().as_str()));
}

#[test]
fn csv_is_what_a_spreadsheet_reads() {
    let csv = prepared(&many(20, 7), PARAMS).expect("prepared").csv();
    assert!(csv.starts_with("\u{feff}期間の始まり,期間の終わり,表,項目,区分,件数\r\n"));
    assert!(csv.contains("2025-04-01,2026-03-31,行為が止まるまで,7日以内に止まった,,20\r\n"), "{csv}");
    // A head, two tables with their totals, a note.
    assert_eq!(csv.lines().count(), 1 + 7 + 9 + 1);
    assert!(!csv.contains("東小学校"), "never by school");
    assert_eq!(quoted("a,\"b"), "\"a,\"\"b\"");
    let rounded = prepared(&many(23, 7), Params { rounding: Some(5), ..PARAMS }).expect("prepared");
    assert!(rounded.csv().contains(",24時間以内,,25\r\n") && rounded.note().contains("5件ごと"));
}

#[test]
fn too_little_or_against_the_rule_is_refused() {
    assert!(prepared(&many(2, 2), PARAMS).is_err(), "not even the total");
    for params in
        [Params { least: 2, ..PARAMS }, Params { rounding: Some(11), ..PARAMS }, Params { rounding: Some(0), ..PARAMS }]
    {
        assert!(prepared(&many(20, 7), params).is_err(), "{params:?}");
    }
    let day = |y, m, d| Date::constant(y, m, d);
    for period in
        [Period { from: day(2025, 7, 1), to: day(2025, 6, 1) }, Period { from: day(2025, 7, 1), to: day(2026, 5, 2) }]
    {
        assert!(prepare(&many(20, 7), period, PARAMS, now()).is_err(), "{period:?}");
    }
    // Only what came in during the period counts.
    assert!(prepare(&many(20, 7), Period::fiscal(2024), PARAMS, now()).is_err());
    let edge = Period { from: day(2025, 6, 10), to: day(2025, 6, 10) };
    assert!(prepare(&many(20, 7), edge, PARAMS, now()).is_ok());
}

#[test]
fn a_later_release_that_tells_of_one_case_is_seen() {
    let first = prepared(&many(20, 7), PARAMS).expect("prepared");
    let tells_of =
        |quicks, slows| tells(&first, &prepared(&many(quicks, slows), PARAMS).expect("prepared")).expect("compared");
    assert_eq!(tells_of(20, 7), 0);
    assert!(tells_of(21, 7) > 0);
    assert_eq!(tells_of(25, 12), 0);
    let kept = serde_json::to_string(&first).expect("written");
    assert_eq!(serde_json::from_str::<Prepared>(&kept).expect("read"), first);
}
