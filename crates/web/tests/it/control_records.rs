//! Records of the automatic answers that are there, for the routes that name one.

use city::Lang;
use contact::citizen::{self, Window};
use contact::{Channel, Receipt, recall};
use testkit::random_word;

use crate::records::{Made, next};
use crate::support::{City, Desk};

/// What the bot answers with `tennyu`.
pub(crate) const ASKED: &str = "市外から引っ越してきたとき、どんな手続きが必要ですか";

fn always(_: &str) -> bool {
    true
}

/// A conversation in which the bot gave an answer.
pub(crate) async fn answered(city: &City) -> Receipt {
    let organisation = city.state.organisation();
    let window = Window {
        db: &city.test.db,
        clock: city.test.clock.as_ref(),
        organisation: &organisation,
        library: &city.state.library,
        is_live: &always,
        writes: false,
    };
    let submission = store::ids::digest(&random_word())[..32].to_owned();
    let mut rng = city.test.rng();
    citizen::begin(window, &mut rng, &submission, Lang::Ja, ASKED).await.expect("begun")
}

/// The same, as a telephone call would leave it.
pub(crate) async fn answered_by_phone(city: &City) -> String {
    let id = answered(city).await.id;
    let mut tx = city.test.db.write().await.expect("write");
    let mut found = contact::contact::lock(&mut tx, &id).await.expect("there");
    found.channel = Channel::Phone;
    contact::contact::save(&mut tx, city.test.clock.as_ref(), &mut found).await.expect("saved");
    tx.commit().await.expect("commit");
    id
}

/// The form of a recall.
pub(crate) const RECALL: [(&str, &str); 5] = [
    ("article", "tennyu"),
    ("version_from", "1"),
    ("version_to", "1"),
    ("reason", "手数料がちがっていた"),
    ("ja", "手数料はかかりません。"),
];

/// A recall of the first version that was prepared.
pub(crate) async fn prepared(desk: &Desk<'_>) -> String {
    prepared_up_to(desk, "1").await
}

/// The same up to a version.
async fn prepared_up_to(desk: &Desk<'_>, version: &str) -> String {
    let form = RECALL.map(|(name, value)| if name == "version_to" { (name, version) } else { (name, value) });
    let page = desk.post("/recalls", &form).await;
    assert_eq!(page.status, 303, "{}", page.body);
    page.location().rsplit('/').next().expect("an id").to_owned()
}

fn form(pairs: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

/// The form of a question back for a word.
pub(crate) fn clarification(word: &str) -> Vec<(&'static str, String)> {
    form(&[
        ("lang", "ja"),
        ("words", word),
        ("question", "どちらのお話ですか。"),
        ("label", "市外から"),
        ("article", "tennyu"),
        ("label", "市内で"),
        ("article", "tenkyo"),
    ])
}

/// The record of a route, and what its form holds.
pub(crate) async fn made(city: &City, desk: &Desk<'_>, path: &str) -> Made {
    let words = format!("よその町から来た {}", next());
    let question = [("topic", "moving"), ("lang", "ja"), ("words", words.as_str()), ("articles", "tennyu")];
    if path.contains("/questions/{id}") {
        desk.post("/answers/questions", &question).await;
        let sql = "SELECT id AS v FROM golden_question ORDER BY updated_at, id";
        let id = city.texts(sql).await.pop().expect("a question");
        let other = format!("となりの町から来た {}", next());
        let changed = [("topic", "moving"), ("lang", "ja"), ("words", other.as_str()), ("articles", "tennyu")];
        return (vec![("{id}", id)], form(&changed));
    }
    if path.starts_with("/answers/clarifications") {
        let form = clarification(&format!("転入の話{}", next()));
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut names = Vec::new();
        if path.contains("{code}") {
            assert_eq!(desk.post("/answers/clarifications", &form).await.status, 303);
            let sql = "SELECT code AS v FROM clarification ORDER BY updated_at, code";
            names = vec![("{lang}", "ja".to_owned()), ("{code}", city.texts(sql).await.pop().expect("one"))];
        }
        return (names, clarification(&format!("転入の話{}", next())));
    }
    // Other routes may have published it anew.
    let version = city.state.library.snapshot().by_code("tennyu").expect("there").version.to_string();
    match path {
        "/answers/questions" => (Vec::new(), form(&question)),
        "/answers/{id}" => {
            answered(city).await;
            let ids = city.texts("SELECT id AS v FROM answer_record").await;
            (vec![("{id}", ids.last().expect("a record").clone())], Vec::new())
        }
        "/recalls" => (Vec::new(), form(&RECALL)),
        "/recalls/{id}/told" => {
            let contact = answered_by_phone(city).await;
            let id = prepared_up_to(desk, &version).await;
            desk.post(&format!("/recalls/{id}/confirmation"), &[]).await;
            let (db, clock) = (&city.test.db, city.test.clock.as_ref());
            recall::tell(db, clock, &mut city.test.rng(), &id, &contact).await.expect("noted");
            (vec![("{id}", id)], vec![("contact", contact)])
        }
        _ if path.starts_with("/recalls/{id}") => {
            answered(city).await;
            (vec![("{id}", prepared_up_to(desk, &version).await)], Vec::new())
        }
        _ => {
            let fields = form(&[
                ("topic", "tax"),
                ("mark", "80"),
                ("reason", "様子を見る"),
                ("ja", "災害です。"),
                ("easy", "災害(さいがい)です。"),
                ("en", "Disaster."),
            ]);
            (vec![("{code}", "moving".to_owned())], fields)
        }
    }
}
