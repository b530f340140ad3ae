//! Rich menus from the staff's hands to LINE's side, on both engines, with LINE going wrong in between.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use access::{Principal, Role};
use calendar::{Clock, Instant};
use line::Endpoint;
use line::client::{Client, Credentials, Settings};
use line::limits::Limiter;
use line::simulator::{Config, Fault, Simulator};
use line_account::menu::draft::{self, Typed, TypedTile};
use line_account::menu::planning::{self, Emergency};
use line_account::menu::{self, Editor, MenuError, ReflectionState, job, plan};
use store::Secret;
use store::worker::{Registry, Worker};
use testkit::{Randomness, TestDb, on_both_engines};

const TOKEN: &str = "long-lived-token";

struct House {
    t: TestDb,
    who: Principal,
    simulator: Simulator,
    client: Arc<Client>,
}

/// The first bytes of a PNG of this size, which is all that is looked at.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0]);
    bytes
}

fn typed(name: &str) -> Typed {
    let tile = |n: usize| TypedTile {
        label: format!("ボタン{n}"),
        icon: "🏠".into(),
        colour: "city".into(),
        act: "say".into(),
        value: format!("質問{n}"),
    };
    Typed {
        name: name.into(),
        bar: "メニュー".into(),
        layout: "four".into(),
        is_drawn: true,
        tiles: (1..=4).map(tile).collect(),
        image: Some(png(2_500, 1_686)),
        ..Typed::default()
    }
}

fn emergency() -> Typed {
    Typed { image: Some(png(2_500, 1_686)), ..draft::emergency_template("072-123-4567") }
}

impl House {
    async fn of(t: TestDb) -> House {
        let text = include_str!("../../../../../demo/minamo/city.toml");
        let profile = city::Profile::from_toml(text, "city.toml").expect("a profile");
        let mut tx = t.db.write().await.expect("write");
        city::store::save_profile(&mut tx, &profile).await.expect("a city");
        tx.commit().await.expect("commit");
        let mut config = Config::new(t.clock.clone(), Box::new(Randomness::new(7).rng()));
        config.long_lived_token = Some(Secret::new(TOKEN.into()));
        config.record = true;
        let simulator = Simulator::start(SocketAddr::from(([127, 0, 0, 1], 0)), config).await.expect("simulator");
        let settings = Settings::at(&simulator.base(), Credentials::Fixed(Secret::new(TOKEN.into())));
        let client = Arc::new(Client::new(settings, Limiter::off(), t.clock.clone()).expect("client"));
        let roles = vec![(Role::Coordinator, None)];
        let who = Principal { account: "a".into(), name: "全体調整".into(), sections: Vec::new(), roles };
        House { t, who, simulator, client }
    }

    fn editor(&self) -> Editor<'_> {
        Editor { clock: self.t.clock.as_ref(), who: &self.who }
    }

    async fn try_save(&self, id: Option<&str>, typed: &Typed) -> Result<String, MenuError> {
        let mut tx = self.t.db.write().await.expect("write");
        let id = draft::write(&mut tx, self.editor(), &mut self.t.rng(), id, typed).await?;
        tx.commit().await.expect("commit");
        Ok(id)
    }

    async fn save(&self, id: Option<&str>, typed: &Typed) -> String {
        // Ids are made of the clock and the same randomness.
        self.later(1).await;
        self.try_save(id, typed).await.expect("saved")
    }

    async fn default(&self, menu: &str) {
        self.later(1).await;
        let mut tx = self.t.db.write().await.expect("write");
        planning::set_default(&mut tx, self.editor(), &mut self.t.rng(), menu).await.expect("default");
        tx.commit().await.expect("commit");
    }

    async fn switch(&self, menu: &str, is_drill: bool, until: Option<Instant>) {
        self.later(1).await;
        let wish = Emergency { menu, reason: "大雨警報", until, is_drill };
        let mut tx = self.t.db.write().await.expect("write");
        planning::emergency(&mut tx, self.editor(), &mut self.t.rng(), wish).await.expect("emergency");
        tx.commit().await.expect("commit");
    }

    async fn calm(&self) {
        self.later(1).await;
        let mut tx = self.t.db.write().await.expect("write");
        planning::calm(&mut tx, self.editor(), &mut self.t.rng()).await.expect("calm");
        tx.commit().await.expect("commit");
    }

    async fn schedule(&self, menu: &str, from: Instant, until: Instant) {
        self.later(1).await;
        let mut tx = self.t.db.write().await.expect("write");
        let times = (Some(from), until);
        planning::schedule(&mut tx, self.editor(), &mut self.t.rng(), menu, times).await.expect("scheduled");
        tx.commit().await.expect("commit");
    }

    fn worker(&self, client: Option<Arc<Client>>) -> Worker {
        let mut registry = Registry::default();
        registry.add(job::LANE, job::KIND, move |context| job::run(context, client.clone()));
        let source = Randomness::new(11);
        Worker {
            db: self.t.db.clone(),
            clock: self.t.clock.clone(),
            entropy: Arc::new(move || Box::new(source.rng())),
            registry,
        }
    }

    async fn work(&self) {
        let worker = Worker { entropy: self.t.entropy_source(), ..self.worker(Some(self.client.clone())) };
        worker.drain().await.expect("work");
    }

    async fn later(&self, seconds: u64) {
        self.t.clock.advance(Duration::from_secs(seconds));
    }

    /// How far LINE is, and why not.
    async fn state(&self) -> (ReflectionState, String) {
        let mut tx = self.t.db.read().await.expect("read");
        let (now, found) = (self.t.clock.now(), menu::reflection(&mut tx).await.expect("read"));
        let (menus, plans) =
            (menu::list(&mut tx).await.expect("menus"), menu::plans(&mut tx, now).await.expect("plans"));
        let wanted =
            plan::shown(&plans, now).and_then(|s| Some((menus.iter().find(|m| m.id == s.plan.menu)?, s.plan.is_drill)));
        let state = menu::reflection_of(found.as_ref(), wanted);
        (state, found.map_or_else(String::new, |f| f.reason))
    }

    /// Names of what LINE has, in the order in which it was made.
    async fn names(&self) -> Vec<String> {
        self.client.rich_menus().await.expect("list").value.into_iter().map(|m| plain(&m.name)).collect()
    }

    /// Name and bar of the menu that a user sees.
    async fn seen_by(&self, user: &str) -> Option<(String, String)> {
        let id = self.simulator.rich_menu_of(user)?;
        let seen = self.client.rich_menu(&id).await.expect("a menu").value;
        Some((plain(&seen.name), seen.chat_bar_text))
    }

    async fn seen(&self) -> Option<(String, String)> {
        let user = self.simulator.add_friends(1).remove(0);
        self.seen_by(&user).await
    }
}

/// A name at LINE without the digest in it.
fn plain(name: &str) -> String {
    let parts: Vec<&str> = name.split(':').enumerate().filter(|(i, _)| *i != 3).map(|(_, part)| part).collect();
    parts.join(":")
}

fn name(menu: &str, version: i64) -> String {
    format!("madoguchi:{menu}:{version}")
}

on_both_engines! {
    async fn what_is_planned_is_shown_at_line(t: TestDb) {
        let house = House::of(t).await;
        let everyday = house.save(None, &typed("ふだん")).await;
        let winter = house.save(None, &Typed { bar: "年末年始".into(), ..typed("年末年始") }).await;
        house.work().await;
        assert_eq!(house.seen().await, None, "nothing is planned");
        house.default(&everyday).await;
        assert_eq!(house.state().await.0, ReflectionState::Waiting);
        house.work().await;
        assert_eq!(house.seen().await, Some((name(&everyday, 1), "メニュー".into())));
        assert_eq!(house.state().await.0, ReflectionState::Done);
        let now = house.t.clock.now();
        let hour = Duration::from_secs(3_600);
        house.schedule(&winter, now.plus(hour), now.plus(2 * hour)).await;
        house.work().await;
        assert_eq!(house.seen().await.map(|s| s.1), Some("メニュー".into()));
        house.later(3_600).await;
        assert_eq!(house.state().await.0, ReflectionState::Waiting);
        house.work().await;
        assert_eq!(house.seen().await.map(|s| s.1), Some("年末年始".into()));
        house.later(3_600).await;
        house.work().await;
        assert_eq!(house.seen().await.map(|s| s.1), Some("メニュー".into()));
        assert_eq!(house.names().await, [name(&everyday, 1), name(&winter, 1)], "nothing was made twice");
        house.later(90_000).await;
        house.work().await;
        assert_eq!(house.names().await, [name(&everyday, 1)], "what nothing needs goes after a day");
        // Another version takes its place.
        let again = Typed { bar: "窓口".into(), image: None, version: Some(1), ..typed("ふだん") };
        house.save(Some(&everyday), &again).await;
        house.work().await;
        assert_eq!(house.seen().await, Some((name(&everyday, 2), "窓口".into())));
    }

    async fn an_emergency_reaches_who_tapped_to_another_menu_and_the_schedule_returns(t: TestDb) {
        let house = House::of(t).await;
        let second = house.save(None, &Typed { bar: "くらし".into(), ..typed("くらし") }).await;
        let mut first = typed("ふだん");
        first.tiles[0] = TypedTile { act: "switch".into(), value: second.clone(), ..first.tiles[0].clone() };
        let first = house.save(None, &first).await;
        let storm = house.save(None, &emergency()).await;
        house.default(&first).await;
        house.work().await;
        let user = house.simulator.add_friends(1).remove(0);
        house.simulator.tap_menu(&user, 10, 10);
        assert_eq!(house.seen_by(&user).await, Some((name(&second, 1), "くらし".into())));
        assert!(house.names().await.contains(&name(&storm, 1)), "the menu for emergencies is prepared");
        house.switch(&storm, false, None).await;
        house.work().await;
        let shown = Some((name(&storm, 1), "災害のとき".into()));
        assert_eq!(house.seen().await, shown);
        assert_eq!(house.seen_by(&user).await, shown, "also who had come to another one by a tap");
        // A schedule that begins meanwhile does not count, but is what returns.
        let now = house.t.clock.now();
        house.schedule(&second, now.plus(Duration::from_secs(60)), now.plus(Duration::from_secs(9_000))).await;
        house.later(120).await;
        house.work().await;
        assert_eq!(house.seen().await, shown);
        house.calm().await;
        house.work().await;
        assert_eq!(house.seen().await.map(|s| s.1), Some("くらし".into()));
        house.later(9_000).await;
        house.work().await;
        assert_eq!(house.seen().await.map(|s| s.0), Some(name(&first, 1)));
        house.simulator.tap_menu(&user, 10, 10);
        assert_eq!(house.seen_by(&user).await.map(|s| s.1), Some("くらし".into()), "switching works again");
    }

    async fn a_drill_says_so_and_runs_out_by_itself(t: TestDb) {
        let house = House::of(t).await;
        let everyday = house.save(None, &typed("ふだん")).await;
        let storm = house.save(None, &Typed { bar: "災害のときの案内板".into(), ..emergency() }).await;
        house.default(&everyday).await;
        let until = house.t.clock.now().plus(Duration::from_secs(1_800));
        house.switch(&storm, true, Some(until)).await;
        house.later(1).await;
        house.work().await;
        assert_eq!(house.seen().await, Some((format!("{}:drill", name(&storm, 1)), "【訓練】災害のときの案内板".into())));
        house.later(1_800).await;
        house.work().await;
        assert_eq!(house.seen().await.map(|s| s.0), Some(name(&everyday, 1)));
        let mut tx = house.t.db.read().await.expect("read");
        let events = menu::events(&mut tx, 50).await.expect("events");
        let acts: Vec<(&str, &str)> = events.iter().rev().map(|(e, _)| (e.act.as_str(), e.reason.as_str())).collect();
        let wanted =
            [("make", ""), ("make", ""), ("default", ""), ("drill", "大雨警報"), ("shown", ""), ("shown", "")];
        assert_eq!(acts, wanted);
    }

    async fn whatever_line_does_nothing_is_made_twice(t: TestDb) {
        let house = House::of(t).await;
        let everyday = house.save(None, &typed("ふだん")).await;
        house.default(&everyday).await;
        house.simulator.inject(Endpoint::CreateRichMenu, Fault::ErrorAfter, 1);
        house.simulator.inject(Endpoint::SetRichMenuImage, Fault::ErrorAfter, 1);
        house.simulator.inject(Endpoint::SetDefaultRichMenu, Fault::ErrorBefore, 1);
        house.simulator.inject(Endpoint::ListRichMenus, Fault::CloseBefore, 1);
        let mut seen = Vec::new();
        for _ in 0..8 {
            house.work().await;
            seen.push(house.state().await);
            house.later(601).await;
        }
        let failed = (ReflectionState::Failed, "unsure".to_owned());
        assert_eq!(seen.iter().filter(|s| **s == failed).count(), 4, "{seen:?}");
        assert_eq!(seen.last(), Some(&(ReflectionState::Done, String::new())));
        assert_eq!(house.names().await, [name(&everyday, 1)]);
        assert_eq!(house.seen().await.map(|s| s.0), Some(name(&everyday, 1)));
    }

    async fn a_process_that_is_killed_between_line_and_our_record_makes_nothing_twice(t: TestDb) {
        let house = House::of(t).await;
        let everyday = house.save(None, &typed("ふだん")).await;
        house.default(&everyday).await;
        house.simulator.inject(Endpoint::CreateRichMenu, Fault::HangAfter, 1);
        let worker = house.worker(Some(house.client.clone()));
        let running = tokio::spawn(async move { worker.step(job::LANE).await });
        while house.names().await.is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        running.abort();
        assert!(running.await.is_err(), "it did not come to an end");
        let mut tx = house.t.db.read().await.expect("read");
        let noted = tx.rows("SELECT line_id FROM line_menu_made", Vec::new()).await.expect("rows");
        drop(tx);
        assert!(noted.is_empty());
        for _ in 0..3 {
            house.later(61).await;
            house.work().await;
        }
        assert_eq!(house.names().await, [name(&everyday, 1)]);
        assert_eq!(house.seen().await.map(|s| s.0), Some(name(&everyday, 1)));
        assert_eq!(house.state().await.0, ReflectionState::Done);
    }

    async fn two_processes_do_not_speak_at_once(t: TestDb) {
        let house = House::of(t).await;
        let everyday = house.save(None, &typed("ふだん")).await;
        house.default(&everyday).await;
        let mut tx = house.t.db.write().await.expect("write");
        let other = "UPDATE line_menu_shown SET busy_by = 'other#1', busy_until = $1";
        let until = house.t.clock.now().plus(Duration::from_secs(30));
        tx.execute(other, store::params![until]).await.expect("held");
        tx.commit().await.expect("commit");
        house.work().await;
        assert!(house.names().await.is_empty());
        house.later(31).await;
        house.work().await;
        assert_eq!(house.names().await.len(), 1);
    }

    async fn what_line_refuses_is_told_and_not_repeated(t: TestDb) {
        let house = House::of(t).await;
        let everyday = house.save(None, &typed("ふだん")).await;
        house.default(&everyday).await;
        house.simulator.inject(Endpoint::CreateRichMenu, Fault::RateLimited, 1);
        house.work().await;
        assert_eq!(house.state().await, (ReflectionState::Failed, "rate".into()));
        house.later(700).await;
        // A picture that LINE has of another size than the menu says: refused for good.
        let mut tx = house.t.db.write().await.expect("write");
        let broken = "UPDATE line_menu SET image = $1";
        tx.execute(broken, store::params![png(2_500, 843)]).await.expect("changed");
        tx.commit().await.expect("commit");
        house.work().await;
        let (state, reason) = house.state().await;
        assert!(state == ReflectionState::Failed && reason.starts_with("refused "), "{state:?} {reason}");
        assert!(menu::sentence(&reason).contains("受け付けませんでした"));
        house.later(90_000).await;
        house.work().await;
        assert_eq!(house.state().await.1, reason, "nothing was tried");
        let good = Typed { version: Some(1), ..typed("ふだん") };
        house.save(Some(&everyday), &good).await;
        house.work().await;
        assert_eq!(house.state().await.0, ReflectionState::Done);
        assert_eq!(house.seen().await.map(|s| s.0), Some(name(&everyday, 2)));
    }

    async fn what_was_deleted_by_hand_is_made_anew(t: TestDb) {
        let house = House::of(t).await;
        let everyday = house.save(None, &typed("ふだん")).await;
        house.default(&everyday).await;
        house.work().await;
        let id = house.client.rich_menus().await.expect("list").value.remove(0).rich_menu_id;
        house.client.delete_rich_menu(&id).await.expect("gone");
        let mut tx = house.t.db.write().await.expect("write");
        job::schedule(&mut tx, house.t.clock.as_ref(), &mut house.t.rng()).await.expect("a look");
        tx.commit().await.expect("commit");
        house.later(2).await;
        house.work().await;
        assert_eq!(house.seen().await.map(|s| s.0), Some(name(&everyday, 1)));
        assert_eq!(house.names().await.len(), 1);
    }

    async fn what_could_not_be_prepared_does_not_hide_that_line_is_right(t: TestDb) {
        let house = House::of(t).await;
        let everyday = house.save(None, &typed("ふだん")).await;
        house.default(&everyday).await;
        house.work().await;
        let storm = house.save(None, &emergency()).await;
        house.simulator.inject(Endpoint::CreateRichMenu, Fault::RateLimited, 1);
        house.work().await;
        assert_eq!(house.state().await.0, ReflectionState::Done);
        assert_eq!(house.names().await, [name(&everyday, 1)]);
        house.switch(&storm, false, None).await;
        house.work().await;
        assert_eq!(house.seen().await.map(|s| s.0), Some(name(&storm, 1)), "an emergency makes it at the latest");
    }

    async fn a_prepared_emergency_takes_two_calls(t: TestDb) {
        let house = House::of(t).await;
        let everyday = house.save(None, &typed("ふだん")).await;
        let storm = house.save(None, &emergency()).await;
        house.default(&everyday).await;
        house.work().await;
        house.simulator.take_exchanges();
        house.switch(&storm, false, None).await;
        house.work().await;
        let calls: Vec<String> = house.simulator.take_exchanges().into_iter().map(|e| e.method).collect();
        assert_eq!(calls, ["GET", "POST"], "which is the default, and this one from now on");
        // Whoever looks again changes nothing.
        let mut tx = house.t.db.write().await.expect("write");
        job::schedule(&mut tx, house.t.clock.as_ref(), &mut house.t.rng()).await.expect("a look");
        tx.commit().await.expect("commit");
        house.later(2).await;
        house.work().await;
        let calls: Vec<String> = house.simulator.take_exchanges().into_iter().map(|e| e.method).collect();
        assert_eq!(calls, ["GET"]);
    }

    async fn without_an_account_on_line_the_job_waits(t: TestDb) {
        let house = House::of(t).await;
        let everyday = house.save(None, &typed("ふだん")).await;
        for _ in 0..3 {
            house.default(&everyday).await;
        }
        let without = || Worker { entropy: house.t.entropy_source(), ..house.worker(None) };
        without().drain().await.expect("work");
        assert_eq!(house.state().await.0, ReflectionState::NotSetUp);
        let mut tx = house.t.db.read().await.expect("read");
        let waiting = store::jobs::counts(&mut tx).await.expect("counts").into_iter().find(|(s, _)| s == "ready");
        drop(tx);
        assert_eq!(waiting, Some(("ready".into(), 1)), "one look, whatever was changed");
        house.later(1_200).await;
        house.work().await;
        assert_eq!(house.seen().await.map(|s| s.0), Some(name(&everyday, 1)));
    }

    async fn what_is_wrong_is_said_of_each_tile_and_a_menu_in_use_stays(t: TestDb) {
        let house = House::of(t).await;
        let everyday = house.save(None, &typed("ふだん")).await;
        let mut bad = typed("");
        bad.bar = "あ".repeat(15);
        bad.tiles[0].label = "あ".repeat(21);
        bad.tiles[1] = TypedTile { act: "open".into(), value: "http://example.jp".into(), ..bad.tiles[1].clone() };
        bad.tiles[2] = TypedTile { act: "switch".into(), value: "x".into(), ..bad.tiles[2].clone() };
        bad.tiles[3] = TypedTile { act: "call".into(), value: "なし".into(), ..bad.tiles[3].clone() };
        bad.image = Some(png(2_500, 843));
        let Err(MenuError::Form(wrong)) = house.try_save(None, &bad).await else { panic!("taken") };
        let fields: Vec<_> = wrong.iter().map(|p| (p.tile, p.field)).collect();
        let wanted = [
            (None, "name"),
            (None, "bar"),
            (Some(0), "label"),
            (Some(1), "value"),
            (Some(2), "value"),
            (Some(3), "value"),
            (None, "files"),
        ];
        assert_eq!(fields, wanted);
        // Somebody else was faster.
        let late = Typed { version: Some(7), image: None, ..typed("ふだん") };
        assert!(matches!(house.try_save(Some(&everyday), &late).await, Err(MenuError::Form(p)) if p[0].field == "version"));
        house.default(&everyday).await;
        let remove = async |id: &str| {
            let mut tx = house.t.db.write().await.expect("write");
            let done = draft::remove(&mut tx, house.editor(), &mut house.t.rng(), id).await;
            tx.commit().await.expect("commit");
            done
        };
        assert!(matches!(remove(&everyday).await, Err(MenuError::Rule(s)) if s.contains("ふだんのメニュー")));
        let small = Typed { is_small: true, version: Some(1), image: None, ..typed("ふだん") };
        assert!(matches!(house.try_save(Some(&everyday), &small).await, Err(MenuError::Form(p)) if p[0].field == "files"));
        // A picture that is drawn says what the tiles say.
        let mut renamed = Typed { version: Some(1), image: None, ..typed("ふだん") };
        renamed.tiles[0].label = "粗大ごみ".into();
        let done = house.try_save(Some(&everyday), &renamed).await;
        assert!(matches!(done, Err(MenuError::Form(p)) if p[0].reason.contains("絵も新しく")));
        let other = house.save(None, &typed("もう一つ")).await;
        house.default(&other).await;
        remove(&everyday).await.expect("it is not in use");
        assert!(matches!(remove(&everyday).await, Err(MenuError::NotFound)));
        let author = Principal { roles: vec![(Role::Author, Some("shimin".into()))], ..house.who.clone() };
        let editor = Editor { clock: house.t.clock.as_ref(), who: &author };
        let mut tx = house.t.db.write().await.expect("write");
        let done = planning::set_default(&mut tx, editor, &mut house.t.rng(), &other).await;
        assert!(matches!(done, Err(MenuError::Forbidden)));
    }
}
