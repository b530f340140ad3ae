//! The agenda of the monthly meeting, and what the public is told of the effect.

use axum::http::StatusCode;
use casework::entry::What;
use testkit::on_both_engines;

use crate::bureau::Bureau;
use crate::support::City;

/// Cases of which the desk has acted in all but the last two.
async fn twelve(bureau: &Bureau<'_>) {
    let who = bureau.unlocked("ijime-1").await;
    for n in 0..12 {
        let case = bureau.case("ijime-1", &format!("はなしたくないことば{n}")).await;
        if n < 10 {
            let mut rng = (bureau.city.test.entropy_source())();
            let what = vec![What::FirstAction { done: "本人に会った".into() }];
            casework::case::add(bureau.premises.house(), rng.as_mut(), &who, &case, 1, what).await.expect("written");
        }
    }
}

const PUBLICATION: &str = "/sealed/effect/publication";

on_both_engines! {
    async fn the_public_sees_what_was_published_and_no_small_number(test: TestDb) {
        let city = City::new(test).await;
        let bureau = Bureau::founded(&city).await;
        for (path, part) in [("/bullying/effect", "まだ公表したものはありません"), ("/en/bullying/effect", "Nothing has been published yet")] {
            assert!(city.get(path).await.main().contains(part), "{path}");
        }
        assert_eq!(city.get("/bullying/effect.csv").await.status, StatusCode::NOT_FOUND);
        assert_eq!(bureau.open("kaifuku-1").await.get(PUBLICATION).await.status, StatusCode::NOT_FOUND);
        let desk = bureau.open("ijime-1").await;
        let form = |act: &'static str| [("year", "2026"), ("least", "3"), ("zero", "on"), ("act", act)];
        let few = desk.post(PUBLICATION, &form("preview")).await;
        assert_eq!(few.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(few.main().contains("件数が少ないため"), "{}", few.main());
        twelve(&bureau).await;
        let small = desk.post(PUBLICATION, &[("year", "2026"), ("least", "1"), ("act", "preview")]).await;
        assert!(small.main().contains("見せる最小の件数は、3以上にしてください"), "{}", small.main());

        // Seen beforehand: what is hidden is marked, and nothing is public yet.
        let seen = desk.post(PUBLICATION, &form("preview")).await;
        assert_eq!(seen.status, StatusCode::OK);
        for part in ["か所をかくします", "この内容で公表する", "はじめの対応まで", "（かくす）"] {
            assert!(seen.main().contains(part), "{part}: {}", seen.main());
        }
        assert!(!seen.body.contains("みなも東小学校"), "never by school");
        assert!(city.get("/bullying/effect").await.main().contains("まだ公表したものはありません"));
        assert_eq!(desk.post(PUBLICATION, &form("publish")).await.location(), "/sealed/effect/publication?done=effect-published");

        let public = city.get("/bullying/effect").await;
        for part in ["はじめの対応まで", "<td>12</td>", "<td>x", "「x」は、3件より少ない数"] {
            assert!(public.main().contains(part), "{part}: {}", public.main());
        }
        assert!(!public.main().contains("<td>2</td>") && !public.body.contains("みなも東小学校"));
        for (path, part) in [("/en/bullying/effect", "Time until the desk first acted"), ("/easy/bullying/effect", "はじめに うごくまで")] {
            assert!(city.get(path).await.main().contains(part), "{path}");
        }
        let file = city.get("/bullying/effect.csv").await;
        assert!(file.body.starts_with("\u{feff}期間の始まり") && file.body.contains("はじめの対応まで,相談"), "{}", file.body);
        assert_eq!(file.body.matches('\u{feff}').count(), 1);

        // One case more beside what people have seen would tell which one it is.
        bureau.case("ijime-1", "もうひとつ").await;
        let again = desk.post(PUBLICATION, &form("publish")).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.main().contains("前に公表したもの（第1版）とくらべると"), "{}", again.main());

        let from = again.main().find("/withdrawal").expect("a form");
        let id = again.main()[..from].rsplit('/').next().expect("an id").to_owned();
        let withdrawal = format!("{PUBLICATION}/{id}/withdrawal");
        assert_eq!(bureau.open("kaifuku-1").await.post(&withdrawal, &[]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(desk.post(&withdrawal, &[]).await.location(), "/sealed/effect/publication?done=effect-withdrawn");
        assert!(city.get("/bullying/effect").await.main().contains("まだ公表したものはありません"));
        assert!(desk.get(PUBLICATION).await.main().contains("に取り下げ"));
    }

    async fn the_agenda_names_numbers_and_no_words(test: TestDb) {
        let city = City::new(test).await;
        let bureau = Bureau::founded(&city).await;
        assert_eq!(bureau.open("kaifuku-1").await.get("/sealed/agenda").await.status, StatusCode::NOT_FOUND);
        assert_eq!(city.staff("ijime-1").await.get("/sealed/agenda").await.location(), "/sealed/unlock?next=/sealed/agenda");
        assert!(bureau.open("ijime-1").await.get("/sealed/agenda").await.main().contains("議題はありません"));
        let case = bureau.case("ijime-1", "はなしたくないことば").await;
        city.test.clock.advance(std::time::Duration::from_secs(30 * 3_600));
        let page = bureau.open("ijime-1").await.get("/sealed/agenda").await;
        for part in ["期限を過ぎたもの", "この1か月に受け付けたもの", "初動（24時間以内）", "終わっていない事案 1件", &case, "いじめ相談 相談員 1"] {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }
        assert!(!page.body.contains("はなしたくないことば") && !page.body.contains("みなも東小学校"));
        assert_eq!(page.headers["cache-control"], "no-store");
    }
}
