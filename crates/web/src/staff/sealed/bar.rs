//! What stands above every page of the desk: its parts, and the lock.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use casework::Kind;
use casework::case::BULLYING;
use casework::member::{self, DeskRole, IDLE};

use super::Desk;
use super::shared::{works, works_at};
use crate::errors::Failure;
use crate::routes::{Face, route_table};
use crate::staff::gate::Staff;

/// Parts of the desk: key, name, address, who sees it; empty is everybody who works there.
const TABS: &[(&str, &str, &str, &[DeskRole])] = &[
    ("cases", "事案", "/sealed", &[DeskRole::Consultant, DeskRole::Officer]),
    ("agenda", "月例会議", "/sealed/agenda", &[DeskRole::Consultant]),
    ("overdue", "期限の見守り", "/sealed/overdue", &[DeskRole::Supervisor]),
    ("effect", "効果", "/sealed/effect", &[DeskRole::Consultant]),
    ("signs", "危険のしるし", "/sealed/signs", &[DeskRole::Consultant, DeskRole::Supervisor]),
    ("leaflets", "チラシ", "/sealed/leaflets", &[DeskRole::Consultant, DeskRole::Supervisor]),
    ("glass", "非常時の閲覧", "/sealed/glass", &[DeskRole::Officer]),
    ("members", "窓口の人", "/sealed/members", &[]),
    ("recovery", "鍵の回復", "/sealed/recovery", &[]),
];

/// The addresses that are there.
static THERE: LazyLock<BTreeSet<&'static str>> =
    LazyLock::new(|| route_table().into_iter().filter(|r| r.face == Face::Desk).map(|r| r.path).collect());

/// Parts that every desk has.
const NAMED: [&str; 3] = ["cases", "overdue", "members"];

/// A part of the desk.
pub(crate) struct Tab {
    pub(crate) key: &'static str,
    pub(crate) label: &'static str,
    pub(crate) url: String,
}

/// A desk at which somebody works.
pub(crate) struct DeskTab {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) is_current: bool,
}

/// The desks at which somebody works, where they are several; partners work at none.
fn desks(staff: &Staff, current: &str) -> Vec<DeskTab> {
    let Some(keeping) = &staff.city.sealed else { return Vec::new() };
    let works = |desk: &str| staff.desks.iter().any(|(own, role)| own == desk && *role != DeskRole::Partner);
    let all: Vec<DeskTab> = keeping
        .kinds
        .all()
        .iter()
        .filter(|kind| works(&kind.desk))
        .map(|kind| DeskTab { name: kind.name.clone(), url: kind.list_page(), is_current: kind.desk == current })
        .collect();
    if all.len() > 1 { all } else { Vec::new() }
}

/// What the frame of the desk's pages needs.
pub(crate) struct Bar {
    /// Which part is marked.
    pub(crate) tab: &'static str,
    pub(crate) tabs: Vec<Tab>,
    /// Whether the desk is open while this page is shown.
    pub(crate) is_open: bool,
    /// After so many seconds without a request the desk locks itself.
    pub(crate) idle: u64,
    /// Seconds that are left of them.
    pub(crate) left: u64,
    /// Whether the page may stay on the screen when the desk locks itself: nothing of a case is on it.
    pub(crate) stays: bool,
    /// The desks at which somebody works, where they are several.
    pub(crate) desks: Vec<DeskTab>,
}

impl Bar {
    /// The bar of a page that needs no open desk: where it is open, it can be locked there too, and the time runs. The
    /// look at it prolongs nothing.
    pub(crate) async fn looked_at(staff: &Staff, tab: &'static str) -> Result<Bar, Failure> {
        let Some(cookie) = &staff.desk_cookie else { return Ok(Bar::new(staff, tab, false)) };
        let mut tx = staff.city.db.read().await?;
        let left = member::open_for(&mut tx, staff.visit.now, &staff.who.account, cookie).await?;
        let bar = Bar::new(staff, tab, left.is_some());
        Ok(Bar { left: left.map_or(0, |left| left.as_secs()), stays: true, ..bar })
    }

    /// The bar for somebody whose desk is known to be open, or to be locked.
    pub(crate) fn new(staff: &Staff, tab: &'static str, is_open: bool) -> Bar {
        let may = |roles: &[DeskRole]| {
            (roles.is_empty() && works(staff)) || roles.iter().any(|role| staff.is_at(BULLYING, *role))
        };
        let tabs = TABS
            .iter()
            .filter(|(_, _, url, roles)| staff.mounted.desk && may(roles) && THERE.contains(url))
            .map(|(key, label, url, _)| Tab { key, label, url: (*url).to_owned() })
            .collect();
        let desks = desks(staff, BULLYING);
        Bar { tab, tabs, is_open, idle: IDLE.as_secs(), left: IDLE.as_secs(), stays: false, desks }
    }

    /// The bar of a page about a desk that is open.
    pub(crate) fn at(desk: &Desk, tab: &'static str) -> Bar {
        if desk.kind.is_named() {
            return Bar { is_open: desk.kind.is_sealed(), ..Bar::named(&desk.staff, tab, &desk.kind) };
        }
        Bar::new(&desk.staff, tab, true)
    }

    /// The bar of a page about another desk than the bullying desk, which has fewer parts; locked, where it can be.
    pub(crate) fn named(staff: &Staff, tab: &'static str, kind: &Kind) -> Bar {
        let may = |roles: &[DeskRole]| {
            (roles.is_empty() && works_at(staff, &kind.desk)) || roles.iter().any(|role| staff.is_at(&kind.desk, *role))
        };
        let tabs = TABS
            .iter()
            .filter(|(key, _, url, roles)| {
                staff.mounted.desk && NAMED.contains(key) && may(roles) && THERE.contains(url)
            })
            .map(|(key, label, url, _)| Tab { key, label, url: format!("{url}?desk={}", kind.desk) })
            .collect();
        let desks = desks(staff, &kind.desk);
        Bar { tab, tabs, is_open: false, idle: IDLE.as_secs(), left: IDLE.as_secs(), stays: false, desks }
    }

    /// The bar of a page about a kind of case that needs no open desk.
    pub(crate) async fn of(staff: &Staff, tab: &'static str, kind: &Kind) -> Result<Bar, Failure> {
        if kind.is_named() { Ok(Bar::named(staff, tab, kind)) } else { Bar::looked_at(staff, tab).await }
    }
}
