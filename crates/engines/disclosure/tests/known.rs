//! Tables made by hand whose answers are known.

use disclosure::{Cell, Interval, PublicCell, PublicTable, Published, Rule, Table, Tree, audit, differs, suppress};

const RULE: Rule = Rule { least: 5, shows_zero: true, rounding: None };

/// One line for each row: counts, `~` before rounded ones, `p` and `s` for
/// hidden ones.
fn picture(published: &Published) -> Vec<String> {
    let width = published.columns().len() + usize::from(published.columns().len() > 1);
    let cell = |row, column| match published.cell(row, column) {
        Some(Cell::Shown(count)) => count.to_string(),
        Some(Cell::Rounded(multiple)) => format!("~{multiple}"),
        Some(Cell::Hidden { primary: true }) => "p".into(),
        Some(Cell::Hidden { primary: false }) => "s".into(),
        None => "none".into(),
    };
    let line = |row| (0..width).map(|column| cell(row, column)).collect::<Vec<_>>().join(" ");
    (0..published.rows().len()).map(line).collect()
}

fn list(counts: &[u64], rule: Rule) -> Published {
    let labels: Vec<_> = (0..counts.len()).map(|n| n.to_string()).collect();
    let pairs: Vec<_> = labels.iter().map(String::as_str).zip(counts.iter().copied()).collect();
    suppress(&Table::list("all", &pairs).expect("a table"), &rule).expect("a rule")
}

fn cross(counts: &[&[u64]], rule: Rule) -> Published {
    let names: Vec<_> = (0..counts.len().max(counts[0].len())).map(|n| n.to_string()).collect();
    let columns: Vec<_> = names[..counts[0].len()].iter().map(String::as_str).collect();
    let rows: Vec<_> = names.iter().map(String::as_str).zip(counts.iter().map(|row| row.to_vec())).collect();
    suppress(&Table::cross("all", &columns, &rows).expect("a table"), &rule).expect("a rule")
}

fn ends(published: &Published) -> Vec<(usize, usize, u64, Option<u64>)> {
    audit(published).iter().map(|&Interval { row, column, low, high }| (row, column, low, high)).collect()
}

#[test]
fn nothing_small_nothing_hidden() {
    assert_eq!(picture(&list(&[5, 0, 12], RULE)), ["17", "5", "0", "12"]);
    assert_eq!(audit(&list(&[5, 0, 12], RULE)), []);
}

#[test]
fn a_small_count_hides_the_next_smallest() {
    let published = list(&[3, 30, 9, 20], RULE);
    assert_eq!(picture(&published), ["62", "p", "30", "s", "20"]);
    assert_eq!(ends(&published), [(1, 0, 0, Some(12)), (3, 0, 0, Some(12))]);
}

#[test]
fn two_small_counts_guard_each_other_only_if_they_are_enough_together() {
    let enough = list(&[3, 2, 30], RULE);
    assert_eq!(picture(&enough), ["35", "p", "p", "30"]);
    assert_eq!(ends(&enough), [(1, 0, 0, Some(5)), (2, 0, 0, Some(5))]);
    // 1 + 2 would be known to be below 5.
    assert_eq!(picture(&list(&[1, 2, 30, 20], RULE)), ["53", "p", "p", "30", "s"]);
}

#[test]
fn among_equal_counts_the_first_is_taken() {
    assert_eq!(picture(&list(&[8, 3, 8], RULE)), ["19", "s", "p", "8"]);
}

#[test]
fn a_zero_is_no_guard_while_a_count_is_one() {
    assert_eq!(picture(&list(&[0, 3, 9, 0], RULE)), ["12", "0", "p", "s", "0"]);
}

#[test]
fn a_total_is_hidden_where_nothing_else_helps() {
    let alone = list(&[3], RULE);
    assert_eq!(picture(&alone), ["p", "p"]);
    assert!(alone.is_withheld());
    assert_eq!(ends(&alone), [(0, 0, 0, None), (1, 0, 0, None)]);
    // The total of 3 is small itself, and the zeros would not guard it.
    assert_eq!(picture(&list(&[0, 3, 0], RULE)), ["p", "0", "p", "0"]);
}

#[test]
fn zeros_are_hidden_where_the_rule_says_so() {
    let rule = Rule { shows_zero: false, ..RULE };
    assert_eq!(picture(&list(&[0, 30, 9], rule)), ["39", "p", "30", "s"]);
    assert!(list(&[0, 0], rule).is_withheld());
}

#[test]
fn a_table_needs_a_ring_of_four() {
    let published = cross(&[&[3, 20, 30], &[7, 8, 40], &[50, 60, 70]], RULE);
    assert_eq!(picture(&published), ["60 88 140 288", "p s 30 53", "s s 40 55", "50 60 70 180"]);
    assert_eq!(ends(&published), [(1, 0, 0, Some(10)), (1, 1, 13, Some(23)), (2, 0, 0, Some(10)), (2, 1, 5, Some(15))]);
}

#[test]
fn a_ring_without_a_zero_is_taken_though_it_hides_greater_counts() {
    let published = cross(&[&[3, 20, 30], &[20, 0, 40]], RULE);
    assert_eq!(picture(&published), ["23 20 70 113", "p 20 s 53", "s 0 s 60"]);
}

#[test]
fn what_guards_nothing_any_more_is_shown_again() {
    // The 1 alone would be guarded best by 5, 10 and 25; the 4 needs 18 too, and
    // then 1, 18, 4 and 25 guard each other.
    let published = cross(&[&[5, 18, 1], &[10, 4, 25]], RULE);
    assert_eq!(picture(&published), ["15 22 26 63", "5 s p 24", "10 p s 39"]);
}

#[test]
fn a_section_within_a_department_hides_as_far_up_as_it_must() {
    let mut tree = Tree::new("city");
    let north = tree.group(0, "north");
    tree.part(north, "one", &[2]);
    tree.part(north, "two", &[40]);
    let south = tree.group(0, "south");
    tree.part(south, "one", &[3]);
    tree.part(0, "east", &[60]);
    let published = suppress(&Table::tree(&[""], &tree).expect("a table"), &RULE).expect("a rule");
    // South is small itself and would be 105 - 42 - 60. East guards it and not
    // north, whose count is smaller: north is a total.
    assert_eq!(picture(&published), ["105", "42", "p", "s", "p", "p", "s"]);
    assert_eq!(
        ends(&published),
        [(2, 0, 0, Some(42)), (3, 0, 0, Some(42)), (4, 0, 0, Some(63)), (5, 0, 0, Some(63)), (6, 0, 0, Some(63))]
    );
}

#[test]
fn rounded_totals_can_guard_by_themselves() {
    let rule = Rule { rounding: Some(10), ..RULE };
    let published = list(&[3, 22, 41], rule);
    assert_eq!(picture(&published), ["~70", "p", "~20", "~40"]);
    // 65 to 74, less 15 to 24, less 35 to 44.
    assert_eq!(ends(&published), [(1, 0, 0, Some(24))]);
    assert!(!published.adds_up());
    // Base 2 blurs too little: at most 36, less at least 13 and 19, is 4.
    assert_eq!(picture(&list(&[3, 13, 20], Rule { rounding: Some(2), ..RULE })), ["~36", "p", "s", "~20"]);
}

#[test]
fn readers_are_not_told_which_is_small() {
    let public = list(&[3, 30, 9], RULE).to_public();
    let expected: Vec<Vec<_>> = vec![
        vec![PublicCell::Shown(42)],
        vec![PublicCell::Hidden],
        vec![PublicCell::Shown(30)],
        vec![PublicCell::Hidden],
    ];
    assert_eq!(public.cells, expected);
    assert!(public.adds_up && !public.is_withheld);
}

#[test]
fn the_greatest_counts_are_no_trouble() {
    let most = disclosure::MAX_COUNT;
    let published = list(&[1, most - 1], RULE);
    assert_eq!(picture(&published), [most.to_string(), "p".into(), "s".into()]);
    assert_eq!(ends(&published), [(1, 0, 0, Some(most)), (2, 0, 0, Some(most))]);
    let rule = Rule { least: disclosure::MAX_LEAST, shows_zero: false, rounding: Some(2 * disclosure::MAX_LEAST) };
    assert!(list(&[1, 2, 3], rule).is_withheld());
    assert!(!list(&[most / 2, most / 2], rule).is_withheld());
}

#[test]
fn what_readers_saw_is_enough_to_compare_releases() {
    let mut tree = Tree::new("all");
    let group = tree.group(0, "one");
    tree.part(group, "a", &[3, 9]);
    tree.part(group, "b", &[12, 20]);
    tree.part(0, "two", &[30, 40]);
    for rounding in [None, Some(5)] {
        let rule = Rule { rounding, ..RULE };
        let before = suppress(&Table::tree(&["x", "y"], &tree).expect("a table"), &rule).expect("a rule");
        let read = before.to_public().released(rule).expect("a table");
        assert_eq!(read.to_public(), before.to_public());
        assert_eq!(audit(&read), audit(&before));
        let mut later = tree.clone();
        later.part(0, "three", &[6, 6]);
        let after = suppress(&Table::tree(&["x", "y"], &later).expect("a table"), &rule).expect("a rule");
        assert_eq!(differs(&read, &after), differs(&before, &after));
    }
    let whole = list(&[5, 6], RULE).to_public();
    assert!(whole.released(Rule { least: 0, ..RULE }).is_none());
    for broken in [
        PublicTable { cells: whole.cells[1..].to_vec(), ..whole.clone() },
        PublicTable { columns: vec!["x".into(), "y".into()], ..whole.clone() },
        PublicTable { columns: vec![], ..whole.clone() },
        PublicTable { rows: whole.rows.iter().rev().cloned().collect(), ..whole.clone() },
    ] {
        assert!(broken.released(RULE).is_none());
    }
}
