//! Sending through a channel that fails in every way.

use std::sync::Arc;
use std::time::Duration;

use calendar::{Clock, Date, Instant};
use city::Lang;
use outreach::batch::{self, BatchState, SentBatch};
use outreach::control::{self, Decision};
use outreach::ledger::{self, Figures};
use outreach::sending::{Draft, State};
use outreach::subscription::Choices;
use outreach::{Channel, EventKind, OutreachError, Quiet, Quota, recipient, subscription};
use store::Engine;
use store::worker::Worker;
use testkit::on_both_engines;

use crate::peer::{Fault, Peer};
use crate::town::{APPROVER, AUTHOR, Town, choosing, waste};

const SECOND: Duration = Duration::from_secs(1);

async fn kinds(town: &Town, id: &str) -> Vec<EventKind> {
    let mut tx = town.test.db.read().await.expect("read");
    outreach::event::of(&mut tx, id).await.expect("read").into_iter().map(|e| e.kind).collect()
}

async fn batches(town: &Town, id: &str) -> Vec<SentBatch> {
    let mut tx = town.test.db.read().await.expect("read");
    batch::list(&mut tx, id, 0, 1_000).await.expect("read")
}

async fn resume(town: &Town, id: &str) {
    let (db, clock) = (&town.test.db, town.test.clock.as_ref());
    control::resume(db, clock, &mut town.test.rng(), APPROVER, id, Quota::default()).await.expect("resumed");
}

/// One follower, and a send to them that was started.
async fn one(town: &Town, faults: &[Option<Fault>]) -> (String, Arc<Peer>) {
    town.follower("U1", &choosing(&["waste"], Lang::Ja)).await;
    let peer = Peer::of(town);
    let id = town.started(&waste(), 500, &peer).await;
    peer.next(faults);
    (id, peer)
}

/// A process that dies while the channel is asked for the nth time.
async fn cut_off(worker: Worker, peer: &Peer, calls: usize) {
    let process = tokio::spawn(async move { worker.drain().await });
    peer.called(calls).await;
    process.abort();
    assert!(process.await.expect_err("cut off").is_cancelled());
}

on_both_engines! {
    async fn whatever_fails_everybody_receives_it_once(t: TestDb) {
        let (count, per_batch) = if t.engine() == Engine::Sqlite { (20_000, 100) } else { (2_000, 20) };
        let town = Town::found(t);
        town.many(count).await;
        let calm = Peer::of(&town);
        let id = town.started(&waste(), per_batch, &calm).await;
        let peer = Peer::unreliable(&town);
        // Two processes, each with its own connections.
        let here = town.worker(town.test.db.clone(), &peer);
        let there = town.worker(town.test.again().await, &peer);
        for _ in 0..2_000 {
            let (a, b) = tokio::join!(here.drain(), there.drain());
            a.expect("work");
            b.expect("work");
            if town.sending(&id).await.state != State::Running {
                break;
            }
            town.test.clock.advance(Duration::from_secs(5));
        }
        assert_eq!(town.sending(&id).await.state, State::Done);
        let received = peer.received();
        assert_eq!(received.len(), count);
        assert!(received.values().all(|times| *times == 1), "somebody received it twice");
        assert!(peer.duplicates() > 0 && peer.calls() > count / per_batch, "the faults were there");
        assert_eq!(peer.langs("M0"), ["en"]);
        let accepted = i64::try_from(count).expect("small");
        assert_eq!(town.figures(&id).await, Figures { accepted, ..Figures::default() });
        let (db, clock) = (&town.test.db, town.test.clock.as_ref());
        let compared = ledger::reconcile(db, clock, &mut town.test.rng(), AUTHOR, &id, peer.record()).await;
        let compared = compared.expect("compared");
        assert_eq!((compared.agreed, compared.differences), (batches(&town, &id).await.len(), vec![]));
        let accepted = kinds(&town, &id).await.into_iter().filter(|k| *k == EventKind::BatchAccepted).count();
        assert_eq!(accepted, compared.agreed, "each batch is told once");
    }

    async fn a_process_that_dies_after_the_call_repeats_with_the_same_key(t: TestDb) {
        let town = Town::found(t);
        let (id, peer) = one(&town, &[Some(Fault::HangsAfter)]).await;
        cut_off(town.worker(town.test.db.clone(), &peer), &peer, 1).await;
        let key = {
            let batch = &batches(&town, &id).await[0];
            assert_eq!((batch.state, batch.attempts), (BatchState::Unsure, 1), "written before the call");
            batch.retry_key.clone()
        };
        assert_eq!(town.figures(&id).await.unsure, 1);
        // Its lease runs out, and another process takes the job.
        town.test.clock.advance(Duration::from_secs(61));
        town.worker(town.test.again().await, &peer).drain().await.expect("work");
        let batch = &batches(&town, &id).await[0];
        assert_eq!((batch.state, batch.attempts, &batch.retry_key), (BatchState::Accepted, 2, &key));
        assert_eq!(batch.request_id.as_deref(), Some("request-1"), "the call that was accepted");
        assert_eq!((peer.duplicates(), peer.received().values().sum::<usize>()), (1, 1));
        assert_eq!(town.sending(&id).await.state, State::Done);
    }

    async fn a_late_answer_takes_no_doubt_of_a_later_attempt_away(t: TestDb) {
        let town = Town::found(t);
        let (id, peer) = one(&town, &[Some(Fault::NotSentLater), Some(Fault::HangsAfter)]).await;
        let (db, clock) = (&town.test.db, town.test.clock.as_ref());
        let first = town.worker(town.test.db.clone(), &peer);
        let slow = tokio::spawn(async move { first.drain().await });
        peer.called(1).await;
        control::pause(db, clock, &mut town.test.rng(), AUTHOR, &id, "確認").await.expect("paused");
        resume(&town, &id).await;
        // The second attempt is accepted, and its process dies.
        cut_off(town.worker(town.test.again().await, &peer), &peer, 2).await;
        peer.tell();
        slow.await.expect("not cut off").expect("work");
        assert_eq!(batches(&town, &id).await[0].state, BatchState::Unsure, "the second one may have been accepted");
        town.test.clock.advance(Duration::from_secs(61));
        town.work(&id, &peer, SECOND).await;
        assert_eq!(town.figures(&id).await, Figures { accepted: 1, ..Figures::default() });
        assert_eq!((peer.duplicates(), peer.received().values().sum::<usize>()), (1, 1));
    }

    async fn a_key_that_grew_old_in_doubt_is_left_to_a_person(t: TestDb) {
        let town = Town::found(t);
        let (id, peer) = one(&town, &[Some(Fault::TimeoutAfter)]).await;
        let worker = town.worker(town.test.db.clone(), &peer);
        worker.drain().await.expect("work");
        // Nobody worked for a day: the channel may not know the key any more.
        town.test.clock.advance(Duration::from_secs(24 * 3_600));
        worker.drain().await.expect("work");
        assert_eq!((peer.calls(), peer.received().values().sum::<usize>()), (1, 1), "not sent again");
        assert_eq!(town.sending(&id).await.state, State::Done);
        assert_eq!(town.figures(&id).await, Figures { in_doubt: 1, ..Figures::default() });
        let (db, clock) = (&town.test.db, town.test.clock.as_ref());
        let mut rng = town.test.rng();
        let compared = ledger::reconcile(db, clock, &mut rng, AUTHOR, &id, peer.record()).await.expect("compared");
        assert_eq!(compared.differences, [ledger::Difference::NotAcceptedHere { batch: 1 }]);
        control::decide(db, clock, &mut rng, AUTHOR, &id, 1, Decision::Accepted, "LINEの記録にある").await.expect("decided");
        assert_eq!(town.figures(&id).await, Figures { accepted: 1, ..Figures::default() });
        let twice = control::decide(db, clock, &mut rng, AUTHOR, &id, 1, Decision::Again, "念のため").await;
        assert!(matches!(twice, Err(OutreachError::Rule(_))), "nothing is in doubt any more");
    }

    async fn a_person_may_have_it_sent_again_under_a_new_key(t: TestDb) {
        let town = Town::found(t);
        let (id, peer) = one(&town, &[Some(Fault::TimeoutBefore)]).await;
        let worker = town.worker(town.test.db.clone(), &peer);
        worker.drain().await.expect("work");
        let before = batches(&town, &id).await[0].retry_key.clone();
        town.test.clock.advance(Duration::from_secs(24 * 3_600));
        worker.drain().await.expect("work");
        let (db, clock) = (&town.test.db, town.test.clock.as_ref());
        control::decide(db, clock, &mut town.test.rng(), AUTHOR, &id, 1, Decision::Again, "届いていない").await.expect("decided");
        assert_eq!(town.sending(&id).await.state, State::Running);
        worker.drain().await.expect("work");
        let batch = &batches(&town, &id).await[0];
        assert!(batch.state == BatchState::Accepted && batch.retry_key != before);
        assert_eq!(peer.received().values().sum::<usize>(), 1);
        assert_eq!(town.sending(&id).await.state, State::Done);
    }

    async fn what_surely_was_not_sent_gets_a_new_key_and_goes_on(t: TestDb) {
        let town = Town::found(t);
        let (id, peer) = one(&town, &[Some(Fault::NotSent)]).await;
        let worker = town.worker(town.test.db.clone(), &peer);
        worker.drain().await.expect("work");
        let before = batches(&town, &id).await[0].clone();
        assert_eq!(before.state, BatchState::Waiting);
        town.test.clock.advance(Duration::from_secs(24 * 3_600));
        worker.drain().await.expect("work");
        let after = &batches(&town, &id).await[0];
        assert!(after.state == BatchState::Accepted && after.retry_key != before.retry_key);
    }

    async fn a_refusal_pauses_and_takes_no_doubt_away(t: TestDb) {
        let town = Town::found(t);
        let (id, peer) = one(&town, &[Some(Fault::TimeoutAfter), Some(Fault::Refused)]).await;
        town.work(&id, &peer, SECOND).await;
        assert_eq!(town.figures(&id).await, Figures { in_doubt: 1, ..Figures::default() });
        town.many(3).await;
        let other = town.started(&waste(), 1, &peer).await;
        peer.next(&[Some(Fault::Refused)]);
        town.work(&other, &peer, SECOND).await;
        let paused = town.sending(&other).await;
        assert_eq!((paused.state, paused.reason.as_deref()), (State::Paused, Some("refused")));
        let figures = town.figures(&other).await;
        assert_eq!((figures.refused, figures.waiting, figures.accepted), (1, 3, 0), "the others wait");
        resume(&town, &other).await;
        town.work(&other, &peer, SECOND).await;
        assert_eq!((town.figures(&other).await.accepted, town.figures(&other).await.refused), (3, 1));
        // The cause is gone: a person has the refused one sent again.
        let refused = batches(&town, &other).await.into_iter().find(|b| b.state == BatchState::Refused).expect("one").n;
        let (db, clock) = (&town.test.db, town.test.clock.as_ref());
        control::decide(db, clock, &mut town.test.rng(), AUTHOR, &other, refused, Decision::Again, "設定を直した")
            .await
            .expect("decided");
        // Credentials end in the middle of a send: it stands still again, although others were accepted.
        peer.next(&[Some(Fault::Refused)]);
        town.work(&other, &peer, SECOND).await;
        assert_eq!(town.sending(&other).await.state, State::Paused);
        control::decide(db, clock, &mut town.test.rng(), AUTHOR, &other, refused, Decision::Again, "直した")
            .await
            .expect("decided");
        resume(&town, &other).await;
        town.work(&other, &peer, SECOND).await;
        assert_eq!(town.sending(&other).await.state, State::Done);
        assert_eq!(town.figures(&other).await, Figures { accepted: 4, ..Figures::default() });
    }

    async fn a_used_up_quota_pauses_the_send(t: TestDb) {
        let town = Town::found(t);
        town.many(10).await;
        let peer = Peer::of(&town);
        let id = town.started(&waste(), 2, &peer).await;
        peer.next(&[None, Some(Fault::Quota)]);
        town.work(&id, &peer, SECOND).await;
        let paused = town.sending(&id).await;
        assert_eq!((paused.state, paused.reason.as_deref()), (State::Paused, Some("quota_used_up")));
        let calls = peer.calls();
        town.test.clock.advance(Duration::from_secs(3_600));
        town.worker(town.test.db.clone(), &peer).drain().await.expect("work");
        assert_eq!(peer.calls(), calls, "nothing goes out while it stands still");
        let (db, clock) = (&town.test.db, town.test.clock.as_ref());
        let little = Quota { limit: Some(100), used: 99, ..Quota::default() };
        let refused = control::resume(db, clock, &mut town.test.rng(), APPROVER, &id, little).await;
        assert!(matches!(refused, Err(OutreachError::Rule(_))), "{refused:?}");
        resume(&town, &id).await;
        town.work(&id, &peer, SECOND).await;
        assert_eq!(town.sending(&id).await.state, State::Done);
        assert!(peer.received().len() == 10 && peer.received().values().all(|n| *n == 1));
    }

    async fn pausing_resuming_and_stopping_hold_between_batches(t: TestDb) {
        let town = Town::found(t);
        town.many(40).await;
        let peer = Peer::of(&town);
        let id = town.started(&waste(), 1, &peer).await;
        let (db, clock) = (&town.test.db, town.test.clock.as_ref());
        let worker = town.worker(town.test.db.clone(), &peer);
        let lane = outreach::dispatch::lane(Channel::Line);
        // The eighth batch may have been accepted.
        peer.next(&[None, None, None, None, None, None, None, Some(Fault::TimeoutAfter)]);
        assert_eq!(worker.step(lane).await.expect("work"), 8);
        control::pause(db, clock, &mut town.test.rng(), AUTHOR, &id, "文面の確認").await.expect("paused");
        worker.drain().await.expect("work");
        assert_eq!(peer.calls(), 8, "jobs that were written before do nothing");
        resume(&town, &id).await;
        control::pause(db, clock, &mut town.test.rng(), AUTHOR, &id, "もう一度").await.expect("paused");
        resume(&town, &id).await;
        assert_eq!(worker.step(lane).await.expect("work"), 8);
        let sent = peer.received().len();
        control::stop(db, clock, &mut town.test.rng(), AUTHOR, &id, "まちがい").await.expect("stopped");
        town.test.clock.advance(Duration::from_secs(3_600));
        worker.drain().await.expect("work");
        assert_eq!(peer.received().len(), sent, "nothing after the stop");
        let figures = town.figures(&id).await;
        assert_eq!(figures.all(), 40);
        assert_eq!(figures.handed_over() + figures.in_doubt, i64::try_from(sent).expect("small"));
        assert_eq!((figures.waiting, figures.unsure), (0, 0));
        assert_eq!(town.sending(&id).await.state, State::Stopped);
        assert!(control::resume(db, clock, &mut town.test.rng(), AUTHOR, &id, Quota::default()).await.is_err());
        assert!(kinds(&town, &id).await.contains(&EventKind::Stopped));
    }

    async fn the_night_is_kept_and_what_is_urgent_is_not_kept_waiting(t: TestDb) {
        let town = Town::found(t);
        let evening = Instant::from_jst(Date::constant(2026, 11, 24).at(20, 58, 0, 0));
        town.test.clock.set(evening);
        town.follower("U-night", &choosing(&["waste"], Lang::Ja)).await;
        town.follower("U-always", &Choices { quiet: Quiet::NONE, ..choosing(&["waste"], Lang::Ja) }).await;
        let early = Choices { quiet: Quiet::new(18 * 60, 6 * 60).expect("hours"), ..choosing(&["waste"], Lang::Ja) };
        town.follower("U-early", &early).await;
        let peer = Peer::of(&town);
        let id = town.started(&waste(), 500, &peer).await;
        // The channel is busy until after nine: whoever could be told before is told in the morning.
        peer.next(&[Some(Fault::RateLimited(Some(180))), Some(Fault::RateLimited(Some(180)))]);
        town.work(&id, &peer, Duration::from_secs(600)).await;
        let at = |hour| Instant::from_jst(Date::constant(2026, 11, 25).at(hour, 0, 0, 0));
        let always = peer.when("U-always").expect("received");
        assert!(always < evening.plus(Duration::from_secs(1_300)), "{}", always.iso_jst());
        for (address, opens) in [("U-night", at(7)), ("U-early", at(6))] {
            let when = peer.when(address).expect("received");
            assert!(when >= opens && when < opens.plus(Duration::from_secs(601)), "{address} {}", when.iso_jst());
        }
        town.test.clock.set(at(23));
        peer.forget();
        let alarm = Draft { topic: "disaster".into(), urgent: Some("避難指示".into()), ..waste() };
        let id = town.started(&alarm, 500, &peer).await;
        town.work(&id, &peer, SECOND).await;
        assert_eq!(peer.when("U-night"), Some(at(23)));
    }

    async fn a_process_that_was_down_until_the_night_waits_for_the_morning(t: TestDb) {
        let town = Town::found(t);
        let evening = Instant::from_jst(Date::constant(2026, 11, 24).at(20, 58, 0, 0));
        town.test.clock.set(evening);
        let (id, peer) = one(&town, &[]).await;
        town.test.clock.advance(Duration::from_secs(3_600));
        town.work(&id, &peer, Duration::from_secs(1_800)).await;
        let morning = Instant::from_jst(Date::constant(2026, 11, 25).at(7, 0, 0, 0));
        assert!(peer.when("U1").is_some_and(|when| when >= morning));
    }

    async fn jobs_of_an_earlier_run_do_nothing(t: TestDb) {
        let town = Town::found(t);
        let (id, peer) = one(&town, &[Some(Fault::NotSent)]).await;
        let (db, clock) = (&town.test.db, town.test.clock.as_ref());
        control::pause(db, clock, &mut town.test.rng(), AUTHOR, &id, "確認").await.expect("paused");
        resume(&town, &id).await;
        // Two jobs of the one batch are due; only the newer one calls, and has to wait then.
        town.worker(town.test.db.clone(), &peer).drain().await.expect("work");
        assert_eq!((peer.calls(), batches(&town, &id).await[0].state), (1, BatchState::Waiting));
    }

    async fn whoever_left_since_it_was_planned_is_left_out(t: TestDb) {
        let town = Town::found(t);
        let mut ids = Vec::new();
        for n in 0..5 {
            ids.push(town.follower(&format!("U{n}"), &choosing(&["waste"], Lang::Ja)).await);
        }
        let peer = Peer::of(&town);
        let id = town.started(&waste(), 500, &peer).await;
        let clock = town.test.clock.as_ref();
        let mut tx = town.test.db.write().await.expect("write");
        recipient::block(&mut tx, clock, &ids[0]).await.expect("blocked");
        subscription::choose(&mut tx, clock, &ids[1], &choosing(&["tax"], Lang::Ja)).await.expect("chosen");
        subscription::unsubscribe_all(&mut tx, clock, &ids[2]).await.expect("ended");
        outreach::retention::erase(&mut tx, clock, "citizen", &ids[3]).await.expect("erased");
        tx.commit().await.expect("commit");
        town.work(&id, &peer, SECOND).await;
        assert_eq!(peer.received().len(), 1);
        let figures = town.figures(&id).await;
        assert_eq!(figures, Figures { accepted: 1, blocked: 1, withdrawn: 3, ..Figures::default() });
        let second = town.started(&waste(), 500, &peer).await;
        let mut tx = town.test.db.write().await.expect("write");
        recipient::block(&mut tx, clock, &ids[4]).await.expect("blocked");
        tx.commit().await.expect("commit");
        town.work(&second, &peer, SECOND).await;
        assert_eq!(town.sending(&second).await.state, State::Done);
        assert_eq!(town.figures(&second).await, Figures { blocked: 1, ..Figures::default() }, "nobody left");
    }

    async fn nothing_starts_unapproved_and_not_before_its_time(t: TestDb) {
        let town = Town::found(t);
        town.follower("U1", &choosing(&["waste"], Lang::Ja)).await;
        let (db, clock) = (&town.test.db, town.test.clock.clone());
        let peer = Peer::of(&town);
        let draft = town.draft(&waste()).await;
        town.plan(&draft.id, Quota::default()).await.expect("planned");
        let early = control::start(db, clock.as_ref(), &mut town.test.rng(), AUTHOR, &draft.id, Quota::default()).await;
        assert!(matches!(early, Err(OutreachError::Rule(_))));
        let noon = clock.now().plus(Duration::from_secs(7_200));
        let id = town.approved(&Draft { starts_at: Some(noon), ..waste() }, 500, &peer).await;
        let little = Quota { limit: Some(0), ..Quota::default() };
        let refused = control::start(db, clock.as_ref(), &mut town.test.rng(), AUTHOR, &id, little).await;
        assert!(matches!(refused, Err(OutreachError::Rule(_))), "the quota is looked at again");
        control::start(db, clock.as_ref(), &mut town.test.rng(), AUTHOR, &id, Quota::default()).await.expect("started");
        town.work(&id, &peer, Duration::from_secs(600)).await;
        assert_eq!(peer.when("U1"), Some(noon));
    }
}
