//! Readings: `引(ひ)っ越(こ)し` as it is written in files becomes ruby on the page.

use text::normal::{is_kana, is_kanji};

/// Escapes text for HTML.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Finds readings: calls `plain` for text and `ruby` for (Chinese characters, reading).
fn walk<'a>(text: &'a str, mut plain: impl FnMut(&'a str), mut ruby: impl FnMut(&'a str, &'a str)) {
    let mut rest = text;
    while let Some(open) = rest.find('(') {
        let close = rest[open..].find(')').map(|i| open + i);
        let base_start =
            rest[..open].char_indices().rev().take_while(|(_, c)| is_kanji(*c)).last().map_or(open, |(i, _)| i);
        let base = &rest[base_start..open];
        let reading = close.map(|c| &rest[open + 1..c]).filter(|r| !r.is_empty() && r.chars().all(is_kana));
        match (reading, close) {
            (Some(reading), Some(close)) if !base.is_empty() => {
                plain(&rest[..base_start]);
                ruby(base, reading);
                rest = &rest[close + 1..];
            }
            _ => {
                plain(&rest[..=open]);
                rest = &rest[open + 1..];
            }
        }
    }
    plain(rest);
}

/// Ruby in HTML that is escaped already; readings inside tags are left alone.
pub fn in_html(html: &str) -> String {
    let mut out = String::with_capacity(html.len() * 2);
    let mut rest = html;
    loop {
        let (text, tag) = match rest.find('<') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let cell = std::cell::RefCell::new(&mut out);
        walk(
            text,
            |t| cell.borrow_mut().push_str(t),
            |base, reading| {
                cell.borrow_mut().push_str(&format!("<ruby>{base}<rp>(</rp><rt>{reading}</rt><rp>)</rp></ruby>"));
            },
        );
        let end = tag.find('>').map_or(tag.len(), |i| i + 1);
        out.push_str(&tag[..end]);
        rest = &tag[end..];
        if rest.is_empty() {
            return out;
        }
    }
}

/// The text without readings, for titles and attributes.
pub fn strip(text: &str) -> String {
    let out = std::cell::RefCell::new(String::with_capacity(text.len()));
    walk(text, |t| out.borrow_mut().push_str(t), |base, _| out.borrow_mut().push_str(base));
    out.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_become_ruby() {
        assert_eq!(
            in_html("引(ひ)っ越(こ)し"),
            "<ruby>引<rp>(</rp><rt>ひ</rt><rp>)</rp></ruby>っ<ruby>越<rp>(</rp><rt>こ</rt><rp>)</rp></ruby>し"
        );
        assert_eq!(strip("市(し)の 3階(がい) (無料) f(x)"), "市の 3階 (無料) f(x)");
        // A number reads itself; only the counter has a reading.
        assert!(in_html("3階(がい)").starts_with("3<ruby>階"));
    }

    #[test]
    fn tags_and_other_brackets_stay() {
        for same in ["<a href=\"/漢(かん)\">x</a>", "電話(000-123)", "(", "漢(", "a<b"] {
            assert_eq!(in_html(same), same);
        }
    }

    #[test]
    fn html_is_escaped() {
        assert_eq!(escape("<b a=\"'\">&"), "&lt;b a=&quot;&#39;&quot;&gt;&amp;");
    }
}
