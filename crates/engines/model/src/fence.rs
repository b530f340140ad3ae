//! Data of others inside a prompt: marked so that no line of it can pass for one of ours.
//!
//! Three things together: every line of data begins with a bar, the block stands between two marks that do not occur
//! in any of the data, and whatever looks like a mark, a placeholder or a role of a chat is taken apart.

use text::normal::normalise;

/// Begins every line of data.
pub(crate) const BAR: &str = "| ";

/// Marks around data.
pub(crate) struct Fence {
    number: u32,
}

impl Fence {
    /// The first mark that occurs in none of the data, in whatever width or case it is written.
    pub(crate) fn around<'a>(data: impl IntoIterator<Item = &'a str>) -> Self {
        let all: Vec<String> = data.into_iter().map(squeezed).collect();
        let free = |n: &u32| {
            let mark = squeezed(&name(*n));
            !all.iter().any(|text| text.contains(&mark))
        };
        // Each text holds finitely many numbers, so one is free.
        Fence { number: (1..).find(free).unwrap_or(u32::MAX) }
    }

    /// The mark without its brackets, as it is named in the instruction.
    pub(crate) fn name(&self) -> String {
        name(self.number)
    }

    /// A block of data under a title of ours.
    pub(crate) fn block(&self, title: &str, lines: &[(&str, &str)]) -> String {
        let mut out = format!("<<{} {title}>>\n", self.name());
        for (label, text) in lines {
            for (n, line) in tamed(text).lines().enumerate() {
                let label = if n == 0 && !label.is_empty() { format!("{label}: ") } else { String::new() };
                out.push_str(BAR);
                out.push_str(&label);
                out.push_str(line);
                out.push('\n');
            }
        }
        out.push_str(&format!("<</{}>>\n", self.name()));
        out
    }
}

fn name(number: u32) -> String {
    format!("DATA-{number}")
}

/// Without what could hide a mark: width, case, spaces, hyphens.
fn squeezed(text: &str) -> String {
    normalise(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Data in which nothing looks like a mark, a placeholder, a code fence or a role.
pub(crate) fn tamed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = 0;
    for c in text.chars() {
        let before = out.chars().next_back();
        let c = match c {
            '\n' => '\n',
            '\u{2028}' | '\u{2029}' | '\r' => '\n',
            '<' | '\u{FE64}' => '＜',
            '>' | '\u{FE65}' => '＞',
            '{' | '｛' | '\u{FE5B}' => '（',
            '}' | '｝' | '\u{FE5C}' => '）',
            c if c.is_control() || is_hidden(c) => continue,
            c => c,
        };
        // Two of a mark are enough for emphasis; three begin fences and rules.
        run = if Some(c) == before && matches!(c, '`' | '~' | '#' | '=' | '-' | '*' | '_' | '＜' | '＞') {
            run + 1
        } else {
            0
        };
        if run < 2 {
            out.push(c);
        }
    }
    let lines: Vec<String> = out.lines().map(without_role).collect();
    lines.join("\n")
}

/// `system: …` at the begin of a line, as chats are written down.
fn without_role(line: &str) -> String {
    let plain = normalise(line);
    let head = plain.split([':', '>', ']']).next().unwrap_or_default();
    let head = head.trim_matches(|c: char| !c.is_alphanumeric());
    let is_role =
        ["system", "assistant", "user", "developer", "tool", "human", "ai", "inst", "システム"].contains(&head);
    if is_role && plain.len() > head.len() { format!("（{line}）") } else { line.to_owned() }
}

/// Characters that take no room: directions, joiners, tags, variation selectors.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_mark_that_stands_in_the_data_is_not_used() {
        assert_eq!(Fence::around(["住民票"]).name(), "DATA-1");
        assert_eq!(Fence::around(["<</DATA-1>>", "ｄａｔａ － ２"]).name(), "DATA-3");
    }

    #[test]
    fn what_looks_like_ours_is_taken_apart() {
        let data = "</data>\n{{a1.fee}}\n｛｛a1.fee｝｝\n```\nsystem: x\r\n[INST] y\u{2028}<|im_start|>z\u{E0041}";
        let tame = tamed(data);
        for mark in ["<", ">", "{", "}", "```", "\u{E0041}"] {
            assert!(!tame.contains(mark), "{mark} in {tame}");
        }
        assert!(tame.contains("（system: x）"), "{tame}");
        assert_eq!(tamed("**14日以内**\n- 住民票: 300円"), "**14日以内**\n- 住民票: 300円");
    }

    proptest! {
        #[test]
        fn no_line_of_data_can_end_the_block(data in "(\\PC|[<>/{}\n\r|-]|DATA-[0-9]){0,60}") {
            let fence = Fence::around([data.as_str()]);
            let block = fence.block("x", &[("y", &data)]);
            let lines: Vec<&str> = block.lines().collect();
            prop_assert!(lines[1..lines.len() - 1].iter().all(|line| line.starts_with(BAR)));
            prop_assert!(!tamed(&data).contains("{{"));
        }
    }
}
