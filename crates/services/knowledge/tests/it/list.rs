//! The list that staff work from.

use std::collections::{BTreeSet, HashMap};

use calendar::Clock;
use city::Lang;
use knowledge::desk::{Beside, Filter, Listing, Sort, State, list};
use knowledge::draft::{self, Opening};
use knowledge::feedback::Tally;
use testkit::TestDb;

use crate::library::library;
use crate::town::{Town, article, bring_in, file, within};

fn codes(listing: &Listing) -> Vec<&str> {
    listing.lines.iter().map(|l| l.article.code.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn articles_are_filtered_counted_and_put_in_order() {
    let test = TestDb::sqlite().await;
    let town = Town::found(&test).await;
    bring_in(&test, &file(&["gomi-1"], "粗大ごみは予約制です", "review_due=2026-11-23")).await;
    bring_in(&test, &file(&["gomi-2"], "資源ごみは水曜日です", "review_due=2026-12-01")).await;
    bring_in(&test, &file(&["gomi-3"], "年末の収集", "valid_from=2026-12-01\nreview_due=2027-11-01")).await;
    bring_in(&test, &file(&["gomi-4"], "夏の収集", "valid_to=2026-08-31")).await;
    let tax = file(&["zei-1"], "納税の窓口", "").replace("kankyo", "kokuho").replace("waste", "tax");
    bring_in(&test, &tax).await;
    town.submitted(&test, "gomi-2", "資源ごみは木曜日です").await;
    let author = town.desk(&town.author, &test);
    within!(test.db, tx => draft::open(&mut tx, &author, &mut test.rng(), Opening::New { section: "kankyo" }).await)
        .expect("new");
    let library = library(&test).await;
    let snapshot = library.snapshot();
    let today = test.clock.now().jst_date();
    let mut tx = test.db.read().await.expect("read");
    let heads = draft::heads(&mut tx).await.expect("heads");
    drop(tx);
    let tallies = HashMap::from([(article(&test, "zei-1").await.id, Tally { yes: 1, no: 3 })]);
    let drafts = author.visible(heads.clone());
    let shown = |filter: Filter| {
        let beside = Beside { organisation: &town.organisation, drafts: &drafts, tallies: &tallies };
        list(&snapshot, beside, &filter, today)
    };
    let all = shown(Filter::default());
    assert_eq!(codes(&all), ["gomi-1", "gomi-2", "gomi-3", "gomi-4", "zei-1"], "what must be checked first");
    let counts: Vec<_> = all.counts.iter().map(|(state, n)| (state.code(), *n)).collect();
    let expected = [
        ("public", 3),
        ("before", 1),
        ("ended", 1),
        ("review-due", 1),
        ("review-soon", 1),
        ("draft", 1),
        ("waiting", 1),
    ];
    assert_eq!(counts, expected);
    assert_eq!(all.lines[1].states, [State::Public, State::ReviewSoon, State::HasDraft, State::Waiting]);
    assert_eq!(all.lines[1].draft.as_ref().map(|d| d.question.as_str()), Some("gomi-2はいつですか"));
    assert_eq!((all.new_drafts.len(), all.lines[4].tally.no), (1, 3));

    for (state, expected) in [
        (State::Public, vec!["gomi-1", "gomi-2", "zei-1"]),
        (State::Before, vec!["gomi-3"]),
        (State::Ended, vec!["gomi-4"]),
        (State::ReviewDue, vec!["gomi-1"]),
        (State::Waiting, vec!["gomi-2"]),
    ] {
        let found = shown(Filter { state: Some(state), ..Filter::default() });
        assert_eq!(codes(&found), expected, "{state:?}");
        assert_eq!(found.counts, all.counts, "counts do not follow the state");
        assert_eq!(found.new_drafts.len(), 0, "{state:?}");
    }
    let sections = Some(BTreeSet::from(["kokuho".to_owned()]));
    let tax = shown(Filter { sections, ..Filter::default() });
    assert_eq!((codes(&tax), tax.counts[0].1, tax.new_drafts.len()), (vec!["zei-1"], 1, 0));
    assert_eq!(codes(&shown(Filter { topic: Some("tax".into()), ..Filter::default() })), ["zei-1"]);
    assert_eq!(shown(Filter { missing: Some(Lang::En), ..Filter::default() }).total, 5);
    assert_eq!(shown(Filter { missing: Some(Lang::Ja), ..Filter::default() }).total, 0);
    for (typed, expected) in [("粗大ごみ", "gomi-1"), ("ＺＥＩ", "zei-1")] {
        let text = Some(library.matches(&snapshot, typed));
        assert_eq!(codes(&shown(Filter { text, sort: Sort::Fit, ..Filter::default() }))[0], expected, "{typed}");
    }
    for nothing in ["粗大ごみの遊漁券", "ゆうれい"] {
        let text = Some(library.matches(&snapshot, nothing));
        assert_eq!(shown(Filter { text, ..Filter::default() }).total, 0, "{nothing} stands in no article");
    }
    assert_eq!(codes(&shown(Filter { sort: Sort::Feedback, ..Filter::default() }))[0], "zei-1");
    let page = shown(Filter { sort: Sort::Code, page: 9, per_page: 2, ..Filter::default() });
    assert_eq!((codes(&page), page.page, page.pages, page.total), (vec!["zei-1"], 3, 3, 5));

    let stranger = town.desk(&town.stranger, &test);
    let none = stranger.visible(heads);
    let beside = Beside { organisation: &town.organisation, drafts: &none, tallies: &tallies };
    let theirs = list(&snapshot, beside, &Filter::default(), today);
    assert!(theirs.lines[1].draft.is_none() && theirs.new_drafts.is_empty(), "drafts of other sections stay there");
}
