//! Diagrams as SVG: whether probabilities hold what they say, and what answering more questions costs.

use std::fmt::Write as _;

use super::Measured;

/// Side of the square in which is drawn, and what is around it.
const SIDE: f64 = 320.0;
const LEFT: f64 = 56.0;
const TOP: f64 = 44.0;
const MOST_POINTS: usize = 200;

fn place(x: f64, y: f64) -> (f64, f64) {
    (LEFT + x * SIDE, TOP + (1.0 - y) * SIDE)
}

/// Axes from 0 to 1 with a title, and what is drawn between them.
fn framed(title: &str, across: &str, up: &str, inside: &str) -> String {
    let (width, height) = (LEFT + SIDE + 24.0, TOP + SIDE + 52.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n<title>{title}</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n<text x=\"{LEFT}\" y=\"24\" font-size=\"14\" font-weight=\"bold\">{title}</text>\n"
    );
    for step in 0..=5 {
        let at = f64::from(step) / 5.0;
        let (x, y) = place(at, at);
        let (right, bottom) = (LEFT + SIDE, TOP + SIDE);
        let _infallible = writeln!(
            out,
            "<path d=\"M{x:.1} {TOP} V{bottom} M{LEFT} {y:.1} H{right}\" stroke=\"#ddd\" fill=\"none\"/>\n<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{at:.1}</text>\n<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{at:.1}</text>",
            bottom + 18.0,
            LEFT - 8.0,
            y + 4.0,
        );
    }
    let middle = TOP + SIDE / 2.0;
    let _infallible = writeln!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{across}</text>\n<text x=\"16\" y=\"{middle:.1}\" text-anchor=\"middle\" transform=\"rotate(-90 16 {middle:.1})\">{up}</text>\n{inside}</svg>",
        LEFT + SIDE / 2.0,
        TOP + SIDE + 40.0,
    );
    out
}

/// The reliability diagram: on the line, what was said was so. The larger a point, the more questions.
pub fn reliability(measured: &Measured) -> String {
    let ((x0, y0), (x1, y1)) = (place(0.0, 0.0), place(1.0, 1.0));
    let mut inside = format!("<path d=\"M{x0} {y0} L{x1} {y1}\" stroke=\"#888\" stroke-dasharray=\"4 4\"/>\n");
    for bin in &measured.reliability {
        let (x, y) = place(bin.said, bin.right);
        let radius = 3.0 + 20.0 * (bin.questions as f64 / measured.figures.queries.max(1) as f64).sqrt();
        let _infallible = writeln!(
            inside,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"#0b57a4\" fill-opacity=\"0.6\"><title>{:.2} said, {:.2} right, {} questions</title></circle>",
            bin.said, bin.right, bin.questions
        );
    }
    let title = format!("{}: calibration error {:.3}", escaped(&measured.set), measured.calibration_error);
    framed(&title, "probability that was said", "share that was right", &inside)
}

/// The risk–coverage curve.
pub fn risk(measured: &Measured) -> String {
    let every = measured.risk.len().div_ceil(MOST_POINTS).max(1);
    let last = measured.risk.len().saturating_sub(1);
    let kept = measured.risk.iter().enumerate().filter(|(i, _)| i % every == 0 || *i == last);
    let points: Vec<String> = kept
        .map(|(_, (covered, wrong))| {
            let (x, y) = place(*covered, *wrong);
            format!("{x:.1},{y:.1}")
        })
        .collect();
    let inside =
        format!("<polyline points=\"{}\" fill=\"none\" stroke=\"#0b57a4\" stroke-width=\"2\"/>\n", points.join(" "));
    let title = format!("{}: what answering more costs", escaped(&measured.set));
    framed(&title, "share of the questions that are answered", "share of these that are wrong", &inside)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bin_is_a_point_and_the_curve_ends_at_all_questions() {
        let said = [(0.95, true), (0.95, true), (0.9, false), (0.05, false)];
        let measured = Measured::of("a & b", &[], &said, &[], &[]);
        let drawn = reliability(&measured);
        assert_eq!(drawn.matches("<circle").count(), measured.reliability.len());
        assert!(drawn.contains("a &amp; b") && drawn.trim_end().ends_with("</svg>"));
        let curve = risk(&measured);
        let (x, y) = place(1.0, 0.5);
        assert!(curve.contains(&format!("{x:.1},{y:.1}\"")), "{curve}");
    }
}
