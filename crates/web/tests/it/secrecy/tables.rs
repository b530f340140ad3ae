//! The tables that refer to a person.

use std::collections::{BTreeMap, BTreeSet};

use store::migrate::MIGRATIONS;

/// Tables that refer to a person, and how the rows of the persons of this test are found: `{ids}` are theirs.
pub(super) const COVERED: &[(&str, &str)] = &[
    ("account", "person IN ({ids})"),
    ("address", "person IN ({ids})"),
    (
        "answer_article",
        "answer IN (SELECT id FROM answer_record WHERE contact IN (SELECT id FROM contact WHERE person IN ({ids})))",
    ),
    ("answer_record", "contact IN (SELECT id FROM contact WHERE person IN ({ids}))"),
    ("consent", "person IN ({ids})"),
    ("contact", "person IN ({ids})"),
    ("contact_attachment", "contact IN (SELECT id FROM contact WHERE person IN ({ids}))"),
    ("contact_call_back", "person IN ({ids})"),
    ("contact_conversation", "contact IN (SELECT id FROM contact WHERE person IN ({ids}))"),
    ("contact_draft", "contact IN (SELECT id FROM contact WHERE person IN ({ids}))"),
    ("contact_event", "contact IN (SELECT id FROM contact WHERE person IN ({ids}))"),
    ("contact_fact", "contact IN (SELECT id FROM contact WHERE person IN ({ids}))"),
    ("contact_incident", "contact IN (SELECT id FROM contact WHERE person IN ({ids}))"),
    ("contact_link", "contact IN (SELECT id FROM contact WHERE person IN ({ids}))"),
    ("contact_message", "contact IN (SELECT id FROM contact WHERE person IN ({ids}))"),
    ("contact_side_question", "contact IN (SELECT id FROM contact WHERE person IN ({ids}))"),
    ("contact_transfer", "contact IN (SELECT id FROM contact WHERE person IN ({ids}))"),
    ("contact_typing", "contact IN (SELECT id FROM contact WHERE person IN ({ids}))"),
    ("household", "id IN (SELECT household FROM household_member WHERE person IN ({ids}))"),
    ("household_member", "person IN ({ids})"),
    ("line_call", "contact IN (SELECT id FROM contact WHERE person IN ({ids}))"),
    ("line_invitation", "person IN ({ids})"),
    ("line_link_try", "recipient IN (SELECT id FROM outreach_recipient WHERE person IN ({ids}))"),
    ("line_pass", "recipient IN (SELECT id FROM outreach_recipient WHERE person IN ({ids}))"),
    ("line_talk", "contact IN (SELECT id FROM contact WHERE person IN ({ids}))"),
    ("message", "person IN ({ids})"),
    ("message_attempt", "message IN (SELECT id FROM message WHERE person IN ({ids}))"),
    ("outreach_delivery", "recipient IN (SELECT id FROM outreach_recipient WHERE person IN ({ids}))"),
    ("outreach_preference", "recipient IN (SELECT id FROM outreach_recipient WHERE person IN ({ids}))"),
    ("outreach_recipient", "person IN ({ids})"),
    ("outreach_subscription", "recipient IN (SELECT id FROM outreach_recipient WHERE person IN ({ids}))"),
    ("person", "id IN ({ids})"),
    ("person_erasure", "person IN ({ids})"),
    ("person_merge", "kept IN ({ids})"),
    ("person_merge_move", "merge IN (SELECT id FROM person_merge WHERE kept IN ({ids}))"),
    ("place", "person IN ({ids})"),
    ("question", "contact IN ({ids})"),
    ("recall_contact", "contact IN (SELECT id FROM contact WHERE person IN ({ids}))"),
    ("simulated_mail", "message IN (SELECT id FROM message WHERE person IN ({ids}))"),
];

/// Columns that hold a person or what is theirs, also where no foreign key says so.
const COLUMNS: [&str; 5] = ["person", "recipient", "mail", "citizen", "whereabouts"];
/// The one table in which `contact` is a person: whom to answer. Everywhere else it is a contact, foreign key or not.
const CONTACT_IS_A_PERSON: &str = "question";

/// Tables of the migrations that refer to a person.
pub(super) fn refer_to_a_person() -> BTreeSet<String> {
    let mut columns: BTreeMap<String, Vec<(String, Option<String>)>> = BTreeMap::new();
    for migration in MIGRATIONS {
        let mut table = "";
        for line in migration.sql.lines() {
            if let Some(name) = line.strip_prefix("CREATE TABLE ").or(line.strip_prefix("ALTER TABLE ")) {
                table = name.split(' ').next().unwrap_or_default();
            } else if let (true, Some(name)) = (line.starts_with(' '), line.split_whitespace().next()) {
                let to = line.split("REFERENCES ").nth(1).and_then(|rest| rest.split(' ').next());
                let to = match (name, table) {
                    ("contact", of) if of != CONTACT_IS_A_PERSON => Some("contact"),
                    _ => to,
                };
                columns.entry(table.to_owned()).or_default().push((name.to_owned(), to.map(str::to_owned)));
            }
        }
    }
    // Over foreign keys, however many of them. A contact has its person without one.
    let mut reached = BTreeSet::from(["person".to_owned(), "contact".to_owned()]);
    loop {
        let refers = |(_, to): &(String, Option<String>)| to.as_ref().is_some_and(|to| reached.contains(to));
        let more: Vec<String> = columns.iter().filter(|(_, c)| c.iter().any(refers)).map(|(t, _)| t.clone()).collect();
        let before = reached.len();
        reached.extend(more);
        if reached.len() == before {
            break;
        }
    }
    let named = |table: &str, name: &str| {
        COLUMNS.contains(&name) || name.ends_with("_sealed") || (table, name) == (CONTACT_IS_A_PERSON, "contact")
    };
    reached.extend(columns.into_iter().filter(|(t, c)| c.iter().any(|(name, _)| named(t, name))).map(|(t, _)| t));
    reached
}
