//! `/articles/{code}/feedback`

use testkit::on_both_engines;

use crate::support::City;

on_both_engines! {
    async fn a_word_is_kept_with_its_version_and_a_comment_once(test: TestDb) {
        let city = City::new(test).await;
        let sent = city.post("/articles/tennyu/feedback", &[("helped", "no"), ("q", "引っ越し"), ("rank", "2")]).await;
        assert_eq!(sent.status, 303);
        let page = city.get(sent.location()).await;
        assert!(page.main().contains("<textarea"), "{}", page.main());
        for comment in ["支所でもできますか", "二度目"] {
            assert_eq!(city.post(sent.location(), &[("comment", comment)]).await.status, 303);
        }
        let id = sent.location().rsplit('/').next().expect("id");
        let mut tx = city.test.db.read().await.expect("read");
        let word = knowledge::feedback::get(&mut tx, id).await.expect("read").expect("there");
        assert_eq!((word.helped, word.comment.as_deref()), (false, Some("支所でもできますか")));
        assert!(city.get(sent.location()).await.main().contains("ありがとうございます"));
        let article = city.state.library.snapshot().by_code("tennyu").expect("article").id.clone();
        let tally = knowledge::feedback::tally(&mut tx, &article).await.expect("tally");
        assert_eq!((tally.yes, tally.no), (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_is_none_is_refused() {
    let city = City::new(testkit::TestDb::sqlite().await).await;
    for form in [&[("helped", "maybe")][..], &[("q", "x")][..]] {
        let page = city.post("/articles/tennyu/feedback", form).await;
        assert!(page.status == 400 || page.status == 422, "{}", page.status);
        assert!(page.body.contains("送られた内容が読めませんでした"));
    }
    assert_eq!(city.post("/articles/nothing/feedback", &[("helped", "yes")]).await.status, 404);
}
