//! What the bot asks back, kept on the staff's face.

use axum::http::StatusCode;
use testkit::on_both_engines;

use crate::control_records::clarification;
use crate::records::contacts::Talk;
use crate::support::{City, Desk, Page};

const LIST: &str = "/answers/clarifications";

async fn send(desk: &Desk<'_>, path: &str, form: &[(&'static str, String)]) -> Page {
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    desk.post(path, &form).await
}

/// The same form with another value in the first field of a name.
fn with(name: &str, value: &str) -> Vec<(&'static str, String)> {
    let mut form = clarification("ひっこし");
    form.iter_mut().find(|(n, _)| *n == name).expect("the field").1 = value.to_owned();
    form
}

/// What the bot says to a word.
async fn said(city: &City, word: &str) -> String {
    let talk = Talk::begin(city, word).await;
    city.get(&talk.page()).await.main().to_owned()
}

on_both_engines! {
    async fn one_is_added_asked_changed_and_removed(test: TestDb) {
        let city = City::new(test).await;
        let desk = city.staff("chosei").await;
        assert!(desk.get(LIST).await.main().contains("聞き返しは、まだありません"));
        assert!(!said(&city, "引っ越し").await.contains("どちらのお話ですか"));
        let made = send(&desk, LIST, &clarification("引っ越し\n転居、住所変更")).await;
        assert_eq!(made.location(), "/answers/clarifications?done=clarification-saved");
        for word in ["引っ越し", "転居", "住所変更について"] {
            let page = said(&city, word).await;
            assert!(page.contains("どちらのお話ですか。") && page.contains("市外から"), "{word}: {page}");
        }
        let list = desk.get(LIST).await;
        assert!(list.main().contains("引っ越し、転居、住所変更"), "{}", list.main());
        let code = city.texts("SELECT code AS v FROM clarification").await.pop().expect("one");
        let one = format!("{LIST}/ja/{code}");
        let page = desk.get(&one).await;
        for part in ["引っ越し\n転居\n住所変更</textarea>", "value=\"市外から\"", "value=\"tennyu\""] {
            assert!(page.main().contains(part), "{part}: {}", page.main());
        }
        // Changed at once, also to another language.
        send(&desk, &one, &with("question", "どこへのお引っ越しですか。")).await;
        assert!(said(&city, "ひっこし").await.contains("どこへのお引っ越しですか。"));
        assert!(!said(&city, "転居").await.contains("どこへ"));
        let mut english = with("words", "moving");
        english[0].1 = "en".into();
        assert_eq!(send(&desk, &one, &english).await.status, StatusCode::SEE_OTHER);
        assert_eq!(desk.get(&one).await.status, StatusCode::NOT_FOUND);
        let one = format!("{LIST}/en/{code}");
        assert_eq!(desk.post(&format!("{one}/removal"), &[]).await.location(), "/answers/clarifications?done=clarification-removed");
        assert_eq!(desk.post(&format!("{one}/removal"), &[]).await.status, StatusCode::NOT_FOUND);
        assert!(city.texts("SELECT code AS v FROM clarification").await.is_empty());
        let audited = city.texts("SELECT action AS v FROM audit_event WHERE object_kind = 'clarification' ORDER BY seq").await;
        assert_eq!(audited, ["clarification.write", "clarification.write", "clarification.write", "clarification.remove"]);
    }

    async fn what_is_wrong_comes_back_with_what_was_typed(test: TestDb) {
        let city = City::new(test).await;
        let desk = city.staff("chosei").await;
        send(&desk, LIST, &clarification("ヒッコシ")).await;
        let long = "長".repeat(101);
        let only_one = clarification("ごみ").into_iter().take(5).collect::<Vec<_>>();
        let mut same = with("words", "ごみ");
        same[5].1 = "市外から".into();
        for (form, sentence, kept) in [
            (with("words", "引っ 越し"), "「引っ 越し」は使えません", "引っ 越し</textarea>"),
            (with("words", " "), "市民のことばを、1つから20まで", "value=\"tennyu\""),
            (with("words", "転居、引っ越し、ひっこし"), "「ひっこし」は、ほかの聞き返しにあります", "転居、引っ越し、ひっこし</textarea>"),
            (with("question", ""), "聞き返す文を、1文字から100文字まで", "value=\"市外から\""),
            (with("question", &long), "聞き返す文を、1文字から100文字まで", &long),
            (with("article", "nowhere"), "「nowhere」というコードのFAQはありません", "value=\"nowhere\""),
            (with("label", ""), "ボタンの文（40文字まで）とFAQのコードの両方", "value=\"tennyu\""),
            (with("lang", "de"), "ことばを選んでください", "value=\"tennyu\""),
            (only_one, "いまは1つです", "value=\"tennyu\""),
            (same, "「市外から」という選択肢が2つあります", "value=\"tenkyo\""),
        ] {
            let page = send(&desk, LIST, &form).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}: {}", page.body);
            for part in [sentence, kept, "エラー: "] {
                assert!(page.body.contains(part), "{part}: {}", page.main());
            }
        }
        assert_eq!(city.texts("SELECT code AS v FROM clarification").await.len(), 1);
    }
}
