//! Pictures and files in a conversation.

use std::time::Duration;

use contact::attachment::{self, Attachment, Kind, MAX_BYTES, Ready, Refusal, Sent, prepare};
use contact::staff::reply::{self, NewReply};
use contact::staff::{hold, join};
use contact::{ContactError, EventKind, Invalid, MessageKind, State, citizen, retention};
use store::worker::{Registry, Worker};
use testkit::on_both_engines;

use crate::town::{Town, client};

fn file(name: &str, bytes: &[u8]) -> Ready {
    prepare(&Sent { name: name.into(), bytes: bytes.to_vec() }).expect("a file that is taken")
}

/// A text as long as a file may be, but for what it begins with.
fn long(n: usize) -> Ready {
    let mut bytes = vec![b'a'; MAX_BYTES];
    bytes[0] = b'a' + u8::try_from(n).expect("a few");
    file("long.txt", &bytes)
}

async fn send(town: &Town, contact: &str, n: u32, words: &str, files: &[Ready]) -> Result<i64, ContactError> {
    citizen::send(town.window(), &mut town.test.rng(), contact, &client(n), words, files).await
}

async fn attachments(town: &Town, contact: &str) -> Vec<Attachment> {
    let mut tx = town.test.db.read().await.expect("read");
    attachment::between(&mut tx, contact, 0, i64::MAX).await.expect("read")
}

async fn content(town: &Town, contact: &str, id: &str) -> Option<Vec<u8>> {
    let mut tx = town.test.db.read().await.expect("read");
    attachment::content(&mut tx, contact, id).await.expect("read")
}

async fn retire(town: &Town) {
    let mut tx = town.test.db.write().await.expect("write");
    retention::schedule(&mut tx, town.test.clock.as_ref(), &mut town.test.rng()).await.expect("scheduled");
    tx.commit().await.expect("commit");
    let mut registry = Registry::default();
    registry.add(retention::LANE, retention::DAILY, retention::run);
    let (clock, entropy) = (town.test.clock.clone(), town.test.entropy_source());
    let worker = Worker { db: town.test.db.clone(), clock, entropy, registry };
    worker.step(retention::LANE).await.expect("work");
}

on_both_engines! {
    async fn files_are_stored_once_with_their_message(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.begin("").await;
        let files = [file("C:\\写真\\ごみ.txt", "ここです".as_bytes()), file("b.exe", b"%PDF-1.4 %%EOF")];
        let seq = send(&town, &receipt.id, 1, "", &files).await.expect("sent");
        assert_eq!(send(&town, &receipt.id, 1, "", &files).await.expect("once"), seq);
        let stored = attachments(&town, &receipt.id).await;
        let told: Vec<_> = stored.iter().map(|a| (a.seq, a.name.as_deref(), a.kind, a.bytes)).collect();
        assert_eq!(told, [
            (seq, Some("ごみ.txt"), Kind::Text, 12),
            (seq, Some("b.exe.pdf"), Kind::Pdf, 14),
        ]);
        assert_eq!(content(&town, &receipt.id, &stored[0].id).await.as_deref(), Some("ここです".as_bytes()));
        // The same name with other files is no repetition.
        for other in [&files[..1], &[files[1].clone(), files[0].clone()]] {
            let refused = send(&town, &receipt.id, 1, "", other).await;
            assert!(matches!(refused, Err(ContactError::Invalid(Invalid::Form))), "{refused:?}");
        }
        assert_eq!(attachments(&town, &receipt.id).await.len(), 2);
        // Nobody finds it under another contact.
        let other = town.begin("").await;
        assert_eq!(content(&town, &other.id, &stored[0].id).await, None);
        let empty = send(&town, &receipt.id, 2, " ", &[]).await;
        assert!(matches!(empty, Err(ContactError::Invalid(Invalid::Empty))), "{empty:?}");
    }

    async fn the_bot_sees_no_files_and_offers_a_person(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.begin("").await;
        let files = [file("転入届の持ち物.txt", "転入届の持ち物は？".as_bytes())];
        send(&town, &receipt.id, 1, "", &files).await.expect("sent");
        let offer = town.last(&receipt.id).await;
        assert_eq!((offer.kind, offer.content.told.as_deref()), (MessageKind::Offer, Some("files")));
        let values: Vec<&str> = offer.content.choices.iter().map(|c| c.value.as_str()).collect();
        assert_eq!(values, ["person", "call-back", "leave"]);
        assert_eq!(
            town.events(&receipt.id).await,
            [EventKind::Opened, EventKind::CitizenWrote, EventKind::Refused]
        );
        let question = town.library.snapshot().by_code("tennyu").expect("there").text(city::Lang::Ja).0.question.clone();
        // Words beside a file are answered, and the citizen learns that the file was not looked at.
        send(&town, &receipt.id, 2, &question, &files).await.expect("sent");
        let said = town.messages(&receipt.id).await;
        let (kept, answer) = (&said[said.len() - 2], &said[said.len() - 1]);
        assert_eq!(kept.content.told.as_deref(), Some("files-kept"));
        assert_eq!(answer.content.answer.as_ref().expect("an answer").article, "tennyu");
        // Whoever wants a person with it gets one and no more words of the bot.
        send(&town, &receipt.id, 3, "人と話したいです", &files).await.expect("sent");
        assert_eq!(town.contact(&receipt.id).await.state, State::Waiting);
        assert_eq!(town.messages(&receipt.id).await.len(), said.len() + 2);
        // A person sees the next one.
        send(&town, &receipt.id, 4, "", &files).await.expect("sent");
        assert_eq!(town.last(&receipt.id).await.author, contact::Author::Citizen);
    }

    async fn a_contact_has_room_for_fifty_megabytes(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.waiting().await;
        let before = town.messages(&receipt.id).await.len();
        let files: Vec<Ready> = (0..6).map(long).collect();
        let many = send(&town, &receipt.id, 1, "", &files).await;
        assert!(matches!(many, Err(ContactError::File(ref r)) if r.refusal == Refusal::TooMany), "{many:?}");
        send(&town, &receipt.id, 2, "", &files[..3]).await.expect("sent");
        let full = send(&town, &receipt.id, 3, "これも", &files[3..]).await;
        assert!(matches!(full, Err(ContactError::File(ref r)) if r.refusal == Refusal::ContactFull), "{full:?}");
        assert_eq!(town.messages(&receipt.id).await.len(), before + 1, "nothing is half-said");
        send(&town, &receipt.id, 4, "", &files[3..5]).await.expect("sent");
        let (desk, mut rng) = (town.desk(&town.operator), town.test.rng());
        hold::pick_up(desk, &mut rng, &receipt.id).await.expect("picked up");
        let one = [file("a.txt", b"a")];
        let new = NewReply { client_id: "client-0005", words: "", article: None, files: &one, on_page: false };
        let full = reply::reply(desk, &mut rng, &town.library, &receipt.id, new).await;
        assert!(matches!(full, Err(ContactError::File(ref r)) if r.refusal == Refusal::ContactFull), "{full:?}");
        assert_eq!(attachments(&town, &receipt.id).await.len(), 5);
    }

    async fn an_operator_sends_files_and_two_contacts_keep_theirs(t: TestDb) {
        let town = Town::found(t).await;
        let (one, two) = (town.waiting().await, town.waiting().await);
        let (desk, mut rng) = (town.desk(&town.operator), town.test.rng());
        for receipt in [&one, &two] {
            hold::pick_up(desk, &mut rng, &receipt.id).await.expect("picked up");
        }
        let files = [file("申請書.pdf", b"%PDF-1.4 %%EOF")];
        let new = NewReply { client_id: "client-0001", words: "", article: None, files: &files, on_page: false };
        let seq = reply::reply(desk, &mut rng, &town.library, &one.id, new).await.expect("replied");
        assert_eq!(reply::reply(desk, &mut rng, &town.library, &one.id, new).await.expect("once"), seq);
        send(&town, &two.id, 2, "", &[file("b.txt", b"b")]).await.expect("sent");
        let of_two = attachments(&town, &two.id).await.remove(0);
        join::merge(desk, &mut rng, &two.id, &one.id).await.expect("merged");
        let names = async |id: &str| -> Vec<String> {
            attachments(&town, id).await.into_iter().filter_map(|a| a.name).collect()
        };
        assert_eq!(names(&one.id).await, ["申請書.pdf", "b.txt"]);
        assert!(names(&two.id).await.is_empty());
        assert_eq!(content(&town, &one.id, &of_two.id).await.as_deref(), Some(&b"b"[..]));
        // Split again at the other's file.
        let from = attachments(&town, &one.id).await[1].seq;
        let made = join::split(desk, &mut rng, &one.id, from, &"7".repeat(32)).await.expect("split");
        assert_eq!((names(&one.id).await, names(&made).await), (vec!["申請書.pdf".into()], vec!["b.txt".to_owned()]));
        assert_eq!(content(&town, &one.id, &of_two.id).await, None, "it is no longer a part of the first one");
        assert_eq!(content(&town, &made, &of_two.id).await.as_deref(), Some(&b"b"[..]));
    }

    async fn contents_go_after_their_time_and_figures_stay(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.begin("").await;
        send(&town, &receipt.id, 1, "", &[file("住所.txt", "南町1丁目".as_bytes())]).await.expect("sent");
        let before = attachments(&town, &receipt.id).await.remove(0);
        town.test.clock.advance(Duration::from_secs(3 * 366 * 86_400));
        retire(&town).await;
        assert!(town.contact(&receipt.id).await.erased_at.is_some());
        let after = attachments(&town, &receipt.id).await.remove(0);
        assert_eq!((after.name.as_deref(), after.sha256.as_str()), (None, ""));
        assert_eq!((after.kind, after.bytes, after.created_at), (before.kind, before.bytes, before.created_at));
        assert_eq!(content(&town, &receipt.id, &before.id).await, None);
        // Sent again by a page that did not hear of it, it does not come back.
        let files = [file("住所.txt", "南町1丁目".as_bytes())];
        send(&town, &receipt.id, 1, "", &files).await.expect("known");
        assert_eq!(content(&town, &receipt.id, &before.id).await, None);
        let closed = send(&town, &receipt.id, 2, "", &files).await;
        assert!(matches!(closed, Err(ContactError::Invalid(Invalid::Closed))), "{closed:?}");
    }

    async fn an_erased_person_takes_the_files_along(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.begin("折り返しをお願いします").await;
        let now = calendar::Clock::now(town.test.clock.as_ref());
        let windows = contact::call_back::windows(&town.organisation, &town.contact(&receipt.id).await.section, now);
        let mut rng = town.test.rng();
        let new = contact::call_back::NewCallBack { phone: "090-1234-5678", window_from: windows[0].0, actor: "citizen" };
        citizen::ask_call_back(town.window(), &mut rng, &receipt.id, new).await.expect("asked");
        send(&town, &receipt.id, 1, "", &[file("顔.txt", b"face")]).await.expect("sent");
        let sent = attachments(&town, &receipt.id).await.remove(0);
        let person = town.contact(&receipt.id).await.person.expect("a person");
        let mut tx = town.test.db.write().await.expect("write");
        retention::erase_person(&mut tx, town.test.clock.as_ref(), &mut rng, &person, "account:a").await.expect("erased");
        tx.commit().await.expect("commit");
        assert_eq!(content(&town, &receipt.id, &sent.id).await, None);
        assert_eq!(attachments(&town, &receipt.id).await.remove(0).name, None);
    }

    async fn a_backup_takes_the_largest_file_along(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.waiting().await;
        let files = [long(0), file("a.txt", b"a")];
        send(&town, &receipt.id, 1, "", &files).await.expect("sent");
        let clock = town.test.clock.as_ref();
        let mut backup = Vec::new();
        store::backup::write(&town.test.db, clock, &mut backup, |_| {}).await.expect("a backup");
        let folder = tempfile::tempdir().expect("a folder");
        let address = format!("sqlite:{}", folder.path().join("restored.db").display());
        store::backup::restore(&address, clock, backup.as_slice(), |_| {}).await.expect("restored");
        let db = store::Db::open(&address, store::OpenMode::Existing).await.expect("open");
        let mut tx = db.read().await.expect("read");
        for (stored, file) in attachment::between(&mut tx, &receipt.id, 0, i64::MAX).await.expect("read").iter().zip(&files) {
            let content = attachment::content(&mut tx, &receipt.id, &stored.id).await.expect("read").expect("there");
            assert!(content == file.content());
        }
        drop(tx);
        db.close().await;
    }
}
