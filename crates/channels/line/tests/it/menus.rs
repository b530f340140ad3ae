//! Rich menus: made, shown, switched, taken away.

use hyper::body::Bytes;
use line::client::{Alias, Client, Content};
use line::message::Action;
use line::rich_menu::{Area, Bounds, RichMenu, Size};
use line::simulator::Tapped;
use line::webhook::Kind;
use line::{Endpoint, Failure};

use crate::support::{Line, line};

const SIZE: Size = Size { width: 2_500, height: 843 };

fn menu(name: &str, action: Action) -> RichMenu {
    let bounds = Bounds { x: 0, y: 0, width: 1_250, height: 843 };
    RichMenu {
        size: SIZE,
        selected: true,
        name: name.into(),
        chat_bar_text: "メニュー".into(),
        areas: vec![Area { bounds, action }],
    }
}

/// As much of a PNG as tells its size.
fn png(size: Size) -> Bytes {
    let mut bytes = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR".to_vec();
    bytes.extend(size.width.to_be_bytes());
    bytes.extend(size.height.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0]);
    bytes.into()
}

async fn made(client: &Client, name: &str) -> String {
    let id = client.create_rich_menu(&menu(name, Action::message("ごみ", "ごみの日"))).await.expect("made").value;
    client.set_rich_menu_image(&id, png(SIZE)).await.expect("image");
    id
}

fn refused<T: std::fmt::Debug>(result: Result<T, Failure>) -> (u16, String) {
    let failure = result.expect_err("refused");
    let rejection = failure.rejection().expect("answered");
    (rejection.status, rejection.message.clone())
}

#[tokio::test]
async fn the_users_own_goes_before_the_default() {
    let Line { simulator, client, .. } = line().await;
    let users = simulator.add_friends(3);
    let (day, disaster) = (made(&client, "平時").await, made(&client, "災害").await);
    assert_eq!(simulator.rich_menu_of(&users[0]), None);
    client.set_default_rich_menu(&day).await.expect("default");
    assert_eq!(client.default_rich_menu().await.expect("default").value, day);
    client.link_rich_menu(&users[0], &disaster).await.expect("linked");
    assert_eq!(client.rich_menu_of(&users[0]).await.expect("own").value, disaster);
    assert_eq!(refused(client.rich_menu_of(&users[1]).await).0, 404, "the default is not their own");
    let shown = |i: usize| simulator.rich_menu_of(&users[i]);
    assert_eq!([shown(0), shown(1)], [Some(disaster.clone()), Some(day.clone())]);
    client.unlink_rich_menu(&users[0]).await.expect("unlinked");
    assert_eq!(shown(0), Some(day.clone()));
    client.bulk_link_rich_menu(&disaster, &users[1..]).await.expect("bulk");
    assert_eq!([shown(1), shown(2)], [Some(disaster.clone()), Some(disaster.clone())]);
    client.bulk_unlink_rich_menu(&users[1..2]).await.expect("bulk");
    assert_eq!(shown(1), Some(day.clone()));
    client.delete_rich_menu(&disaster).await.expect("gone");
    assert_eq!(shown(2), Some(day.clone()), "a rich menu that is gone is nobody's");
    client.cancel_default_rich_menu().await.expect("cancelled");
    assert_eq!(shown(2), None);
    assert_eq!(refused(client.default_rich_menu().await).0, 404);
}

#[tokio::test]
async fn an_image_is_needed_of_the_right_size_and_once() {
    let Line { simulator, client, .. } = line().await;
    let user = simulator.add_friends(1).remove(0);
    let plain = menu("平時", Action::message("ごみ", "ごみの日"));
    client.validate_rich_menu(&plain).await.expect("good");
    assert_eq!(client.rich_menus().await.expect("list").value, [], "only looked at");
    let id = client.create_rich_menu(&plain).await.expect("made").value;
    let words = "must upload richmenu image before applying it to user".to_owned();
    assert_eq!(refused(client.set_default_rich_menu(&id).await), (400, words.clone()));
    assert_eq!(refused(client.link_rich_menu(&user, &id).await), (400, words));
    assert_eq!(refused(client.rich_menu_image(&id).await).0, 404);
    let other = png(Size { width: 2_500, height: 1_686 });
    assert_eq!(refused(client.set_rich_menu_image(&id, other).await).0, 400);
    assert!(matches!(client.set_rich_menu_image(&id, Bytes::from_static(b"GIF89a")).await, Err(Failure::Invalid(_))));
    client.set_rich_menu_image(&id, png(SIZE)).await.expect("image");
    assert_eq!(
        refused(client.set_rich_menu_image(&id, png(SIZE)).await).0,
        400,
        "another image needs another rich menu"
    );
    let image = client.rich_menu_image(&id).await.expect("image").value;
    assert_eq!(image, Content::Ready { media_type: "image/png".into(), bytes: png(SIZE) });
    let found = client.rich_menu(&id).await.expect("one").value;
    assert_eq!((found.name.as_str(), found.selected), ("平時", true));
    assert_eq!(client.rich_menus().await.expect("list").value, [found]);
    assert_eq!(refused(client.rich_menu("richmenu-x").await).0, 404);
    let mut wide = plain;
    wide.size.width = 9_999;
    assert!(matches!(client.create_rich_menu(&wide).await, Err(Failure::Invalid(_))));
    assert_eq!(Endpoint::CreateRichMenu.repeat(), line::endpoint::Repeat::Never);
}

#[tokio::test]
async fn an_alias_switches_what_a_user_sees() {
    let Line { simulator, client, .. } = line().await;
    let user = simulator.add_friends(1).remove(0);
    let (server, events) = crate::webhooks::server().await;
    simulator.set_webhook(Some(&server));
    let second = made(&client, "二枚目").await;
    client.create_alias("second", &second).await.expect("alias");
    let (status, _) = refused(client.create_alias("second", &second).await);
    assert_eq!(status, 400, "there already");
    let switch = Action::RichMenuSwitch { label: None, rich_menu_alias_id: "second".into(), data: "to=second".into() };
    let first = client.create_rich_menu(&menu("一枚目", switch)).await.expect("made").value;
    client.set_rich_menu_image(&first, png(SIZE)).await.expect("image");
    client.set_default_rich_menu(&first).await.expect("default");
    assert_eq!(simulator.tap_menu(&user, 2_000, 10), Tapped::Nothing, "beside the area");
    assert!(matches!(simulator.tap_menu(&user, 1_249, 842), Tapped::Event(_)));
    assert_eq!(simulator.rich_menu_of(&user), Some(second.clone()));
    assert!(matches!(simulator.tap_menu(&user, 0, 0), Tapped::Event(_)), "now it says something");
    simulator.settle().await;
    let kinds: Vec<Kind> = events.take().into_iter().map(|e| e.kind).collect();
    let params = serde_json::json!({"newRichMenuAliasId": "second", "status": "SUCCESS"});
    assert_eq!(kinds[0], Kind::Postback { data: "to=second".into(), params: Some(params) });
    assert!(
        matches!(&kinds[1], Kind::Message { content: line::webhook::Content::Text(text), .. } if text == "ごみの日")
    );
    client.update_alias("second", &first).await.expect("moved");
    let alias = Alias { rich_menu_alias_id: "second".into(), rich_menu_id: first.clone() };
    assert_eq!(client.alias("second").await.expect("alias").value, alias);
    assert_eq!(client.aliases().await.expect("aliases").value, [alias]);
    client.delete_alias("second").await.expect("gone");
    assert_eq!(refused(client.alias("second").await).0, 404);
    assert!(matches!(client.create_alias("Second", &first).await, Err(Failure::Invalid(_))));
}
