//! The partner's face: what was disclosed, with the consent, and nothing else; what a partner answers.

use axum::http::StatusCode;
use casework::case::{self, BULLYING};
use casework::entry::{By, Channel, Speaker, What, Wishes};
use casework::member::{self, DeskRole};
use casework::participant::{self, Invite, Item, PartnerKind};
use casework::{Premises, Unlocked, report};
use testkit::{TestDb, on_both_engines};

use crate::support::{City, Desk};

const PASSPHRASE: &str = "やさしい 風が 庭を 通る";
const SECRET: &str = "だれにも言わないでほしい秘密のことば";

/// A city whose desk has a case in which 教育委員会 takes part.
struct Town {
    city: City,
    premises: Premises,
    consultant: Unlocked,
    case: String,
    participant: String,
}

async fn account(city: &City, login: &str) -> String {
    let mut tx = city.test.db.read().await.expect("read");
    access::store::account::secrets_of_login(&mut tx, login).await.expect("read").expect(login).id
}

impl Town {
    async fn found(test: TestDb) -> Town {
        let city = City::new(test).await;
        let keeping = city.state.sealed.clone().expect("sealed desks");
        let (db, clock) = (city.test.db.clone(), city.test.clock.clone());
        let premises = Premises::read(keeping, db, clock, &city.state.organisation()).await.expect("premises");
        for (login, role) in [("ijime-1", DeskRole::Consultant), ("kyoi", DeskRole::Partner)] {
            let id = account(&city, login).await;
            member::join(premises.house(), "account:admin", BULLYING, &id, role, "異動のため").await.expect("joined");
            let rng = (city.test.entropy_source())();
            member::make_key(premises.house(), rng, &id, login, PASSPHRASE).await.expect("a key");
        }
        let id = account(&city, "ijime-1").await;
        let mut rng = city.test.rng();
        let cookie = member::unlock(premises.house(), &mut rng, &id, PASSPHRASE).await.expect("unlocked");
        let consultant = member::unlocked(premises.house(), &id, &cookie).await.expect("open");
        let new = case::NewCase {
            desk: BULLYING,
            channel: Channel::Web,
            speaker: Speaker::Child,
            school: "東小学校",
            words: SECRET,
            wishes: Wishes::default(),
            signs: Vec::new(),
            by: By::Reporter,
        };
        report::begin(premises.house(), (city.test.entropy_source())(), new).await.expect("begun");
        let listed = case::list(premises.house(), &consultant, BULLYING).await.expect("listed");
        let case = listed[0].clear.id.clone();
        let mut town = Town { city, premises, consultant, case, participant: String::new() };
        let invite = Invite {
            account: &account(&town.city, "kyoi").await,
            kind: PartnerKind::Welfare,
            reaches_school: false,
            purpose: "学びの相談を頼む",
            consent: "保護者が電話で「話してよい」と言った",
        };
        let version = town.version().await;
        let mut rng = town.city.test.rng();
        let invited =
            participant::invite(town.premises.house(), &mut rng, &town.consultant, &town.case, version, invite).await;
        town.participant = invited.expect("invited").1;
        town
    }

    async fn version(&self) -> i64 {
        case::view(self.premises.house(), &self.consultant, &self.case).await.expect("read").clear.version
    }

    async fn write(&self, what: What) {
        let (version, mut rng) = (self.version().await, self.city.test.rng());
        case::add(self.premises.house(), &mut rng, &self.consultant, &self.case, version, vec![what])
            .await
            .expect("written");
    }

    /// Somebody logged in, with their keys open.
    async fn open(&self, login: &str) -> Desk<'_> {
        let mut desk = self.city.staff(login).await;
        let answer = desk.post("/sealed/unlock", &[("passphrase", PASSPHRASE), ("next", "/partner")]).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/partner"), "{}", answer.body);
        let cookie = answer.headers.get("set-cookie").expect("a cookie").to_str().expect("text");
        desk.cookie = format!("{}; {}", desk.cookie, cookie.split(';').next().expect("a value"));
        desk
    }
}

on_both_engines! {
    async fn a_partner_sees_what_was_disclosed_and_nothing_else(test: TestDb) {
        let town = Town::found(test).await;
        let item = Item { from_entry: None, title: "いまの様子".into(), words: Some("欠席が続いている".into()) };
        let version = town.version().await;
        let mut rng = town.city.test.rng();
        let told = (town.participant.as_str(), &[item][..]);
        participant::disclose(town.premises.house(), &mut rng, &town.consultant, &town.case, version, told)
            .await
            .expect("disclosed");
        town.write(What::Note { words: "窓口だけのメモ".into() }).await;

        let desk = town.open("kyoi").await;
        let list = desk.get("/partner").await;
        assert_eq!(list.status, StatusCode::OK, "{}", list.body);
        assert!(list.main().contains("学びの相談を頼む"), "{}", list.body);
        let page = desk.get(&format!("/partner/cases/{}", town.case)).await;
        assert_eq!(page.status, StatusCode::OK);
        for shown in ["欠席が続いている", "保護者が電話で", "福祉"] {
            assert!(page.main().contains(shown), "{shown}: {}", page.body);
        }
        for hidden in [SECRET, "窓口だけのメモ", "東小学校", "いじめ-"] {
            assert!(!page.body.contains(hidden) && !list.body.contains(hidden), "{hidden}");
        }
        for answer in [&list, &page] {
            assert_eq!(answer.headers["cache-control"], "no-store");
        }
        // The desk's own pages of the case are not there for them.
        for path in ["/sealed", &format!("/sealed/cases/{}", town.case), &format!("/sealed/cases/{}/print", town.case)] {
            assert_eq!(desk.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }

    async fn a_partner_answers_what_was_asked(test: TestDb) {
        let town = Town::found(test).await;
        town.write(What::Referred {
            id: "r1".into(),
            to: "教育委員会".into(),
            reaches_school: false,
            purpose: "学習支援".into(),
            consent: "本人と保護者".into(),
            participant: Some(town.participant.clone()),
        })
        .await;
        let desk = town.open("kyoi").await;
        let path = format!("/partner/cases/{}", town.case);
        assert!(desk.get(&path).await.main().contains("学習支援"));

        // Without a reason nothing is refused, and what was typed is there.
        let state = format!("{path}/referrals/r1/state");
        let refused = desk.post(&state, &[("state", "rejected"), ("reason", "")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.main().contains("理由を書いてください"), "{}", refused.body);
        let odd = desk.post(&state, &[("state", "revoked"), ("reason", "x")]).await;
        assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY, "only the desk takes a referral back");

        assert_eq!(desk.post(&state, &[("state", "accepted"), ("reason", "")]).await.status, StatusCode::SEE_OTHER);
        let page = desk.get(&path).await;
        assert!(page.main().contains("引き受けています"), "{}", page.body);
        let empty = desk.post(&format!("{path}/messages"), &[("words", " ")]).await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            desk.post(&format!("{path}/messages"), &[("words", "あす訪問します")]).await.status,
            StatusCode::SEE_OTHER
        );
        let seen = case::view(town.premises.house(), &town.consultant, &town.case).await.expect("read");
        let said: Vec<_> = seen.file.participants.iter().flat_map(|p| p.said.iter().map(|w| w.words.as_str())).collect();
        assert_eq!(said, ["あす訪問します"]);
        assert_eq!(seen.file.referrals[0].state, casework::entry::ReferralState::Accepted);
    }

    async fn nobody_else_finds_the_partners_pages(test: TestDb) {
        let town = Town::found(test).await;
        let path = format!("/partner/cases/{}", town.case);
        // A consultant reads the case at the desk, and is no partner; without an open desk nobody sees anything.
        let consultant = town.open("ijime-1").await;
        assert_eq!(consultant.get("/partner").await.status, StatusCode::NOT_FOUND);
        let locked = town.city.staff("kyoi").await;
        assert!(locked.get(&path).await.location().starts_with("/sealed/unlock?next="));
        let admin = town.city.staff("kanri-1").await;
        assert_eq!(admin.get(&path).await.status, StatusCode::NOT_FOUND);
        // Whoever was parted sees no trace.
        let partner = town.open("kyoi").await;
        assert_eq!(partner.get(&path).await.status, StatusCode::OK);
        let (version, mut rng) = (town.version().await, town.city.test.rng());
        let end = (town.participant.as_str(), "役目が終わった");
        participant::uninvite(town.premises.house(), &mut rng, &town.consultant, &town.case, version, end)
            .await
            .expect("parted");
        assert_eq!(partner.get(&path).await.status, StatusCode::NOT_FOUND);
        assert!(partner.get("/partner").await.main().contains("参加している事案はありません"));
    }

    async fn a_listener_of_partners_has_nothing_else(test: TestDb) {
        let town = Town::found(test).await;
        let alone = town.city.inside(&[web::Face::Partner]);
        let ask = async |path: &str, cookie: &str| {
            let request = axum::http::Request::get(path).header("cookie", cookie);
            crate::support::send(&alone, request).await
        };
        let admin = town.city.staff("kanri-1").await;
        for path in ["/accounts", "/sealed", "/articles", "/contacts", "/audit"] {
            assert_eq!(ask(path, &admin.cookie).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        let partner = town.open("kyoi").await;
        assert_eq!(ask("/", &partner.cookie).await.location(), "/partner");
        assert_eq!(ask("/partner", &partner.cookie).await.status, StatusCode::OK);
        assert_eq!(ask("/login", "").await.status, StatusCode::OK);
        assert_eq!(ask("/sealed/unlock", &partner.cookie).await.status, StatusCode::SEE_OTHER);
        // The menu leads nowhere but to what this listener has.
        assert!(ask("/me", &partner.cookie).await.body.contains("href=\"/partner\""));
        let consultant = town.city.staff("ijime-1").await;
        for path in ["/me", "/nothing"] {
            let page = ask(path, &consultant.cookie).await;
            for part in ["href=\"/sealed\"", "href=\"/partner\"", "href=\"/articles\"", "href=\"/admin\""] {
                assert!(!page.body.contains(part), "{path} {part}: {}", page.body);
            }
        }
        for (faces, menu) in [
            (&[web::Face::Staff][..], &["href=\"/\""][..]),
            (&[web::Face::Desk][..], &["href=\"/sealed\""]),
            (&[web::Face::Staff, web::Face::Desk][..], &["href=\"/\"", "href=\"/sealed\""]),
        ] {
            let listener = town.city.inside(faces);
            let request = axum::http::Request::get("/me").header("cookie", &consultant.cookie);
            let page = crate::support::send(&listener, request).await;
            let nav = page.body.split("<nav aria-label=\"メニュー\">").nth(1).expect("a menu").split("</nav>").next().expect("its end");
            for part in ["href=\"/\"", "href=\"/sealed\"", "href=\"/partner\""] {
                assert_eq!(nav.contains(part), menu.contains(&part), "{faces:?} {part}: {nav}");
            }
            let partner = crate::support::send(&listener, axum::http::Request::get("/me").header("cookie", &partner.cookie)).await;
            assert!(!partner.body.contains("href=\"/partner\""), "{faces:?}");
        }
    }
}
