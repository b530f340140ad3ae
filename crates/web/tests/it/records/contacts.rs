//! Contacts: each came to the contact centre, was handed to 市民課 and is held by its author.

use contact::staff::transfer;
use store::{Sql, params};

use super::{Made, Records, form, led_to, next};
use crate::support::City;

/// A conversation on the citizens' pages.
#[derive(Clone, Debug)]
pub(crate) struct Talk {
    /// Number in the address.
    pub(crate) number: String,
    /// Key in the address.
    pub(crate) key: String,
}

impl Talk {
    /// A citizen begins one.
    pub(crate) async fn begin(city: &City, words: &str) -> Talk {
        Talk::begin_in(city, "", words).await
    }

    /// The same with the question of an article, which is answered.
    pub(crate) async fn about(city: &City, article: &str) -> Talk {
        let snapshot = city.state.library.snapshot();
        let question = &snapshot.by_code(article).expect("there").text(city::Lang::Ja).0.question;
        Talk::begin(city, question).await
    }

    /// The same on the pages of a language.
    pub(crate) async fn begin_in(city: &City, prefix: &str, words: &str) -> Talk {
        let token = format!("{:032x}", 0xc0_0000_0000_u64 + next() as u64);
        let page = city.post(&format!("{prefix}/contacts"), &[("submission", &token), ("words", words)]).await;
        assert_eq!(page.status, 303, "{}", page.body);
        let mut parts = page.location().rsplit('/');
        let (key, number) = (parts.next().expect("a key").to_owned(), parts.next().expect("a number").to_owned());
        Talk { number, key }
    }

    /// The citizen sends a small file: its id.
    pub(crate) async fn send_file(&self, city: &City) -> String {
        let client = format!("client-{:08}", next());
        let file = [("memo.txt", &b"memo"[..])];
        let sent = city.post_files(&format!("{}/messages", self.page()), &[("client_id", &client)], &file).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        self.newest(city, "contact_attachment").await
    }

    /// The citizens' page.
    pub(crate) fn page(&self) -> String {
        format!("/contacts/{}/{}", self.number, self.key)
    }

    /// The desk's page.
    pub(crate) fn desk(&self) -> String {
        format!("/contacts/{}", self.number)
    }

    /// The contact as it stands.
    pub(crate) async fn contact(&self, city: &City) -> contact::Contact {
        let mut tx = city.test.db.read().await.expect("read");
        let full = contact::contact::full_number(&self.number);
        contact::contact::numbered(&mut tx, &full).await.expect("read").expect("there")
    }

    /// The newest row of a table that belongs to this contact; the clock goes on between them.
    pub(crate) async fn newest(&self, city: &City, table: &str) -> String {
        let id = self.contact(city).await.id;
        let mut tx = city.test.db.read().await.expect("read");
        let sql = Sql::built(format!("SELECT id FROM {table} WHERE contact = $1 ORDER BY id DESC LIMIT 1"));
        tx.row(sql, params![id.as_str()]).await.expect("read").expect("a row").get("id").expect("an id")
    }
}

/// A window in which the contact centre calls, as its form sends it.
pub(crate) fn window(city: &City, section: &str) -> String {
    let now = calendar::Clock::now(city.test.clock.as_ref());
    let all = contact::call_back::windows(&city.state.organisation(), section, now);
    (all[0].1.millis() - 1).to_string()
}

impl Records<'_> {
    /// One that 市民課 is asked to take.
    async fn asked(&self) -> Talk {
        let talk = Talk::begin(self.city, "人と話したいです").await;
        led_to(&self.operator.post(&format!("{}/pick-up", talk.desk()), &[]).await);
        let ask = [("section", "shimin"), ("summary", "転入届の持ち物")];
        led_to(&self.operator.post(&format!("{}/transfers", talk.desk()), &ask).await);
        talk
    }

    /// One that 市民課 took.
    pub(crate) async fn talk(&self) -> Talk {
        let talk = self.asked().await;
        let offered = talk.newest(self.city, "contact_transfer").await;
        let accept = [("decision", "accept")];
        led_to(&self.author.post(&format!("{}/transfers/{offered}", talk.desk()), &accept).await);
        let mut tx = self.city.test.db.read().await.expect("read");
        let all = transfer::of(&mut tx, &talk.contact(self.city).await.id).await.expect("read");
        assert_eq!(all[0].state, "accepted");
        talk
    }

    async fn macro_text(&self) -> String {
        let name = format!("おわび{}", next());
        let new = [("name", name.as_str()), ("body", "お待たせしています。"), ("section", "shimin"), ("lang", "ja")];
        led_to(&self.manager.post("/macros", &new).await);
        let mut tx = self.city.test.db.read().await.expect("read");
        let all = contact::macro_text::all(&mut tx).await.expect("sentences");
        all.into_iter().find(|m| m.name == name).expect("the sentence").id
    }

    /// Records for what is done at the desk of the contact centre.
    pub(super) async fn contact(&self, is_form: bool, path: &str) -> Made {
        let token = format!("{:032x}", 0xd0_0000_0000_u64 + next() as u64);
        match path {
            "/contacts" | "/contacts/stream" | "/incidents" => return Default::default(),
            "/contacts/next" => {
                // Those that the operator took for other routes; nobody takes more than they can.
                let held = "SELECT c.number AS v FROM contact c JOIN account a ON a.id = c.holder
                    WHERE c.state = 'held' AND a.login = 'operator-1'";
                for number in self.city.texts(held).await {
                    let number = contact::contact::short_number(&number);
                    led_to(&self.operator.post(&format!("/contacts/{number}/put-back"), &[]).await);
                }
                return Default::default();
            }
            "/presence" => return (Vec::new(), form(&[("state", "available")])),
            "/contacts/new" => {
                let fields = [("submission", token.as_str()), ("channel", "phone"), ("section", "shimin")];
                let mut fields = form(&fields);
                fields.push(("words", "住民票の取り方".into()));
                return (Vec::new(), fields);
            }
            "/macros" if !is_form => return Default::default(),
            "/macros" | "/macros/{id}" | "/macros/{id}/removal" => {
                let fields = form(&[
                    ("name", "おれい"),
                    ("body", "ありがとうございます。"),
                    ("section", "shimin"),
                    ("lang", "ja"),
                ]);
                let names = if path == "/macros" { Vec::new() } else { vec![("{id}", self.macro_text().await)] };
                return (names, fields);
            }
            "/contacts/{number}/transfers/{id}" => {
                let talk = self.asked().await;
                let id = talk.newest(self.city, "contact_transfer").await;
                return (vec![("{number}", talk.number), ("{id}", id)], form(&[("decision", "accept")]));
            }
            _ => {}
        }
        let talk = self.talk().await;
        let step = path.rsplit('/').next().unwrap_or_default();
        let mut id = String::new();
        if step == "pick-up" {
            led_to(&self.author.post(&format!("{}/put-back", talk.desk()), &[]).await);
        }
        if path == "/contacts/{number}/call-backs/{id}" {
            let window = window(self.city, "shimin");
            let ask = [("phone", "072-123-4567"), ("window", window.as_str())];
            led_to(&self.author.post(&format!("{}/call-backs", talk.desk()), &ask).await);
            id = talk.newest(self.city, "contact_call_back").await;
        }
        if path == "/contacts/{number}/attachments/{id}" {
            id = talk.send_file(self.city).await;
        }
        if path.starts_with("/side-questions") {
            let ask = [("section", "shimin"), ("question", "郵送でも受けますか")];
            led_to(&self.author.post(&format!("{}/side-questions", talk.desk()), &ask).await);
            id = talk.newest(self.city, "contact_side_question").await;
        }
        if path.starts_with("/incidents") {
            let flag = [("kind", "abuse"), ("words", "人格を傷つけることば")];
            led_to(&self.author.post(&format!("{}/incidents", talk.desk()), &flag).await);
            id = talk.newest(self.city, "contact_incident").await;
        }
        let client = format!("client-{:08}", next());
        let window = window(self.city, "shimin");
        let mut fields = form(&match step {
            "take-over" => vec![("reason", "absent")],
            "hold" => vec![("waits", "true")],
            "reply" | "note" => vec![("client_id", client.as_str()), ("words", "承知しました。")],
            "draft" => vec![("kind", "reply"), ("words", "書きかけ")],
            "reading" => vec![("seq", "1")],
            "transfers" => vec![("section", "kankyo"), ("summary", "ごみのこと")],
            "side-questions" => vec![("section", "kankyo"), ("question", "夜でも出せますか")],
            "call-backs" => vec![("phone", "072-123-4567"), ("window", window.as_str())],
            "resolution" => vec![("wrap_up", "answered")],
            "follow-up" => vec![("follow_up_on", "2026-12-01")],
            "topic" => vec![("topic", "waste")],
            "split" => vec![("from", "2"), ("submission", token.as_str())],
            "incidents" => vec![("kind", "abuse"), ("words", "大声")],
            "decision" => vec![("decision", "none"), ("remark", "行きちがい"), ("rest", "0")],
            _ => match path {
                "/side-questions/{id}" => vec![("answer", "受けます")],
                "/contacts/{number}/call-backs/{id}" => vec![("outcome", "no_answer")],
                _ => Vec::new(),
            },
        });
        if step == "merge" {
            fields.push(("number", self.talk().await.number));
        }
        (vec![("{number}", talk.number), ("{id}", id)], fields)
    }
}
