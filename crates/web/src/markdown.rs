//! Answers: Markdown to HTML without anything that an article must not bring into a page.

use comrak::{Options, markdown_to_html};

/// Renders an answer. Raw HTML is shown as text, addresses with scripts are dropped; headings begin at level 3,
/// below the title of the page.
pub(crate) fn render(text: &str) -> String {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.render.hardbreaks = true;
    // Off by default; said here because safety rests on it.
    options.render.r#unsafe = false;
    // Shown as text: what somebody wrote must not vanish.
    options.render.escape = true;
    markdown_to_html(text, &options)
        .replace("<h1>", "<h3>")
        .replace("</h1>", "</h3>")
        .replace("<h2>", "<h3>")
        .replace("</h2>", "</h3>")
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn lists_links_and_tables_are_rendered() {
        let html = render("**14日以内**に\n\n- a\n- b\n\n[x](https://www.city.minamo.example/)\n\n|a|b|\n|-|-|\n|1|2|");
        for part in
            ["<strong>14日以内</strong>", "<li>a</li>", "href=\"https://www.city.minamo.example/\"", "<td>1</td>"]
        {
            assert!(html.contains(part), "{html}");
        }
    }

    #[test]
    fn nothing_active_gets_through() {
        let html =
            render("<script>alert(1)</script>\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)>\n\n# big");
        assert!(html.contains("&lt;img"), "shown as text: {html}");
        for part in ["<script", "javascript:", "<img", "<h1"] {
            assert!(!html.contains(part), "{html}");
        }
    }
}
