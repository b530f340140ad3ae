//! Makes every call of the client against a simulator and prints calls and answers as lines of JSON, to be compared
//! with LINE's own description (`scripts/test-line`).

use std::net::SocketAddr;
use std::sync::Arc;

use calendar::{Date, DateTime, FrozenClock, Instant};
use hyper::body::Bytes;
use line::client::{Client, Credentials, Limit, Narrowcast, Recipients, Settings};
use line::limits::Limiter;
use line::message::{Action, Block, Bubble, Container, Message, flex};
use line::rich_menu::{Area, Bounds, RichMenu, Size};
use line::simulator::{Config, Fault, Simulator};
use line::{Endpoint, Failure};
use store::Secret;
use testkit::Randomness;
use uuid::Uuid;

type Done = Result<(), Box<dyn std::error::Error>>;

const SIZE: Size = Size { width: 2_500, height: 843 };

fn messages() -> [Message; 5] {
    let bubble = || {
        Bubble::new(
            [Block::heading("粗大ごみ"), Block::separator(), Block::fact("手数料", "400円"), Block::text("電話で")],
            [Block::button(Action::uri("くわしく", "https://city.example/a"), flex::Style::Primary)],
        )
    };
    let quick = [Action::postback("はい", "y"), Action::message("いいえ", "いいえ")];
    [
        Message::text("こんにちは"),
        Message::image("https://city.example/1.png", "https://city.example/2.png"),
        Message::flex("粗大ごみ", bubble()),
        Message::flex("候補", Container::carousel([bubble(), bubble()])),
        Message::confirm("読みましたか", Action::postback("はい", "1"), Action::uri("電話", "tel:0120"))
            .with_quick_reply(quick),
    ]
}

fn menu() -> RichMenu {
    let area = |x, action| Area { bounds: Bounds { x, y: 0, width: 625, height: 843 }, action };
    let switch = Action::RichMenuSwitch { label: None, rich_menu_alias_id: "second".into(), data: "to=2".into() };
    RichMenu {
        size: SIZE,
        selected: true,
        name: "平時".into(),
        chat_bar_text: "メニュー".into(),
        areas: vec![
            area(0, Action::message("ごみ", "ごみの日")),
            area(625, Action::postback("相談", "talk")),
            area(1_250, Action::uri("市の頁", "https://city.example/")),
            area(1_875, switch),
        ],
    }
}

fn key(n: u128) -> Uuid {
    uuid::Builder::from_random_bytes(n.to_be_bytes()).into_uuid()
}

async fn send(client: &Client, simulator: &Simulator, users: &[String]) -> Done {
    let all = messages();
    for _ in 0..2 {
        client.push(&users[0], &all, Some("koho_11"), key(1)).await?;
        client.multicast(users, &all[..1], Some("koho_11"), key(2)).await?;
        client.broadcast(&all[..1], true, key(3)).await?;
    }
    let accepted = client.broadcast(&all[4..], true, key(6)).await?;
    users.iter().for_each(|user| simulator.see(user));
    simulator.tap_link(&users[0], "tel:0120");
    client.request_statistics(&accepted.accepted_id.unwrap_or_default()).await?;
    let audience = client.create_audience("北地区", &users[..60]).await?.value;
    client.add_to_audience(audience, &users[60..]).await?;
    client.audience(audience).await?;
    let recipients = Recipients::Any(vec![
        Recipients::Audience(audience),
        Recipients::Not(Box::new(Recipients::Audience(audience))),
    ]);
    let limit = Some(Limit { max: Some(100), up_to_remaining_quota: true });
    let narrow = Narrowcast { messages: &all[..1], recipients: Some(recipients), limit };
    let accepted = client.narrowcast(&narrow, key(4)).await?;
    client.narrowcast_progress(&accepted.accepted_id.unwrap_or_default()).await?;
    client.delete_audience(audience).await?;
    client.validate(Endpoint::Push, &all).await?;
    for fault in [Fault::QuotaUsedUp, Fault::RateLimited, Fault::ErrorBefore] {
        simulator.inject(Endpoint::Push, fault, 1);
        let failed: Failure = client.push(&users[0], &all[..1], None, key(5)).await.err().ok_or("a fault")?;
        failed.rejection().ok_or("an answer")?;
    }
    Ok(())
}

async fn look(client: &Client, clock: &FrozenClock, users: &[String]) -> Done {
    client.profile(&users[0]).await?;
    let page = client.followers(None, 50).await?.value;
    client.followers(page.next.as_deref(), 50).await?;
    client.bot_info().await?;
    client.quota().await?;
    client.consumption().await?;
    client.link_token(&users[0]).await?;
    client.set_webhook_endpoint("https://city.example/line").await?;
    client.webhook_endpoint().await?;
    client.set_webhook_endpoint("http://127.0.0.1:1/line").await?;
    client.test_webhook(None).await?;
    client.unit_usage().await?;
    let day = Date::constant(2026, 11, 28);
    client.unit_statistics("koho_11", day, day).await?;
    client.delivery_statistics(day).await?;
    clock.advance(std::time::Duration::from_secs(86_400));
    client.delivery_statistics(day).await?;
    Ok(())
}

async fn menus(client: &Client, users: &[String]) -> Done {
    client.validate_rich_menu(&menu()).await?;
    let id = client.create_rich_menu(&menu()).await?.value;
    let head =
        [b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR".as_slice(), &SIZE.width.to_be_bytes(), &SIZE.height.to_be_bytes()];
    client.set_rich_menu_image(&id, Bytes::from(head.concat())).await?;
    client.rich_menu(&id).await?;
    client.rich_menus().await?;
    client.set_default_rich_menu(&id).await?;
    client.default_rich_menu().await?;
    client.link_rich_menu(&users[0], &id).await?;
    client.rich_menu_of(&users[0]).await?;
    client.unlink_rich_menu(&users[0]).await?;
    client.bulk_link_rich_menu(&id, users).await?;
    client.bulk_unlink_rich_menu(users).await?;
    client.create_alias("second", &id).await?;
    client.alias("second").await?;
    client.aliases().await?;
    client.update_alias("second", &id).await?;
    client.delete_alias("second").await?;
    client.cancel_default_rich_menu().await?;
    client.delete_rich_menu(&id).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Done {
    let clock = Arc::new(FrozenClock::new(Instant::from_jst(DateTime::constant(2026, 11, 28, 10, 0, 0, 0))));
    let mut config = Config::new(clock.clone(), Box::new(Randomness::new(1).rng()));
    config.record = true;
    let simulator = Simulator::start(SocketAddr::from(([127, 0, 0, 1], 0)), config).await?;
    let secret = || Secret::new("simulated-secret".to_owned());
    let channel_id = || "1000000001".to_owned();
    let users = simulator.add_friends(100);
    let client = |credentials| Client::new(Settings::at(&simulator.base(), credentials), Limiter::off(), clock.clone());
    let short = client(Credentials::ShortLived { channel_id: channel_id(), secret: secret() })?;
    short.bot_info().await?;
    let client = client(Credentials::Stateless { channel_id: channel_id(), secret: secret() })?;
    send(&client, &simulator, &users).await?;
    look(&client, &clock, &users).await?;
    let video = simulator.send_video(&users[0], "video/mp4", &b"film"[..]);
    client.transcoding(&video).await?;
    menus(&client, &users).await?;
    for exchange in simulator.take_exchanges() {
        println!("{}", serde_json::to_string(&exchange)?);
    }
    Ok(())
}
