//! People of the staff with contacts.

use std::time::Duration;

use contact::presence::{self, Presence};
use contact::staff::reply::NewReply;
use contact::staff::type_in::TypedIn;
use contact::staff::{draft, finish, hold, join, reply, side_question, transfer, type_in};
use contact::{Author, Channel, ContactError, EventKind, MessageKind, State, call_back, citizen, incident, operator};
use testkit::on_both_engines;

use crate::town::Town;

fn words(client: &str) -> NewReply<'_> {
    NewReply { client_id: client, words: "承知しました。", article: None, files: &[], on_page: false }
}

on_both_engines! {
    async fn one_operator_answers_and_a_section_takes_it(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.waiting().await;
        let (desk, mut rng) = (town.desk(&town.operator), town.test.rng());
        let not_held = reply::reply(desk, &mut rng, &town.library, &receipt.id, words("client-0001")).await;
        assert!(matches!(not_held, Err(ContactError::Rule(_))), "{not_held:?}");
        hold::pick_up(desk, &mut rng, &receipt.id).await.expect("picked up");
        // Two never have the same citizen unknowingly.
        let other = hold::pick_up(town.desk(&town.colleague), &mut rng, &receipt.id).await;
        assert!(matches!(other, Err(ContactError::Changed)));
        let unknowing = reply::reply(town.desk(&town.colleague), &mut rng, &town.library, &receipt.id, words("client-0002")).await;
        assert!(matches!(unknowing, Err(ContactError::Rule(_))));
        draft::keep(desk, &receipt.id, "reply", "書きかけ").await.expect("kept");
        assert_eq!(draft::of(desk, &receipt.id).await.expect("drafts")[0].body, "書きかけ");
        let with = NewReply { client_id: "client-0003", words: "", article: Some("tennyu"), files: &[], on_page: false };
        let seq = reply::reply(desk, &mut rng, &town.library, &receipt.id, with).await.expect("replied");
        assert_eq!(reply::reply(desk, &mut rng, &town.library, &receipt.id, with).await.expect("once"), seq);
        let said = town.last(&receipt.id).await;
        assert_eq!((said.author, said.kind), (Author::Staff, MessageKind::Answer));
        assert!(draft::of(desk, &receipt.id).await.expect("drafts").is_empty());

        // The section declines with a better one, then another takes it.
        let first = transfer::offer(desk, &mut rng, &receipt.id, "kankyo", "転入の相談").await.expect("offered");
        let twice = transfer::offer(desk, &mut rng, &receipt.id, "shimin", "転入の相談").await;
        assert!(matches!(twice, Err(ContactError::Rule(_))));
        let stranger = town.desk(&town.stranger);
        let no_better = transfer::decline(stranger, &mut rng, &first, "担当ではない", "").await;
        assert!(matches!(no_better, Err(ContactError::Field { field: "better", .. })));
        transfer::decline(stranger, &mut rng, &first, "担当ではない", "shimin").await.expect("declined");
        assert_eq!(town.contact(&receipt.id).await.section, town.organisation.profile.phone_section);
        let second = transfer::offer(desk, &mut rng, &receipt.id, "shimin", "転入の相談").await.expect("offered");
        let not_theirs = transfer::accept(stranger, &mut rng, &second).await;
        assert!(matches!(not_theirs, Err(ContactError::Forbidden)));
        let clerk = town.desk(&town.clerk);
        transfer::accept(clerk, &mut rng, &second).await.expect("accepted");
        assert!(matches!(transfer::accept(clerk, &mut rng, &second).await, Err(ContactError::Changed)));
        let contact = town.contact(&receipt.id).await;
        assert_eq!((contact.section.as_str(), contact.holder.as_deref()), ("shimin", Some("clerk")));
        // The centre may not answer any more.
        let late = reply::reply(desk, &mut rng, &town.library, &receipt.id, words("client-0004")).await;
        assert!(matches!(late, Err(ContactError::Forbidden)));
        reply::reply(clerk, &mut rng, &town.library, &receipt.id, words("client-0005")).await.expect("replied");
        finish::resolve(clerk, &mut rng, &receipt.id, "answered", None).await.expect("resolved");
        citizen::rate(town.window(), &mut rng, &receipt.id, 5).await.expect("rated");
        let events = town.events(&receipt.id).await;
        let kinds = [EventKind::PickedUp, EventKind::StaffReplied, EventKind::TransferOffered, EventKind::TransferDeclined,
            EventKind::TransferOffered, EventKind::TransferAccepted, EventKind::StaffReplied, EventKind::Resolved, EventKind::Rated];
        let tail: Vec<EventKind> = events.into_iter().skip_while(|k| *k != EventKind::PickedUp).collect();
        assert_eq!(tail, kinds);
    }

    async fn the_longest_waiting_comes_first_and_loads_are_capped(t: TestDb) {
        let town = Town::found(t).await;
        let first = town.waiting().await;
        town.test.clock.advance(Duration::from_secs(120));
        let second = town.waiting().await;
        let (desk, mut rng) = (town.desk(&town.operator), town.test.rng());
        presence::set(&town.test.db, town.test.clock.as_ref(), &mut rng, "operator", Presence::Available).await.expect("there");
        town.sign_up(&town.operator).await;
        operator::change(town.desk(&town.supervisor), "operator", 1, &[]).await.expect("set");
        let taken = |contact: &str, now_available| Some(hold::Taken { contact: contact.to_owned(), now_available });
        assert_eq!(hold::pick_up_next(desk, &mut rng).await.expect("next"), taken(&first.id, false));
        let full = hold::pick_up_next(desk, &mut rng).await;
        assert!(matches!(full, Err(ContactError::Rule(_))), "{full:?}");
        let other = hold::pick_up_next(town.desk(&town.colleague), &mut rng).await.expect("next");
        assert_eq!(other, taken(&second.id, true), "who never said what they do is there now");
        assert_eq!(hold::pick_up_next(town.desk(&town.stranger), &mut rng).await.expect("none"), None);
    }

    async fn who_takes_a_contact_is_there(t: TestDb) {
        let town = Town::found(t).await;
        let (db, clock, mut rng) = (&town.test.db, town.test.clock.clone(), town.test.rng());
        let desk = town.desk(&town.operator);
        let state = async |account: &str| {
            let mut tx = db.read().await.expect("read");
            presence::get(&mut tx, account).await.expect("read").map(|o| (o.state, o.since))
        };
        for (before, after, changed) in [
            (Presence::Away, Presence::Available, true),
            (Presence::Break, Presence::Available, true),
            (Presence::WrapUp, Presence::Available, true),
            (Presence::Training, Presence::Training, false),
            (Presence::Available, Presence::Available, false),
        ] {
            presence::set(db, clock.as_ref(), &mut rng, "operator", before).await.expect("set");
            let since = state("operator").await.expect("there").1;
            clock.advance(Duration::from_secs(60));
            let receipt = town.waiting().await;
            let taken = hold::pick_up(desk, &mut rng, &receipt.id).await.expect("picked up");
            assert_eq!(taken.now_available, changed, "{before:?}");
            let now = state("operator").await.expect("there");
            assert_eq!((now.0, now.1 > since), (after, changed), "{before:?}");
            hold::pick_up(desk, &mut rng, &receipt.id).await.expect("it is mine already");
            hold::put_back(desk, &mut rng, &receipt.id).await.expect("put back");
        }
        // A clerk who is handed one contact has no shifts.
        let receipt = town.waiting().await;
        hold::pick_up(desk, &mut rng, &receipt.id).await.expect("picked up");
        let id = transfer::offer(desk, &mut rng, &receipt.id, "shimin", "転入の相談").await.expect("offered");
        transfer::accept(town.desk(&town.clerk), &mut rng, &id).await.expect("accepted");
        assert_eq!(state("clerk").await, None);
    }

    async fn operators_are_set_by_who_supervises_them(t: TestDb) {
        let town = Town::found(t).await;
        let (supervisor, mut rng) = (town.desk(&town.supervisor), town.test.rng());
        for who in [&town.operator, &town.colleague, &town.clerk] {
            town.sign_up(who).await;
        }
        let skills = ["lang:en".to_owned(), "topic:waste".into()];
        operator::change(supervisor, "operator", 2, &skills).await.expect("changed");
        for (desk, account) in [(supervisor, "clerk"), (supervisor, "nobody"), (town.desk(&town.operator), "operator"), (town.desk(&town.clerk), "operator")] {
            let refused = operator::change(desk, account, 2, &[]).await;
            assert!(matches!(refused, Err(ContactError::Forbidden)), "{account}: {refused:?}");
        }
        for (most, skill, wanted) in [(0, "topic:waste", "most"), (21, "topic:waste", "most"), (2, "topic:moon", "skill"), (2, "waste", "skill")] {
            let refused = operator::change(supervisor, "operator", most, &[skill.to_owned()]).await;
            assert!(matches!(refused, Err(ContactError::Field { field, .. }) if field == wanted), "{refused:?}");
        }
        let receipt = town.waiting().await;
        hold::pick_up(town.desk(&town.operator), &mut rng, &receipt.id).await.expect("picked up");
        let mut tx = town.test.db.read().await.expect("read");
        let all = operator::all(&mut tx, supervisor).await.expect("operators");
        let shown: Vec<_> = all.iter().map(|o| (o.account.as_str(), o.state, o.held, o.most, o.since.is_some())).collect();
        let default = presence::MOST;
        let colleague = ("colleague", Presence::Away, 0, default, false);
        assert_eq!(shown, [colleague, ("operator", Presence::Available, 1, 2, true)]);
        assert_eq!(all[1].skills, skills);
        assert!(operator::all(&mut tx, town.desk(&town.clerk)).await.expect("none").is_empty());
    }

    async fn a_colleague_takes_over_knowingly_and_gives_back(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.waiting().await;
        let mut rng = town.test.rng();
        hold::pick_up(town.desk(&town.operator), &mut rng, &receipt.id).await.expect("picked up");
        let colleague = town.desk(&town.colleague);
        let without = hold::take_over(colleague, &mut rng, &receipt.id, "").await;
        assert!(matches!(without, Err(ContactError::Field { field: "reason", .. })));
        hold::take_over(colleague, &mut rng, &receipt.id, "absent").await.expect("taken over");
        for waits in [false, true, true, false, false] {
            hold::set_on_hold(colleague, &mut rng, &receipt.id, waits).await.expect("set");
            let mut tx = town.test.db.read().await.expect("read");
            let events = contact::event::of(&mut tx, &receipt.id).await.expect("events");
            assert_eq!(contact::event::is_on_hold(&events), waits);
        }
        hold::put_back(colleague, &mut rng, &receipt.id).await.expect("put back");
        let contact = town.contact(&receipt.id).await;
        assert_eq!((contact.state, contact.holder), (State::Waiting, None));
        let told: Vec<String> = town.messages(&receipt.id).await.into_iter().filter_map(|m| m.content.told).collect();
        assert_eq!(told, ["queued", "picked-up", "please-wait", "thank-you-for-waiting", "queued"]);
    }

    async fn a_section_is_asked_without_getting_the_contact(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.waiting().await;
        let (desk, mut rng) = (town.desk(&town.operator), town.test.rng());
        hold::pick_up(desk, &mut rng, &receipt.id).await.expect("picked up");
        let id = side_question::ask(desk, &mut rng, &receipt.id, "shimin", "郵送でも受けますか").await.expect("asked");
        let mut tx = town.test.db.read().await.expect("read");
        let open = side_question::open_for(&mut tx, Some(&["shimin".into()])).await.expect("open");
        assert_eq!(open.len(), 1);
        let contact = contact::contact::get(&mut tx, &receipt.id).await.expect("read").expect("there");
        assert!(!town.desk(&town.clerk).may_read(&mut tx, &contact).await.expect("policy"), "the question, not the talk");
        drop(tx);
        side_question::answer(town.desk(&town.clerk), &mut rng, &id, "受けます").await.expect("answered");
        let twice = side_question::answer(town.desk(&town.clerk), &mut rng, &id, "受けません").await;
        assert!(matches!(twice, Err(ContactError::Changed)));
    }

    async fn a_call_at_the_counter_is_typed_in(t: TestDb) {
        let town = Town::found(t).await;
        let (desk, mut rng) = (town.desk(&town.operator), town.test.rng());
        let centre = town.organisation.profile.phone_section.clone();
        let submission = "2".repeat(32);
        let new = TypedIn { submission: &submission, channel: Channel::Phone, lang: city::Lang::Ja, section: &centre,
            words: "転入届の持ち物を聞きたい", topic: Some("moving") };
        let receipt = type_in::type_in(desk, &mut rng, new).await.expect("typed in");
        assert_eq!(type_in::type_in(desk, &mut rng, new).await.expect("once"), receipt);
        let contact = town.contact(&receipt.id).await;
        assert_eq!((contact.channel, contact.state, contact.topic.as_deref()), (Channel::Phone, State::Held, Some("moving")));
        let web = type_in::type_in(desk, &mut rng, TypedIn { channel: Channel::Web, ..new }).await;
        assert!(matches!(web, Err(ContactError::Field { field: "channel", .. })));
        finish::tag(desk, &mut rng, &receipt.id, "registry").await.expect("tagged");
        assert!(matches!(finish::tag(desk, &mut rng, &receipt.id, "none").await, Err(ContactError::Field { .. })));
    }

    async fn two_matters_become_one_and_one_becomes_two(t: TestDb) {
        let town = Town::found(t).await;
        let (a, b) = (town.waiting().await, town.waiting().await);
        let (desk, mut rng) = (town.desk(&town.operator), town.test.rng());
        hold::pick_up(desk, &mut rng, &a.id).await.expect("picked up");
        hold::pick_up(desk, &mut rng, &b.id).await.expect("picked up");
        let (in_a, in_b) = (town.messages(&a.id).await.len(), town.messages(&b.id).await.len());
        join::merge(desk, &mut rng, &b.id, &a.id).await.expect("merged");
        assert_eq!(town.messages(&a.id).await.len(), in_a + in_b);
        let mut tx = town.test.db.read().await.expect("read");
        assert_eq!(contact::contact::by_key(&mut tx, &town.test.clock, &b.number, &b.key).await.expect("found").id, a.id);
        drop(tx);
        town.say(&a.id, 9, "もう一つ、ごみの日も知りたい").await;
        let last = town.contact(&a.id).await.last_seq;
        let made = join::split(desk, &mut rng, &a.id, last, &"3".repeat(32)).await.expect("split");
        assert_eq!(town.messages(&made).await.len(), 1);
        assert_eq!(town.contact(&made).await.holder.as_deref(), Some("operator"));
        let seqs: Vec<i64> = town.messages(&a.id).await.iter().map(|m| m.seq).collect();
        assert!(seqs.windows(2).all(|w| w[0] < w[1]), "{seqs:?}");
    }

    async fn a_call_back_is_promised_tried_and_kept(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.begin("火星人の飛行許可証").await;
        let now = calendar::Clock::now(town.test.clock.as_ref());
        let mut rng = town.test.rng();
        let mut tx = town.test.db.write().await.expect("write");
        let mut contact = contact::contact::lock(&mut tx, &receipt.id).await.expect("locked");
        let windows = call_back::windows(&town.organisation, &contact.section, now);
        assert!(windows.len() >= 5 && windows.iter().all(|(from, to)| now < *from && from < to));
        let ask = |phone, from| call_back::NewCallBack { phone, window_from: from, actor: "citizen" };
        let wrong = call_back::ask(&mut tx, town.test.clock.as_ref(), &town.organisation, &mut rng, &mut contact, ask("12", windows[0].0)).await;
        assert!(matches!(wrong, Err(ContactError::Invalid(contact::Invalid::Phone))), "{wrong:?}");
        drop(tx);
        let mut tx = town.test.db.write().await.expect("write");
        let mut contact = contact::contact::lock(&mut tx, &receipt.id).await.expect("locked");
        let id = call_back::ask(&mut tx, town.test.clock.as_ref(), &town.organisation, &mut rng, &mut contact, ask("072-123-4567", windows[0].0)).await.expect("asked");
        contact::contact::save(&mut tx, town.test.clock.as_ref(), &mut contact).await.expect("saved");
        tx.commit().await.expect("commit");
        town.test.clock.advance(Duration::from_secs(20 * 60));
        let desk = town.desk(&town.operator);
        call_back::tried(desk, &mut rng, &id, false, "no_answer").await.expect("tried");
        call_back::tried(desk, &mut rng, &id, true, "").await.expect("kept");
        assert!(matches!(call_back::tried(desk, &mut rng, &id, true, "").await, Err(ContactError::Changed)));
        let events = town.events(&receipt.id).await;
        for kind in [EventKind::CallBackAsked, EventKind::CallBackAttempted, EventKind::CallBackKept, EventKind::PickedUp] {
            assert!(events.contains(&kind), "{kind:?} in {events:?}");
        }
    }

    async fn the_staff_is_protected(t: TestDb) {
        let town = Town::found(t).await;
        let receipt = town.waiting().await;
        let (desk, mut rng) = (town.desk(&town.operator), town.test.rng());
        hold::pick_up(desk, &mut rng, &receipt.id).await.expect("picked up");
        let id = incident::flag(desk, &mut rng, &receipt.id, "abuse", "人格を傷つけることば").await.expect("flagged");
        let own = incident::decide(desk, &mut rng, &id, true, "続いた", 30).await;
        assert!(matches!(own, Err(ContactError::Forbidden)));
        let supervisor = town.desk(&town.supervisor);
        let early = incident::decide(supervisor, &mut rng, &id, true, "続いた", 30).await;
        assert!(matches!(early, Err(ContactError::Rule(_))), "a warning comes first: {early:?}");
        incident::warn(desk, &mut rng, &id).await.expect("warned");
        incident::decide(supervisor, &mut rng, &id, true, "警告のあとも続いた", 30).await.expect("ended");
        assert_eq!(town.contact(&receipt.id).await.wrap_up.as_deref(), Some("ended_for_incident"));
        let mut tx = town.test.db.read().await.expect("read");
        let (found, section) = incident::all(&mut tx, 10).await.expect("read").remove(0);
        assert_eq!((found.state.as_str(), section), ("ended", town.organisation.profile.phone_section.clone()));
        assert_eq!(found.rest_until.expect("rest").millis_since(found.decided_at.expect("decided")), 30 * 60_000);
    }
}
