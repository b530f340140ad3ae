//! Rich menus that are there, for the routes and the tests of their pages.

use access::{Principal, Role};
use line_account::menu::draft::{self, Typed, TypedTile};
use line_account::menu::{Editor, planning};

use crate::records::{Made, next};
use crate::support::City;

/// The first bytes of a PNG of this size, which is all that is looked at.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0]);
    bytes
}

/// The fields of a menu of two tiles.
pub(crate) const FORM: &[(&str, &str)] = &[
    ("name", "ふだん"),
    ("bar", "メニュー"),
    ("layout", "two"),
    ("size", "small"),
    ("source", "own"),
    ("label", "ごみ"),
    ("icon", "♻️"),
    ("colour", "green"),
    ("act", "say"),
    ("value", "ごみの出し方を知りたい"),
    ("to", ""),
    ("label", "職員と話す"),
    ("icon", ""),
    ("colour", "navy"),
    ("act", "person"),
    ("value", ""),
    ("to", ""),
];

fn who() -> Principal {
    let roles = vec![(Role::Coordinator, None)];
    Principal { account: "a".into(), name: "全体調整".into(), sections: Vec::new(), roles }
}

/// A menu with a picture. Gives its id.
pub(crate) async fn menu(city: &City, name: &str, is_emergency: bool) -> String {
    let tile =
        TypedTile { label: "ごみ".into(), colour: "city".into(), act: "topics".into(), ..TypedTile::default() };
    let typed = Typed {
        name: name.into(),
        bar: "メニュー".into(),
        layout: "one".into(),
        is_emergency,
        tiles: vec![tile],
        image: Some(png(2_500, 1_686)),
        ..Typed::default()
    };
    let (who, mut entropy) = (who(), (city.test.entropy_source())());
    let editor = Editor { clock: city.test.clock.as_ref(), who: &who };
    let mut tx = city.test.db.write().await.expect("write");
    let id = draft::write(&mut tx, editor, entropy.as_mut(), None, &typed).await.expect("a menu");
    tx.commit().await.expect("commit");
    id
}

/// A time for which a menu is planned. Gives its id.
async fn plan(city: &City, menu: &str) -> String {
    let (who, mut entropy) = (who(), (city.test.entropy_source())());
    let editor = Editor { clock: city.test.clock.as_ref(), who: &who };
    let until = calendar::Clock::now(city.test.clock.as_ref()).plus(std::time::Duration::from_secs(3_600));
    let mut tx = city.test.db.write().await.expect("write");
    planning::schedule(&mut tx, editor, entropy.as_mut(), menu, (None, until)).await.expect("planned");
    let plans = line_account::menu::plans(&mut tx, editor.clock.now()).await.expect("plans");
    tx.commit().await.expect("commit");
    plans.into_iter().find(|p| p.menu == menu).expect("the plan").id
}

/// What a route of the menus needs.
pub(crate) async fn made(city: &City, path: &str) -> Made {
    let with = |form: &[(&'static str, &str)]| form.iter().map(|(n, v)| (*n, (*v).to_owned())).collect::<Vec<_>>();
    let name = format!("メニュー{}", next());
    match path {
        "/line/menus" => (Vec::new(), with(FORM)),
        "/line/emergency" => {
            let id = menu(city, &name, true).await;
            (Vec::new(), with(&[("menu", &id), ("reason", "大雨警報"), ("step", "switch")]))
        }
        "/line/menus/{id}/plans" => (vec![("{id}", menu(city, &name, false).await)], with(&[("kind", "default")])),
        "/line/menus/{id}/plans/{plan}/end" => {
            let id = menu(city, &name, false).await;
            let plan = plan(city, &id).await;
            (vec![("{id}", id), ("{plan}", plan)], Vec::new())
        }
        _ if path.contains("{id}") => (vec![("{id}", menu(city, &name, false).await)], with(FORM)),
        _ => Default::default(),
    }
}
