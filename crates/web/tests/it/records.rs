//! Records of 市民課 that are there, for every route of the staff that names one, with what its form holds.
//!
//! Whoever asks gets a new record each time, since a form may end it.

pub(crate) mod contacts;
mod persons;

use std::sync::atomic::{AtomicUsize, Ordering};

use store::ids;
use tokio::sync::OnceCell;

use crate::support::{City, Desk, Page};

/// What is put for the fields of a route's pattern, and what is sent.
pub(crate) type Made = (Vec<(&'static str, String)>, Vec<(&'static str, String)>);

/// Articles of 市民課 of which rows may take one; the others are for the round.
const TAKEN: usize = 10;
/// Questions of the board; those that are handed over have other words, or they would take their group along.
const OF_BOARD: &str = "転入届に印鑑は要りますか";
const OF_LIST: &str = "戸籍の附票は郵便でもらえますか";

/// The people of the house who make the records.
pub(crate) struct Records<'a> {
    city: &'a City,
    author: Desk<'a>,
    approver: Desk<'a>,
    manager: Desk<'a>,
    coordinator: Desk<'a>,
    operator: Desk<'a>,
    admins: [Desk<'a>; 2],
    round: OnceCell<()>,
    scheduled: OnceCell<String>,
}

fn form(pairs: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

/// What follows `before` on a page, up to the end of a value or an address.
fn after<'p>(page: &'p Page, before: &str) -> &'p str {
    let from = page.body.find(before).unwrap_or_else(|| panic!("no {before} in {}", page.body)) + before.len();
    page.body[from..].split(['"', '/', '?', '<']).next().expect("value")
}

/// The last part of where a form led.
fn led_to(page: &Page) -> String {
    assert_eq!(page.status, 303, "{}", page.body);
    page.location().split('?').next().and_then(|path| path.rsplit('/').next()).expect("an id").to_owned()
}

/// A number that was not given before.
pub(crate) fn next() -> usize {
    static MADE: AtomicUsize = AtomicUsize::new(1);
    MADE.fetch_add(1, Ordering::Relaxed)
}

/// A day in February, another one each time, whatever else was numbered in between.
fn day() -> String {
    static DAYS: AtomicUsize = AtomicUsize::new(0);
    format!("2027-02-{:02}", DAYS.fetch_add(1, Ordering::Relaxed) % 28 + 1)
}

impl<'a> Records<'a> {
    pub(crate) async fn of(city: &'a City) -> Records<'a> {
        Records {
            city,
            author: city.staff("shimin-sakusei").await,
            approver: city.staff("shimin-shonin").await,
            manager: city.staff("shimin-kanri").await,
            coordinator: city.staff("chosei").await,
            operator: city.staff("operator-1").await,
            admins: [city.staff("kanri-1").await, city.staff("kanri-2").await],
            round: OnceCell::new(),
            scheduled: OnceCell::new(),
        }
    }

    /// The address of a route with a record in it, and its form.
    pub(crate) async fn case(&self, method: &str, path: &str) -> (String, Vec<(&'static str, String)>) {
        let is_form = method == "POST";
        let first = path.split('/').nth(1).unwrap_or_default();
        let (names, form) = match first {
            "articles" => self.article(is_form, path).await,
            "drafts" => self.draft(is_form, path).await,
            "thesaurus" => self.relation(path).await,
            "board" => self.group(path).await,
            "questions" => self.question(path).await,
            "inquiries" => self.inquiry(path).await,
            "rounds" => self.round_item(path).await,
            "accounts" => self.account(is_form, path).await,
            "operators" => self.operator_account(path).await,
            "changes" => self.change(path).await,
            "organisation" | "closures" => self.section(path).await,
            "reorganisations" => self.reorganisation(is_form, path).await,
            "people" => self.person_of(path).await,
            "answers" | "recalls" => crate::control_records::made(self.city, &self.coordinator, path).await,
            "sends" => crate::send_records::made(self.city, path).await,
            "line" => crate::line_records::made(self.city, path).await,
            "sealed" => crate::around_records::made(self.city, path).await,
            "figures" => self.reconciliation(path).await,
            "contacts" | "side-questions" | "incidents" | "macros" | "presence" => self.contact(is_form, path).await,
            "jobs" | "messages" | "simulators" => self.sent(path).await,
            _ => self.other(path).await,
        };
        let mut address = path.replace("{digest}", "x").replace("{name}", "staff.css");
        for (name, value) in names {
            address = address.replace(name, &value);
        }
        if path == "/people/{id}/merge" && !is_form {
            address = format!("{address}?other={}", form[0].1);
        }
        assert!(!address.contains('{'), "no record for {path}");
        (address, form)
    }

    /// Codes of the articles of 市民課.
    fn articles(&self) -> Vec<String> {
        let snapshot = self.city.state.library.snapshot();
        let own = snapshot.articles.iter().filter(|a| a.content.section == "shimin" && a.code != "tennyu");
        own.map(|a| a.code.clone()).collect()
    }

    /// An article of which there is no draft and that was not withdrawn.
    async fn untouched(&self) -> String {
        let drafts = self.city.texts("SELECT code AS v FROM draft").await;
        let public = self.articles().into_iter().take(TAKEN);
        public.into_iter().find(|code| !drafts.contains(code)).expect("an article")
    }

    async fn article(&self, is_form: bool, path: &str) -> Made {
        let code = |code: &str| vec![("{code}", code.to_owned()), ("{n}", "1".to_owned())];
        match path {
            "/articles/bulk" => (Vec::new(), form(&[("act", "review"), ("code", "tennyu"), ("review_due", &day())])),
            "/articles/views" => (Vec::new(), form(&[("name", "引っ越し"), ("query", "q=転入")])),
            "/articles/views/{id}/removal" => {
                self.author.post("/articles/views", &[("name", "消すもの"), ("query", "q=転出")]).await;
                let ids = self.city.texts("SELECT id AS v FROM saved_view WHERE name = '消すもの'").await;
                (vec![("{id}", ids.last().expect("a view").clone())], Vec::new())
            }
            "/articles/{code}/versions/{n}/restoration" => (code(&self.untouched().await), Vec::new()),
            "/articles/{code}/wordings" if is_form => (code("tennyu"), form(&[("text", "よその町から来た")])),
            "/articles/{code}/wordings/{id}/removal" => {
                self.author.post("/articles/tennyu/wordings", &[("text", "消す言い方")]).await;
                let ids = self.city.texts("SELECT id AS v FROM wording WHERE text = '消す言い方'").await;
                (vec![("{code}", "tennyu".to_owned()), ("{id}", ids.last().expect("a wording").clone())], Vec::new())
            }
            "/articles/{code}/withdrawal" => (code(&self.untouched().await), form(&[("reason", "制度が終わった")])),
            _ if is_form || path.contains('{') => (code("tennyu"), Vec::new()),
            _ => Default::default(),
        }
    }

    /// What a business system counted for 市民課.
    async fn reconciliation(&self, path: &str) -> Made {
        if !path.contains('{') {
            return Default::default();
        }
        let file = "date,section,count\n2026-11-20,shimin,3\n".as_bytes();
        let fields = [("system", "住民記録システム")];
        let sent = self.manager.post_file("/figures/reconciliation", &fields, "counts.csv", file).await;
        (vec![("{id}", led_to(&sent))], Vec::new())
    }

    /// A relation of the city's thesaurus, another one each time.
    async fn relation(&self, path: &str) -> Made {
        let fields = |other: String| vec![("term", "住民票".to_owned()), ("kind", "same".to_owned()), ("other", other)];
        let form = if path.ends_with("import") { Vec::new() } else { fields(format!("言いかえ{}", next())) };
        if !path.contains('{') {
            return (Vec::new(), form);
        }
        let other = format!("言いかえ{}", next());
        led_to(&self.post(&self.coordinator, "/thesaurus", &fields(other.clone())).await);
        let mut tx = self.city.test.db.read().await.expect("read");
        let all = knowledge::thesaurus::all(&mut tx).await.expect("relations");
        let made = all.into_iter().find(|r| r.relation.other == other).expect("the relation");
        (vec![("{id}", made.id)], form)
    }

    /// The fields of an editor.
    fn typed(&self, edit: &str) -> Vec<(&'static str, String)> {
        let code = format!("atarashii-{}", next());
        form(&[
            ("edit", edit),
            ("code", &code),
            ("section", "shimin"),
            ("main_topic", "moving"),
            ("question_ja", "転入届はいつまでですか"),
            ("summary_ja", "14日のうちに。"),
            ("answer_ja", "**窓口**で届けてください。"),
        ])
    }

    async fn post(&self, desk: &Desk<'_>, path: &str, form: &[(&'static str, String)]) -> Page {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        desk.post(path, &form).await
    }

    /// A 原稿 of a new article; its address and edit.
    async fn writing(&self) -> (String, String) {
        let id = led_to(&self.author.post("/drafts", &[("section", "shimin")]).await);
        let edit = self.author.get(&format!("/drafts/{id}")).await.hidden("edit");
        (id, edit)
    }

    /// One that waits for approval.
    async fn submitted(&self) -> (String, String) {
        let (id, edit) = self.writing().await;
        let sent = self.post(&self.author, &format!("/drafts/{id}/submission"), &self.typed(&edit)).await;
        assert!(sent.location().ends_with("done=submitted"), "{}", sent.location());
        let page = self.approver.get(&format!("/drafts/{id}")).await;
        (id, page.hidden("edit"))
    }

    /// What the author wrote and could not save.
    async fn rescued(&self) -> (String, String, String) {
        let (id, edit) = self.writing().await;
        self.post(&self.manager, &format!("/drafts/{id}"), &self.typed(&edit)).await;
        let mut other = self.typed(&edit);
        other.push(("answer_easy", "窓口(まどぐち)へ".into()));
        let clash = self.post(&self.author, &format!("/drafts/{id}"), &other).await;
        let rescue = led_to(&clash);
        let edit = self.author.get(clash.location()).await.hidden("edit");
        (id, rescue, edit)
    }

    /// A 原稿 behind its article.
    async fn behind(&self) -> (String, String) {
        let id = led_to(&self.author.post("/articles/tennyu/draft", &[]).await);
        let bulk = [("act", "review"), ("code", "tennyu"), ("review_due", &day())];
        assert!(self.approver.post("/articles/bulk", &bulk).await.location().contains("done=saved"));
        let page = self.author.get(&format!("/drafts/{id}/rebase")).await;
        (id, page.hidden("published"))
    }

    async fn draft(&self, is_form: bool, path: &str) -> Made {
        let with = |id: String, form| (vec![("{id}", id)], form);
        if path.contains("{rescue}") {
            let (id, rescue, edit) = self.rescued().await;
            let form = form(&[("edit", &edit), ("take.code.ja", "mine")]);
            return (vec![("{id}", id), ("{rescue}", rescue)], form);
        }
        match path {
            "/drafts" if is_form => (Vec::new(), form(&[("section", "shimin")])),
            "/drafts" => Default::default(),
            "/drafts/{id}/approval" => {
                let (id, edit) = self.submitted().await;
                with(id, form(&[("edit", &edit)]))
            }
            "/drafts/{id}/return" => with(self.submitted().await.0, form(&[("remark", "期限も書いてください")])),
            "/drafts/{id}/recall" => with(self.submitted().await.0, Vec::new()),
            "/drafts/{id}/undo" => {
                let (id, _) = self.writing().await;
                self.author.post(&format!("/drafts/{id}/discard"), &[]).await;
                with(id, Vec::new())
            }
            "/drafts/{id}/rebase" => {
                let (id, published) = self.behind().await;
                with(id, form(&[("published", &published)]))
            }
            "/drafts/{id}/comment" => with(self.writing().await.0, form(&[("remark", "見ました")])),
            _ => {
                let (id, edit) = self.writing().await;
                with(id, self.typed(&edit))
            }
        }
    }

    /// A question that came to 市民課: its id and short number.
    async fn left(&self, words: &str) -> (String, String) {
        let token = format!("{:032x}", 0xabcd_0000 + next());
        let sent = self.city.post("/questions", &[("submission", &token), ("body", words)]).await;
        self.city.work().await;
        let number = sent.location().split('/').nth(2).expect("a number").to_owned();
        let mut tx = self.city.test.db.read().await.expect("read");
        let found = knowledge::question::one(&mut tx, &format!("質問-{number}")).await.expect("read").expect("there");
        assert_eq!(found.section.as_deref(), Some("shimin"));
        (found.id, number)
    }

    async fn group(&self, path: &str) -> Made {
        if path == "/board" {
            return Default::default();
        }
        let (question, _) = self.left(OF_BOARD).await;
        let (db, clock) = (&self.city.test.db, self.city.test.clock.as_ref());
        let mut tx = db.write().await.expect("write");
        store::changes::bump(&mut tx, knowledge::board::CHANGE_TOPIC).await.expect("bumped");
        tx.commit().await.expect("commit");
        let groups = self.city.state.board.groups(db, clock).await.expect("groups");
        let group = groups.iter().find(|g| g.question_ids().contains(&question)).expect("a group").clone();
        if path.ends_with("restoration") {
            self.author.post(&format!("/board/{}/dismissal", group.id), &[("reason", "説明ずみ")]).await;
        }
        let mut form = form(&[("article", "tenshutsu"), ("reason", "説明ずみ")]);
        form.push(("question", question));
        (vec![("{id}", group.id)], form)
    }

    async fn question(&self, path: &str) -> Made {
        if path == "/questions" {
            return Default::default();
        }
        let (_, number) = self.left(OF_LIST).await;
        let form = if path.ends_with("hand-over") {
            form(&[("section", "kankyo"), ("remark", "担当ちがい")])
        } else {
            form(&[("text", "印鑑は要りません。")])
        };
        (vec![("{number}", number)], form)
    }

    /// An inquiry of 市民課 to itself; nobody else takes part.
    async fn inquiry(&self, path: &str) -> Made {
        let new = [
            ("asker", "shimin"),
            ("title", "窓口の混みぐあい"),
            ("body", "月ごとに教えてください。"),
            ("due_on", "2026-12-18"),
            ("section", "shimin"),
        ];
        if path == "/inquiries/new" {
            return (Vec::new(), form(&new));
        }
        if path == "/inquiries" {
            return Default::default();
        }
        let number = led_to(&self.manager.post("/inquiries/new", &new).await);
        let answer = [("section", "shimin"), ("counter", "1"), ("answer", "30分です"), ("step", "send")];
        let step = path.rsplit('/').next().unwrap_or_default();
        if matches!(step, "accept" | "return" | "answers.csv") {
            let done = self.author.post(&format!("/inquiries/{number}/answer"), &answer).await;
            assert!(done.location().ends_with("done=answered"));
        }
        let form = match step {
            "answer" => form(&answer),
            "accept" | "return" => form(&[("section", "shimin"), ("counter", "2"), ("reason", "月ごとに")]),
            _ => form(&[("section", "shimin"), ("due_on", "2026-12-25"), ("reason", "忙しい")]),
        };
        (vec![("{number}", number)], form)
    }

    /// The round of the year, and an article of it that nobody went through.
    async fn round_item(&self, path: &str) -> Made {
        let new = |year: &str, due: &str| {
            form(&[
                ("fiscal_year", year),
                ("asker", "kocho"),
                ("due_on", due),
                ("which", "some"),
                ("section", "shimin"),
            ])
        };
        if path == "/rounds/new" {
            return (Vec::new(), new("2027", "2027-06-18"));
        }
        if path == "/rounds" {
            return Default::default();
        }
        self.round
            .get_or_init(async || {
                if self.city.texts("SELECT period AS v FROM inquiry WHERE period = '2026'").await.is_empty() {
                    led_to(&self.post(&self.coordinator, "/rounds/new", &new("2026", "2026-12-18")).await);
                }
            })
            .await;
        let snapshot = self.city.state.library.snapshot();
        let codes = self.articles().split_off(TAKEN);
        let of = |code: &String| snapshot.by_code(code).expect("article").id.clone();
        let (again, rest) = codes.split_last().expect("articles of the round");
        let open = "SELECT object AS v FROM inquiry_item WHERE state = 'open'
            AND inquiry = (SELECT id FROM inquiry WHERE period = '2026')";
        let open = self.city.texts(open).await;
        let item = if path.ends_with("reopen") {
            let id = of(again);
            if open.contains(&id) {
                let confirm = format!("/rounds/2026/items/{id}/confirm");
                led_to(&self.author.post(&confirm, &[("section", "shimin")]).await);
            }
            id
        } else {
            rest.iter().map(of).find(|id| open.contains(id)).expect("an article that is left")
        };
        let form = form(&[("section", "shimin"), ("counter", "1"), ("note", "制度が終わった")]);
        (vec![("{fiscal_year}", "2026".into()), ("{id}", item)], form)
    }

    /// The form of a new account of 市民課, and its log-in name.
    fn new_account(&self) -> (Vec<(&'static str, String)>, String) {
        let login = format!("shinnin-{}", next());
        let pairs = [("name", "新任 作成者"), ("section", "shimin"), ("from", "2026-11-23"), ("role", "author")];
        let mut fields = form(&pairs);
        fields.push(("login", login.clone()));
        (fields, login)
    }

    /// An operator of 市民課.
    async fn operator_account(&self, path: &str) -> Made {
        if path == "/operators" {
            return Default::default();
        }
        let (id, _) = self.invited().await;
        let role = [("role", "operator"), ("section", "shimin"), ("from", "2026-11-23")];
        led_to(&self.admins[0].post(&format!("/accounts/{id}/roles"), &role).await);
        (vec![("{id}", id)], form(&[("most", "3"), ("skill", "topic:moving")]))
    }

    /// An account that was invited: its id, and the page with the invitation.
    async fn invited(&self) -> (String, Page) {
        let (fields, login) = self.new_account();
        let page = self.post(&self.admins[0], "/accounts", &fields).await;
        let mut tx = self.city.test.db.read().await.expect("read");
        let found = access::store::account::secrets_of_login(&mut tx, &login).await.expect("read").expect("made");
        (found.id, page)
    }

    async fn account(&self, is_form: bool, path: &str) -> Made {
        match path {
            "/accounts" if is_form => return (Vec::new(), self.new_account().0),
            "/accounts" | "/accounts/new" => return Default::default(),
            "/accounts/{id}/sessions/end" => {
                let (account, session) = self.session().await;
                return (vec![("{id}", account)], vec![("session", session)]);
            }
            _ => {}
        }
        let (id, _) = self.invited().await;
        let mut tx = self.city.test.db.read().await.expect("read");
        let held = access::store::account::assignments(&mut tx, Some(&id)).await.expect("read").remove(0);
        let grant = access::store::account::grants(&mut tx, Some(&id)).await.expect("read").remove(0);
        let form = match path {
            "/accounts/{id}/assignments" => {
                form(&[("section", "kokuho"), ("from", "2026-12-01"), ("concurrent", "on")])
            }
            "/accounts/{id}/assignments/end" => form(&[("assignment", &held.id), ("last", "2026-12-31")]),
            "/accounts/{id}/transfer" => form(&[("section", "kankyo"), ("from", "2026-12-01")]),
            "/accounts/{id}/roles" => form(&[("role", "approver"), ("section", "shimin"), ("from", "2026-12-01")]),
            "/accounts/{id}/roles/end" => form(&[("grant", &grant.id), ("last", "2026-12-31")]),
            "/accounts/{id}/reset" => form(&[("reason", "端末をなくした")]),
            "/accounts/{id}/mail" => form(&[("mail", "shinnin@minamo.example")]),
            _ => form(&[("name", "新任 承認者")]),
        };
        (vec![("{id}", id)], form)
    }

    /// Another browser in which the author is logged in: ids of account and session.
    pub(crate) async fn session(&self) -> (String, String) {
        let other = self.city.staff("shimin-sakusei").await;
        let token = other.cookie.split_once('=').expect("a cookie").1;
        let mut tx = self.city.test.db.read().await.expect("read");
        let found = access::store::account::secrets_of_login(&mut tx, "shimin-sakusei").await.expect("read");
        (found.expect("the author").id, ids::digest(token))
    }

    /// A change that waits for a second person; one's own is taken back, another's is decided on.
    async fn change(&self, path: &str) -> Made {
        if path == "/changes" {
            return Default::default();
        }
        let asks = &self.admins[usize::from(path.ends_with("decide"))];
        let (account, _) = self.invited().await;
        led_to(&asks.post(&format!("/accounts/{account}/reset"), &[("reason", "端末をなくした")]).await);
        let mut tx = self.city.test.db.read().await.expect("read");
        let all = access::two_person::latest(&mut tx, self.city.test.clock.as_ref(), 500).await.expect("changes");
        let change = all.into_iter().find(|c| c.object == account).expect("the change");
        (vec![("{id}", change.id)], form(&[("decision", "refuse"), ("remark", "見つかった")]))
    }

    async fn section(&self, path: &str) -> Made {
        let closure = form(&[
            ("from", "2027-02-01"),
            ("section", "shimin"),
            ("reason", "配線工事"),
            ("reason_easy", "配線工事(はいせんこうじ)"),
            ("reason_en", "Check"),
        ]);
        match path {
            "/organisation/{code}" => {
                let fields = form(&[
                    ("from", "2027-01-04"),
                    ("phone", "000-999-0000"),
                    ("place", "本庁1階"),
                    ("place_easy", "1階"),
                    ("place_en", "1st floor"),
                    ("duties", "住民票"),
                    ("hours_1", "09:00-17:00"),
                ]);
                (vec![("{code}", "shimin".into())], fields)
            }
            "/closures/{id}/remove" => {
                self.post(&self.admins[0], "/closures", &closure).await;
                let ids = self.city.texts("SELECT id AS v FROM closure WHERE reason = '配線工事'").await;
                (vec![("{id}", ids.last().expect("a closure").clone())], Vec::new())
            }
            _ => (Vec::new(), closure),
        }
    }

    /// A reorganisation with one step, which ends a section.
    async fn prepared(&self, section: &'static str) -> String {
        let new = [("name", "令和9年度"), ("takes_effect_on", "2027-04-01")];
        let id = led_to(&self.admins[0].post("/reorganisations", &new).await);
        let step = [("kind", "end"), ("section", section), ("successor", "bunka")];
        led_to(&self.admins[0].post(&format!("/reorganisations/{id}/steps"), &step).await);
        id
    }

    /// One that two persons scheduled.
    async fn in_schedule(&self) -> String {
        let id = self.prepared("koen").await;
        led_to(&self.admins[0].post(&format!("/reorganisations/{id}/schedule"), &[("reason", "議決ずみ")]).await);
        let mut tx = self.city.test.db.read().await.expect("read");
        let all = access::two_person::latest(&mut tx, self.city.test.clock.as_ref(), 500).await.expect("changes");
        drop(tx);
        let change = &all.iter().find(|c| c.object == id).expect("the change").id;
        led_to(&self.admins[1].post(&format!("/changes/{change}/decide"), &[("decision", "approve")]).await);
        id
    }

    async fn reorganisation(&self, is_form: bool, path: &str) -> Made {
        let head = [("name", "令和9年度"), ("takes_effect_on", "2027-04-01")];
        match path {
            "/reorganisations" if is_form => return (Vec::new(), form(&head)),
            "/reorganisations" | "/reorganisations/new" => return Default::default(),
            "/reorganisations/{id}/unschedule" => {
                let id = self.scheduled.get_or_init(|| self.in_schedule()).await;
                return (vec![("{id}", id.clone())], Vec::new());
            }
            _ => {}
        }
        let id = self.prepared("sports").await;
        let mut tx = self.city.test.db.read().await.expect("read");
        let (found, steps) = city::reorganisation::get(&mut tx, &id).await.expect("there");
        let mut fields = match path {
            "/reorganisations/{id}/steps" => form(&[("kind", "end"), ("section", "toshokan"), ("successor", "bunka")]),
            "/reorganisations/{id}" => form(&head),
            _ => form(&[("reason", "議決ずみ"), ("step", &steps[0].id)]),
        };
        fields.push(("counter", found.counter.to_string()));
        (vec![("{id}", id)], fields)
    }

    async fn other(&self, path: &str) -> Made {
        match path {
            "/invitations/{token}" => {
                let (_, page) = self.invited().await;
                let secret = "00".repeat(20);
                let form = form(&[("secret", &secret), ("password", "a"), ("again", "b")]);
                (vec![("{token}", after(&page, "/invitations/").to_owned())], form)
            }
            "/me/sessions/{id}/end" => (vec![("{id}", self.session().await.1)], Vec::new()),
            "/settings" => (Vec::new(), form(&[("name", "knowledge.review_months"), ("value", "6")])),
            _ => Default::default(),
        }
    }
}
