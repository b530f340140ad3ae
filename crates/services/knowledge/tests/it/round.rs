//! 年次確認 over a fiscal year's beginning.

use std::sync::Arc;

use access::inquiry::{self, Acting, Answer};
use access::{AccessError, Principal, Role};
use calendar::{Clock, Date, Instant, OfficeHours};
use city::{Organisation, Profile, Section};
use knowledge::round::{self, NewRound, OpenedRound};
use knowledge::{Article, Content, KnowledgeError};
use store::Tx;
use testkit::{TestDb, on_both_engines};

fn day(text: &str) -> Date {
    text.parse().expect("date")
}

fn article(code: &str, section: &str, valid_to: Option<&str>) -> Arc<Article> {
    Arc::new(Article {
        id: format!("id-{code}"),
        code: code.into(),
        version: 1,
        updated_at: Instant::from_millis(0),
        content: Content { valid_to: valid_to.map(day), ..Content::empty(section, day("2026-04-01")) },
    })
}

/// gomi went to kankyo on 1 April 2027; nobody answers for mukashi.
fn articles() -> Vec<Arc<Article>> {
    vec![
        article("gomi-1", "gomi", None),
        article("kankyo-1", "kankyo", Some("2027-04-05")),
        article("kankyo-2", "kankyo", Some("2027-04-04")),
        article("kosodate-1", "kosodate", None),
        article("mukashi-1", "mukashi", None),
    ]
}

/// The city on Monday, 5 April 2027.
async fn founded(t: &TestDb) -> Organisation {
    t.clock.set(Instant::from_jst(day("2027-04-05").at(10, 0, 0, 0)));
    let section = |code: &str, to: Option<&str>, successor: Option<&str>| Section {
        code: code.into(),
        valid_from: day("2026-04-01"),
        valid_to: to.map(day),
        successor: successor.map(str::to_owned),
        department: "部".into(),
        name: format!("{code}課"),
        name_easy: code.into(),
        name_en: code.into(),
        phone: "000-123-4567".into(),
        extension: None,
        place: "本庁".into(),
        place_easy: "市役所(しやくしょ)".into(),
        place_en: "City Hall".into(),
        duties: "仕事".into(),
        hours: OfficeHours::default(),
        open_in_closures: false,
    };
    let sections = vec![
        section("koho", None, None),
        section("kankyo", None, None),
        section("kosodate", None, None),
        section("gomi", Some("2027-03-31"), Some("kankyo")),
        section("mukashi", Some("2027-03-31"), None),
    ];
    let profile = Profile::from_toml(include_str!("../../../../../demo/minamo/city.toml"), "city.toml").expect("toml");
    Organisation::new(profile, sections, vec![])
}

fn holder(role: Role, section: &str) -> Principal {
    Principal {
        account: format!("{}-{section}", role.code()),
        name: role.name().into(),
        sections: vec![section.into()],
        roles: vec![(role, role.in_section().then(|| section.to_owned()))],
    }
}

async fn acting<T, E: From<store::StoreError>>(
    t: &TestDb,
    city: &Organisation,
    who: &Principal,
    change: impl AsyncFnOnce(&mut Tx, &mut Acting<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let mut rng = t.rng();
    let clock: &dyn Clock = t.clock.as_ref();
    let mut by = Acting { principal: who, organisation: city, clock, entropy: &mut rng };
    let mut tx = t.db.write().await?;
    let outcome = change(&mut tx, &mut by).await?;
    tx.commit().await?;
    Ok(outcome)
}

async fn open(
    t: &TestDb,
    city: &Organisation,
    fiscal_year: i16,
    due: &str,
    sections: Option<&[String]>,
) -> Result<OpenedRound, KnowledgeError> {
    let new = NewRound { fiscal_year, due_on: day(due), section: "koho", sections, body: "" };
    let coordinator = holder(Role::Coordinator, "koho");
    acting(t, city, &coordinator, async |tx, by| round::open_round(tx, by, &articles(), new).await).await
}

#[track_caller]
fn field<T: std::fmt::Debug>(outcome: Result<T, KnowledgeError>) -> &'static str {
    match outcome {
        Err(KnowledgeError::Access(AccessError::Invalid { field, .. })) => field,
        other => panic!("it should have been refused, and gave {other:?}"),
    }
}

on_both_engines! {
    async fn every_article_that_has_not_expired_is_asked_for(t: TestDb) {
        let city = founded(&t).await;
        let opened = open(&t, &city, 2027, "2027-04-30", None).await.expect("opened");
        assert_eq!(opened.inquiry.title, "2027年度 FAQの年次確認");
        assert_eq!(opened.articles, 3);
        assert_eq!(opened.without_section, ["mukashi-1"]);
        let mut tx = t.db.read().await.expect("read");
        let now = round::progress(&mut tx, &city, day("2027-04-05"), &opened.inquiry.id).await.expect("progress");
        let totals: Vec<_> = now.sections.iter().map(|s| (s.section.as_str(), s.total)).collect();
        assert_eq!(totals, [("kankyo", 2), ("kosodate", 1)], "gomi's article is asked of its successor");
        assert_eq!((now.done, now.total), (0, 3));
    }

    async fn one_round_of_a_year_is_open_at_a_time(t: TestDb) {
        let city = founded(&t).await;
        let first = open(&t, &city, 2027, "2027-04-30", None).await.expect("opened");
        assert_eq!(field(open(&t, &city, 2027, "2027-05-31", None).await), "period");
        let mut tx = t.db.read().await.expect("read");
        assert_eq!(round::open_in(&mut tx, 2027).await.expect("read").map(|i| i.id), Some(first.inquiry.id));
        assert_eq!(round::open_in(&mut tx, 2028).await.expect("read").map(|i| i.id), None);
    }

    async fn the_last_day_lies_in_the_year_and_somebody_is_asked(t: TestDb) {
        let city = founded(&t).await;
        assert_eq!(field(open(&t, &city, 2027, "2028-04-03", None).await), "due_on");
        assert_eq!(field(open(&t, &city, 2026, "2027-04-30", None).await), "due_on");
        assert_eq!(field(open(&t, &city, 2027, "2027-05-01", None).await), "due_on");
        assert_eq!(field(open(&t, &city, 2027, "2027-04-30", Some(&["koho".into()])).await), "sections");
        assert_eq!(field(open(&t, &city, 2027, "2027-04-30", Some(&["mukashi".into()])).await), "sections");
        let only = open(&t, &city, 2027, "2027-04-30", Some(&["gomi".into()])).await.expect("by its old code");
        assert_eq!(only.articles, 2);
    }

    async fn a_section_goes_through_its_articles_and_answers(t: TestDb) {
        let city = founded(&t).await;
        let opened = open(&t, &city, 2027, "2027-04-30", None).await.expect("opened");
        let id = opened.inquiry.id.as_str();
        let kankyo = holder(Role::Approver, "kankyo");
        let answer = async || {
            acting(&t, &city, &kankyo, async |tx, by| {
                inquiry::answer(tx, by, id, "kankyo", (1, Answer::Text(""))).await
            })
            .await
        };
        let confirmed = acting(&t, &city, &kankyo, async |tx, by| round::item_confirm(tx, by, id, "id-gomi-1").await);
        assert_eq!(confirmed.await.expect("confirmed"), "id-gomi-1");
        let other = acting(&t, &city, &kankyo, async |tx, by| {
            round::item_changed(tx, by, id, "id-kosodate-1", "draft").await
        });
        assert!(matches!(other.await, Err(KnowledgeError::Access(AccessError::Forbidden))));
        assert!(matches!(answer().await, Err(AccessError::Invalid { field: "items", .. })));
        let ended = async |note: &str| {
            acting(&t, &city, &kankyo, async |tx, by| round::item_end(tx, by, id, "id-kankyo-1", note).await).await
        };
        assert_eq!(field(ended(" ").await), "note");
        ended("制度が終わりました。").await.expect("ended");
        acting(&t, &city, &kankyo, async |tx, by| round::item_reopen(tx, by, id, "id-kankyo-1").await)
            .await
            .expect("opened again");
        acting(&t, &city, &kankyo, async |tx, by| round::item_changed(tx, by, id, "id-kankyo-1", "draft-1").await)
            .await
            .expect("changed");
        answer().await.expect("answered");
        let see = async |on: &str| {
            let mut tx = t.db.read().await.expect("read");
            round::progress(&mut tx, &city, day(on), id).await.expect("progress")
        };
        let now = see("2027-04-30").await;
        assert_eq!((now.done, now.total, now.counts.answered), (2, 3, 1));
        assert!(now.overdue().is_empty());
        let late = see("2027-05-01").await;
        assert_eq!(late.overdue().iter().map(|s| s.section.as_str()).collect::<Vec<_>>(), ["kosodate"]);
        let csv = round::progress_csv(&late, &city, day("2027-05-01")).expect("csv");
        let text = String::from_utf8(csv).expect("UTF-8");
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines[1], "部,kankyo,kankyo課,回答済み,2027-04-30,,2,2,0,2027-04-05T10:00:00+09:00,0");
        assert_eq!(lines[2], "部,kosodate,kosodate課,未着手,2027-04-30,期限切れ,1,0,1,,0");
        let mut tx = t.db.read().await.expect("read");
        let today = day("2027-04-05");
        let items = inquiry::items(&mut tx, &kankyo, &city, today, (id, "kankyo")).await.expect("own");
        let results: Vec<_> =
            items.iter().map(|i| (i.object.as_str(), i.result.as_deref(), i.reference.as_deref())).collect();
        assert_eq!(
            results,
            [("id-gomi-1", Some(round::CONFIRMED), None), ("id-kankyo-1", Some(round::CHANGED), Some("draft-1"))]
        );
        let others = inquiry::items(&mut tx, &kankyo, &city, today, (id, "kosodate")).await;
        assert!(matches!(others, Err(AccessError::Forbidden)));
        let of_article = inquiry::open_items_of(&mut tx, round::OBJECT_KIND, "id-gomi-1").await.expect("items");
        assert_eq!(of_article.iter().map(|i| i.inquiry.as_str()).collect::<Vec<_>>(), [id]);
    }
}
