//! Attempts: what the ledger says after each way in which one can end.

use std::time::Duration;

use people::address;
use people::message::{self, Begin, Outcome, Reason, Resolution, Sending, State};
use people::{PeopleError, message::Finished};
use store::params;

use crate::support::{ACTOR, House};

const MAIL: &str = "minato@example.jp";

async fn end(h: &mut House, sending: Sending, outcome: Outcome) -> Finished {
    let (mut tx, clock) = (h.tx().await, h.clock());
    let finished = message::finish(&mut tx, &*clock, &mut h.rng, sending.attempt, outcome).await.expect("finished");
    tx.commit().await.expect("commit");
    finished
}

fn later(detail: &str) -> Outcome {
    Outcome::Deferred { code: Some(450), detail: detail.into(), retry: None }
}

testkit::on_both_engines! {
    async fn accepted_is_sent(t: TestDb) {
        let mut h = House::new(t);
        let person = h.reachable(MAIL).await;
        let id = h.waiting(&person).await;
        let sending = h.ready(&id).await;
        assert_eq!(h.entry(&id).await.state, State::Sending, "written before the network is touched");
        let finished = end(&mut h, sending, Outcome::Accepted { code: Some(250) }).await;
        assert_eq!(finished, Finished { state: State::Sent, next_at: None });
        let entry = h.entry(&id).await;
        assert_eq!((entry.state, entry.last_code.as_deref(), entry.attempts), (State::Sent, Some("250"), 1));
        assert_eq!(entry.sent_at, Some(h.clock().now()));
        assert!(matches!(h.begin(&id).await, Begin::Nothing(State::Sent)));
    }

    async fn refused_is_kept_without_the_address(t: TestDb) {
        let mut h = House::new(t);
        let person = h.reachable(MAIL).await;
        let id = h.waiting(&person).await;
        let sending = h.ready(&id).await;
        let detail = format!("5.7.1 <{MAIL}> minato is not welcome");
        end(&mut h, sending, Outcome::Refused { code: Some(550), detail }).await;
        let entry = h.entry(&id).await;
        assert_eq!(entry.state, State::Refused);
        assert_eq!(entry.last_error.as_deref(), Some("5.7.1 ••• ••• is not welcome"));
        let mut tx = h.tx().await;
        let tried = message::attempts(&mut tx, &id).await.expect("attempts");
        assert_eq!(tried.len(), 1);
        assert_eq!((tried[0].outcome.as_deref(), tried[0].code.as_deref()), (Some("refused"), Some("550")));
        assert!(!tried[0].detail.as_deref().expect("detail").contains("minato"));
    }

    async fn greylisted_is_tried_again_until_three_days_are_over(t: TestDb) {
        let mut h = House::new(t);
        let person = h.reachable(MAIL).await;
        let id = h.waiting(&person).await;
        let began = h.clock().now();
        let mut message_ids = Vec::new();
        let mut waits = Vec::new();
        loop {
            let sending = h.ready(&id).await;
            message_ids.push(sending.message_id.clone());
            let finished = end(&mut h, sending, later("greylisted")).await;
            let Some(next) = finished.next_at else {
                assert_eq!(finished.state, State::Refused);
                break;
            };
            assert_eq!(h.jobs().await, 1 + message_ids.len() as i64, "the next job stands in the same transaction");
            waits.push(next.millis_since(h.clock().now()) / 60_000);
            assert!(matches!(h.begin(&id).await, Begin::Nothing(State::Waiting)), "not before its time");
            h.t.clock.set(next);
        }
        assert_eq!(waits[..4], [5, 10, 20, 40]);
        assert_eq!(waits.last(), Some(&360));
        let over = h.clock().now().millis_since(began);
        assert!(over <= 3 * 24 * 3_600_000 && over > (3 * 24 - 7) * 3_600_000);
        message_ids.dedup();
        assert_eq!(message_ids.len(), 1, "the same message at every attempt");
        assert_eq!(h.entry(&id).await.last_error.as_deref(), Some("greylisted"));
    }

    async fn a_server_that_asks_for_more_time_gets_it(t: TestDb) {
        let mut h = House::new(t);
        let person = h.reachable(MAIL).await;
        let id = h.waiting(&person).await;
        let sending = h.ready(&id).await;
        let retry = Some(Duration::from_secs(3600));
        let finished = end(&mut h, sending, Outcome::Deferred { code: Some(451), detail: "later".into(), retry }).await;
        assert_eq!(finished.next_at, Some(h.clock().now().plus(Duration::from_secs(3600))));
    }

    async fn an_attempt_that_never_ended_is_in_doubt_and_not_repeated(t: TestDb) {
        let mut h = House::new(t);
        let person = h.reachable(MAIL).await;
        let id = h.waiting(&person).await;
        let lost = h.ready(&id).await;
        // The process is killed here; the job's lease runs out and another worker takes it.
        assert!(matches!(h.begin(&id).await, Begin::InDoubt));
        assert!(matches!(h.begin(&id).await, Begin::Nothing(State::InDoubt)));
        assert_eq!(h.entry(&id).await.state, State::InDoubt);
        let mut tx = h.tx().await;
        let tried = message::attempts(&mut tx, &id).await.expect("attempts");
        assert_eq!((tried.len(), tried[0].outcome.as_deref()), (1, Some("unknown")));
        // The first worker was only slow, and comes too late.
        let clock = h.clock();
        let late = message::finish(&mut tx, &*clock, &mut h.rng, lost.attempt, Outcome::Accepted { code: Some(250) }).await;
        assert!(matches!(late, Err(PeopleError::State)));
    }

    async fn a_crash_before_the_commit_of_the_end_leaves_the_attempt_open(t: TestDb) {
        let mut h = House::new(t);
        let person = h.reachable(MAIL).await;
        let id = h.waiting(&person).await;
        let sending = h.ready(&id).await;
        let (mut tx, clock) = (h.tx().await, h.clock());
        message::finish(&mut tx, &*clock, &mut h.rng, sending.attempt, later("greylisted")).await.expect("finished");
        drop(tx);
        assert_eq!(h.entry(&id).await.state, State::Sending);
        assert_eq!(h.jobs().await, 1, "no second job");
        assert!(matches!(h.begin(&id).await, Begin::InDoubt));
    }

    async fn two_workers_with_one_message_make_one_attempt(t: TestDb) {
        let mut h = House::new(t);
        let person = h.reachable(MAIL).await;
        let id = h.waiting(&person).await;
        let second = h.t.again().await;
        let clock = h.clock();
        let (a, b) = tokio::join!(h.begin(&id), message::begin(&second, &*clock, &id, "minamo.example"));
        let ready = [a, b.expect("begun")].into_iter().filter(|b| matches!(b, Begin::Ready(_))).count();
        assert_eq!(ready, 1);
        let mut tx = h.tx().await;
        assert_eq!(message::attempts(&mut tx, &id).await.expect("attempts").len(), 1);
        drop(tx);
        second.close().await;
    }

    async fn what_is_in_doubt_is_decided_by_a_person(t: TestDb) {
        let mut h = House::new(t);
        let person = h.reachable(MAIL).await;
        for resolution in [Resolution::Resend, Resolution::CountAsSent] {
            let id = h.waiting(&person).await;
            let before = h.jobs().await;
            let (mut tx, clock) = (h.tx().await, h.clock());
            let early = message::resolve(&mut tx, &*clock, &mut h.rng, ACTOR, &id, resolution).await;
            assert!(matches!(early, Err(PeopleError::State)));
            drop(tx);
            let sending = h.ready(&id).await;
            let message_id = sending.message_id.clone();
            let cut = Outcome::Unknown { stage: "data", detail: "connection closed after DATA".into() };
            assert_eq!(end(&mut h, sending, cut).await.state, State::InDoubt);
            let mut tx = h.tx().await;
            assert_eq!(message::attempts(&mut tx, &id).await.expect("attempts")[0].stage.as_deref(), Some("data"));
            message::resolve(&mut tx, &*clock, &mut h.rng, ACTOR, &id, resolution).await.expect("resolved");
            tx.commit().await.expect("commit");
            if resolution == Resolution::Resend {
                assert_eq!(h.jobs().await, before + 1);
                let again = h.ready(&id).await;
                assert_eq!((again.attempt.number(), again.message_id.clone()), (2, message_id));
                end(&mut h, again, Outcome::Accepted { code: Some(250) }).await;
            }
            assert_eq!(h.entry(&id).await.state, State::Sent);
        }
    }

    async fn a_bounce_marks_message_and_address(t: TestDb) {
        let mut h = House::new(t);
        let person = h.reachable(MAIL).await;
        let id = h.waiting(&person).await;
        let sending = h.ready(&id).await;
        let message_id = sending.message_id.clone();
        end(&mut h, sending, Outcome::Accepted { code: Some(250) }).await;
        let (mut tx, clock) = (h.tx().await, h.clock());
        let report = "job:mail.bounce";
        let bare = message_id.trim_matches(['<', '>']);
        let delayed = message::bounced(&mut tx, &*clock, report, bare, "4.4.1", "delayed").await.expect("noted");
        assert_eq!(delayed.as_deref(), Some(id.as_str()));
        assert_eq!(message::get(&mut tx, &id).await.expect("entry").state, State::Sent);
        let said = format!("<{MAIL}> unknown user minato");
        message::bounced(&mut tx, &*clock, report, &message_id, "5.1.1", &said).await.expect("bounced");
        let entry = message::get(&mut tx, &id).await.expect("entry");
        assert_eq!((entry.state, entry.last_code.as_deref()), (State::Bounced, Some("5.1.1")));
        assert_eq!(entry.last_error.as_deref(), Some("••• unknown user •••"));
        assert_eq!(address::of_person(&mut tx, &person).await.expect("addresses")[0].state, address::State::Bounced);
        let foreign = message::bounced(&mut tx, &*clock, report, "<x@elsewhere>", "5.1.1", "").await.expect("read");
        assert_eq!(foreign, None);
        tx.commit().await.expect("commit");
        match h.queue(&person).await {
            message::Queued::Withheld { reason: Reason::Bounced, .. } => {}
            other => panic!("{other:?}"),
        }
    }

    async fn a_channel_that_is_not_set_up_puts_messages_off(t: TestDb) {
        let mut h = House::new(t);
        let person = h.reachable(MAIL).await;
        let id = h.waiting(&person).await;
        let (mut tx, clock) = (h.tx().await, h.clock());
        let at = clock.now().plus(Duration::from_secs(900));
        assert!(message::send_at(&mut tx, &*clock, &mut h.rng, &id, at).await.expect("put off"));
        assert!(!message::send_at(&mut tx, &*clock, &mut h.rng, "none", at).await.expect("no such message"));
        tx.commit().await.expect("commit");
        assert_eq!((h.entry(&id).await.next_at, h.jobs().await), (Some(at), 2));
        assert!(matches!(h.begin(&id).await, Begin::Nothing(State::Waiting)));
        h.t.clock.set(at);
        h.ready(&id).await;
    }

    async fn old_messages_lose_their_words_and_open_ones_keep_them(t: TestDb) {
        let mut h = House::new(t);
        let person = h.reachable(MAIL).await;
        let (sent, waiting) = (h.waiting(&person).await, h.waiting(&person).await);
        let sending = h.ready(&sent).await;
        end(&mut h, sending, Outcome::Accepted { code: None }).await;
        let mut tx = h.tx().await;
        let now = h.clock().now();
        assert_eq!(message::retire(&mut tx, now).await.expect("retired"), 0, "not older than that");
        assert_eq!(message::retire(&mut tx, now.plus(Duration::from_millis(1))).await.expect("retired"), 1);
        let rows = tx.rows("SELECT id FROM message WHERE fields_sealed IS NOT NULL", params![]).await.expect("rows");
        assert_eq!(rows.len(), 1);
        tx.commit().await.expect("commit");
        h.ready(&waiting).await;
    }
}
