//! A simulator to talk to from outside: `cargo run -p line --example simulator [-- LISTEN [SEED]]`.
//!
//! The first line it prints tells address, token and users, as JSON. After that each line of the input is a command as
//! JSON, and each is answered with a line: `{"do": "say", "user": "U…", "text": "…"}`.

use std::io::{BufRead, Write};
use std::sync::Arc;

use calendar::SystemClock;
use line::simulator::{Config, Simulator};
use serde_json::{Value, json};
use store::Secret;
use testkit::Randomness;

const SECRET: &str = "simulated-secret";
const TOKEN: &str = "simulated-token";

async fn carry_out(simulator: &Simulator, command: &Value) -> Value {
    let text = |name: &str| command[name].as_str().unwrap_or_default();
    let user = text("user");
    match text("do") {
        "webhook" => simulator.set_webhook(Some(text("address"))),
        "follow" => return simulator.follow(user).into(),
        "block" => return simulator.block(user).into(),
        "say" => return simulator.say(user, text("text")).into(),
        "image" => return simulator.send_image(user, "image/png", text("bytes").to_owned()).into(),
        "postback" => return simulator.press_postback(user, text("data"), None).into(),
        "location" => return simulator.send_location(user, text("address"), 35.0, 139.0).into(),
        "sticker" => return simulator.send_sticker(user, "1", "2").into(),
        "file" => return simulator.send_file(user, text("name"), "application/pdf", text("bytes").to_owned()).into(),
        "link" => return simulator.link_account(user, text("token"), text("nonce")).into(),
        "settle" => simulator.settle().await,
        "menu" => return simulator.rich_menu_of(user).into(),
        "inbox" => {
            let inbox = simulator.inbox(user).into_iter();
            return inbox.map(|r| json!({"request": r.request_id, "messages": r.messages})).collect();
        }
        "exchanges" => return json!(simulator.take_exchanges()),
        other => return json!({"error": format!("no command {other:?}")}),
    }
    Value::Null
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let listen = arguments.next().unwrap_or_else(|| "127.0.0.1:0".into()).parse()?;
    let seed = arguments.next().map_or(Ok(1), |seed| seed.parse())?;
    let mut config = Config::new(Arc::new(SystemClock), Box::new(Randomness::new(seed).rng()));
    config.channel_secret = Secret::new(SECRET.into());
    config.long_lived_token = Some(Secret::new(TOKEN.into()));
    config.record = true;
    let channel = config.channel_id.clone();
    let simulator = Simulator::start(listen, config).await?;
    let mut users = vec![simulator.add_user("市民", Some("ja"))];
    simulator.follow(&users[0]);
    users.extend(simulator.add_friends(60));
    let told =
        json!({"address": simulator.base(), "token": TOKEN, "channel": channel, "secret": SECRET, "users": users});
    println!("{told}");
    // Reading the input would keep the simulator from working, so it has a thread of its own.
    let (lines, mut commands) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        std::io::stdin().lock().lines().map_while(Result::ok).all(|line| lines.send(line).is_ok())
    });
    while let Some(line) = commands.recv().await {
        let answer = match serde_json::from_str(&line) {
            Ok(command) => carry_out(&simulator, &command).await,
            Err(error) => json!({"error": error.to_string()}),
        };
        println!("{answer}");
        std::io::stdout().flush()?;
    }
    Ok(())
}
