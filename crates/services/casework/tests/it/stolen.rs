//! Steal everything: the database with all its tables holds no word, no name, no time of a case, and no receipt.

use calendar::Clock;
use casework::attachment::{self, FolderBlobs};
use casework::conference::{self, Attendee, Conference, ConferenceKind, Held, Whom};
use casework::entry::{Consent, Party, ReferralState, Role, What, Wishes};
use casework::participant::{self, Invite, PartnerKind};
use casework::recommendation::{RecommendationKind, Recommended};
use casework::recovery::{self, NewSet};
use casework::support::{SupportAsk, SupportKind};
use casework::welfare::{self, Background, Child, Matter};
use casework::{Unlocked, case::BULLYING, glass, partner, report};
use store::{Sql, params};
use testkit::on_both_engines;

use crate::town::{Town, invite, item};

const SECRETS: [&str; 20] = [
    "体育館のうら",
    "東小学校",
    "被害児童の名前",
    "親に言わないで",
    "内部のメモ",
    "家庭の事情",
    "加害児童の名前",
    "判定の理由",
    "だれも出られない",
    "見せる家のこと",
    "保護者の同意のことば",
    "連携の目的",
    "訪問した結果",
    "ヤングケアラーの暮らし",
    "座席を替えてください",
    "取り消した理由",
    "会議室の名前",
    "会議の議題",
    "会議録のことば",
    "弁護士に相談したい",
];

/// Every cell of every table, as text and as bytes in hexadecimal.
pub(crate) async fn everything(town: &Town) -> String {
    let mut tx = town.test.db.read().await.expect("read");
    let mut all = String::new();
    for table in store::schema::read(&mut tx).await.expect("tables").into_keys() {
        let rows = tx.rows(Sql::built(format!("SELECT * FROM {table}")), params![]).await.expect("rows");
        for row in rows {
            all.push_str(&format!("{table} {row:?}\n"));
        }
    }
    all
}

pub(crate) fn hexed(text: &str) -> String {
    store::secret::hex(text.as_bytes())
}

/// As `Debug` shows bytes.
pub(crate) fn listed(text: &str) -> String {
    let all = format!("{:?}", text.as_bytes());
    all[1..all.len() - 1].to_owned()
}

/// The bytes of a printed share (Crockford's base 32).
fn unbased(digits: &str) -> Vec<u8> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0u32, 0);
    for digit in digits.chars() {
        let value = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".find(digit).expect("a digit of a share");
        held = (held << 5 | value as u32) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    bytes
}

/// Everything that comes from outside or is guarded.
async fn outside(town: &Town, desk: &Unlocked, case: &str) {
    let house = town.house();
    town.partners(&["p1"]).await;
    town.write(desk, case, vec![What::Wished(Wishes { school_may_know: Consent::Yes, ..Wishes::default() })])
        .await
        .expect("wished");
    let seen = town.version(desk, case).await;
    let invite = Invite {
        purpose: "連携の目的", consent: "保護者の同意のことば", ..invite("p1", PartnerKind::School)
    };
    let (_, id) = participant::invite(house, town.rng().as_mut(), desk, case, seen, invite).await.expect("invited");
    let view = town
        .disclosed(desk, case, &id, &[item("題名", "見せる家のこと"), item("題名", "見せる家のこと 二")])
        .await
        .expect("disclosed");
    let first = view.file.participants[0].disclosures[0].disclosed.id.clone();
    participant::withdraw(house, town.rng().as_mut(), desk, case, view.clear.version, (&first, "取り消した理由"))
        .await
        .expect("withdrawn");
    town.write(
        desk,
        case,
        vec![
            What::Referred {
                id: "r".into(),
                to: "東小学校".into(),
                reaches_school: true,
                purpose: "連携の目的".into(),
                consent: "保護者の同意のことば".into(),
                participant: Some(id.clone()),
            },
            What::Recommended(Recommended {
                id: "k".into(),
                kind: RecommendationKind::Guidance,
                to: "東小学校".into(),
                participant: Some(id.clone()),
                words: "座席を替えてください".into(),
                answer_by: None,
            }),
        ],
    )
    .await
    .expect("written");
    let partner = town.unlocked("p1").await;
    partner::say(house, town.rng().as_mut(), &partner, case, "訪問した結果").await.expect("said");
    partner::move_referral(house, town.rng().as_mut(), &partner, case, "r", (ReferralState::Rejected, "訪問した結果"))
        .await
        .expect("moved");
    partner::answer(house, town.rng().as_mut(), &partner, case, "k", "訪問した結果").await.expect("answered");
    let seen = town.version(desk, case).await;
    let meeting = Conference {
        id: "m".into(),
        kind: ConferenceKind::Case,
        starts_at: town.test.clock.now(),
        place: "会議室の名前".into(),
        agenda: vec!["会議の議題".into()],
        attendees: vec![Attendee { whom: Whom::Participant(id.clone()), reaches_school: true, may_see: vec![] }],
    };
    let (view, _) =
        conference::plan(house, town.rng().as_mut(), desk, case, seen, (meeting, &[])).await.expect("planned");
    let held = Held { id: "m".into(), minutes: "会議録のことば".into(), decisions: vec![], judgement: None };
    conference::hold(house, town.rng().as_mut(), desk, case, view.clear.version, (held, &[id])).await.expect("held");
    let ask = SupportAsk {
        id: "s".into(),
        kind: SupportKind::LawyerFee,
        words: "弁護士に相談したい".into(),
        amount_yen: None,
    };
    town.write(desk, case, vec![What::SupportAsked(ask)]).await.expect("written");
    let seen = town.version(desk, case).await;
    let background =
        Background {
            child: Child::Victim, matters: vec![Matter::YoungCarer], words: "ヤングケアラーの暮らし".into()
        };
    welfare::write(house, town.rng().as_mut(), desk, case, seen, background).await.expect("written");
}

on_both_engines! {
    async fn a_stolen_database_says_nothing(t: TestDb) {
        let town = Town::found(t).await;
        town.officers(&["o1", "o2", "o3"]).await;
        let set = NewSet { desk: BULLYING, officers: &["o1", "o2", "o3"], needed: 2 };
        let printed = recovery::make(town.house(), town.rng().as_mut(), "account:admin", set).await.expect("made");
        let (receipt, child) = town.told("体育館のうらで、いつも").await;
        let wishes = Wishes { unwanted: "親に言わないで".into(), ..Wishes::default() };
        report::say(town.house(), town.rng().as_mut(), &child, What::Wished(wishes)).await.expect("said");
        let desk = town.unlocked("c1").await;
        let party = |id: &str, role, name: &str| What::Party(Party {
            id: id.into(), role, name: name.into(), school: "東小学校".into(), account: None, section: None,
        });
        town.write(&desk, &child.case, vec![
            party("v", Role::Victim, "被害児童の名前"),
            party("a", Role::Accused, "加害児童の名前"),
            What::Note { words: "内部のメモ、家庭の事情".into() },
            What::Judged { is_bullying: true, why: "判定の理由".into() },
        ]).await.expect("written");
        outside(&town, &desk, &child.case).await;
        // One request for the glass is answered, one waits.
        let reason = "だれも出られない夜です";
        for (first, second) in [("o1", "o2"), ("o3", "o1")] {
            let asks = town.unlocked(first).await;
            let request = glass::ask(town.house(), town.rng().as_mut(), &asks, &child.case, second, reason).await.expect("asked");
            if first == "o1" {
                glass::agree(town.house(), town.rng().as_mut(), &town.unlocked(second).await, &request).await.expect("agreed");
            }
        }
        let all = everything(&town).await;
        for table in ["recovery_escrow", "case_glass", "glass_request", "glass_hand"] {
            assert!(all.contains(&format!("{table} ")), "{table} is empty");
        }
        assert!(all.contains("sealed_case") && all.contains("case_record") && all.len() > 5_000, "{}", all.len());
        for secret in SECRETS {
            for form in [secret.to_owned(), hexed(secret), listed(secret)] {
                assert!(!all.contains(&form), "{secret} is in the database");
            }
        }
        // Nor the receipt, its secret half, or a passphrase.
        let shown = receipt.shown();
        let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
        for part in [shown.as_str(), &digits, &digits[6..], crate::town::PASSPHRASE] {
            assert!(!all.contains(part), "a secret is in the database");
        }
        // Nor a share: not as it is printed, not without its hyphens, not as the bytes that it stands for.
        for share in &printed {
            let shown = share.share.shown();
            let plain = shown.replace('-', "");
            let bytes = unbased(&plain);
            assert_eq!(bytes.len(), 45);
            // The secret part alone: set, numbers and checksum are none.
            let secret = &bytes[9..41];
            let listed = format!("{secret:?}");
            for form in [shown.as_str(), &plain, &plain[16..64], &store::secret::hex(secret), &listed[1..listed.len() - 1]] {
                assert!(!all.contains(form), "a share is in the database");
            }
        }
        // The rows of a case do not say when it was written: no instant of this morning but due ones.
        let ids = town.rows("SELECT id FROM case_record").await;
        for row in ids {
            let id: String = row.get("id").expect("text");
            assert_eq!(id.as_bytes()[14], b'4', "{id} tells a time");
        }
    }

    /// Neither the store of files nor the database holds a word of a file, its name, or its true length.
    async fn stolen_files_say_nothing(t: TestDb) {
        let town = Town::found(t).await;
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = FolderBlobs::open(folder.path()).expect("opened");
        let (_, child) = town.told("日記を送ります").await;
        let content = "体育館のうらで、いつも。".repeat(4_000);
        let mut upload = attachment::begin_by_reporter(town.house(), town.rng().as_mut(), &blobs, &child, "秘密の日記.txt").await.expect("begun");
        upload.take(content.as_bytes()).expect("taken");
        // Also while it arrives.
        let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
        let read = || -> Vec<(String, Vec<u8>)> {
            let all = std::fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("a file"));
            all.map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("read"))).collect()
        };
        let arriving = read();
        let file = upload.finish().expect("whole");
        attachment::attach_by_reporter(town.house(), town.rng().as_mut(), &child, file).await.expect("attached");
        let (whole, all) = (read(), everything(&town).await);
        assert!(arriving.len() == 1 && whole.len() == 1 && arriving[0].1.len() > 65_536 && whole[0].1.len() > content.len());
        assert_ne!(whole[0].1.len(), content.len() + 20, "padded");
        assert!(all.contains(&whole[0].0), "the id of its bytes is what the database knows");
        for secret in ["体育館のうら", "秘密の日記", ".txt", "text/plain"] {
            for (name, bytes) in arriving.iter().chain(&whole) {
                assert!(!name.contains(secret) && !holds(bytes, secret), "{secret} is in the store of files");
            }
        }
        for secret in ["体育館のうら", "秘密の日記", &content.len().to_string()] {
            for form in [secret.to_owned(), hexed(secret), listed(secret)] {
                assert!(!all.contains(&form), "{secret} is in the database");
            }
        }
        assert_eq!(town.number("SELECT count(*) AS n FROM case_blob WHERE reserved_at IS NOT NULL").await, 0, "nor when it came");
    }

    /// Sizes tell little: a short word and a long sentence are as long.
    async fn padding_hides_how_much_was_said(t: TestDb) {
        let town = Town::found(t).await;
        let (_, child) = town.told("はい").await;
        let size = async || town.number("SELECT CAST(length(body) AS BIGINT) AS n FROM case_record ORDER BY seq DESC LIMIT 1").await;
        let mut sizes = std::collections::BTreeSet::new();
        for words in ["はい", "ちがいます", "学校には言わないでください"] {
            report::say(town.house(), town.rng().as_mut(), &child, What::Said { words: words.into() }).await.expect("said");
            sizes.insert(size().await);
        }
        assert_eq!(sizes.len(), 1, "{sizes:?}");
    }
}
