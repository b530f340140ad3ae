//! The city's one colour, and the tones computed from it so that contrast always holds.
//!
//! Luminance and contrast as in WCAG 2.2 (relative luminance, contrast ratio).

type Rgb = [f64; 3];

fn parse(hex: &str) -> Rgb {
    let value = |i: usize| {
        hex.get(1 + 2 * i..3 + 2 * i).and_then(|p| u8::from_str_radix(p, 16).ok()).map_or(0.0, |v| f64::from(v) / 255.0)
    };
    [value(0), value(1), value(2)]
}

fn hex(colour: Rgb) -> String {
    let byte = |v: f64| (v.clamp(0.0, 1.0) * 255.0).round() as u8;
    format!("#{:02x}{:02x}{:02x}", byte(colour[0]), byte(colour[1]), byte(colour[2]))
}

fn luminance(colour: Rgb) -> f64 {
    let linear = |v: f64| if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) };
    0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
}

fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn mix(a: Rgb, b: Rgb, share: f64) -> Rgb {
    std::array::from_fn(|i| a[i] * (1.0 - share) + b[i] * share)
}

/// The colour moved towards `towards` until it has contrast `ratio` on every ground.
fn readable(colour: Rgb, towards: Rgb, grounds: &[Rgb], ratio: f64) -> Rgb {
    (0..=50)
        .map(|step| mix(colour, towards, f64::from(step) / 50.0))
        .find(|c| grounds.iter().all(|g| contrast(*c, *g) >= ratio))
        .unwrap_or(towards)
}

const WHITE: Rgb = [1.0, 1.0, 1.0];
const BLACK: Rgb = [0.0, 0.0, 0.0];

/// The style sheet with the city's tones, light and dark; on paper it is always light.
pub(crate) fn theme(colour: &str) -> String {
    let city = parse(colour);
    let on = |c: Rgb| if contrast(c, WHITE) >= contrast(c, BLACK) { WHITE } else { BLACK };
    let light_ground = parse("#f7f8fa");
    let soft = mix(city, WHITE, 0.93);
    let text = readable(city, BLACK, &[WHITE, light_ground, soft], 4.6);
    let dark_paper = parse("#1c1f24");
    let dark_ground = parse("#121417");
    let dark_soft = mix(city, dark_ground, 0.78);
    let dark_text = readable(city, WHITE, &[dark_paper, dark_ground, dark_soft], 5.0);
    let rule = |city: Rgb, on: Rgb, text: Rgb, soft: Rgb| {
        format!("--city:{};--on-city:{};--city-text:{};--city-soft:{}", hex(city), hex(on), hex(text), hex(soft))
    };
    format!(
        ":root{{{}}}@media screen and (prefers-color-scheme: dark){{:root{{{}}}}}",
        rule(city, on(city), text, soft),
        rule(dark_text, on(dark_text), dark_text, dark_soft),
    )
}

/// A colour of the palette, with the colour of what is written on it.
pub(crate) struct Tone {
    /// Its code.
    pub(crate) code: &'static str,
    /// What the staff calls it.
    pub(crate) name: &'static str,
    /// The ground, as `#rrggbb`.
    pub(crate) ground: String,
    /// What is written on it.
    pub(crate) ink: String,
}

/// The colours of a city's pictures, made of its one colour and a few that carry a meaning. What is written on each
/// has a contrast of at least 4.5.
pub(crate) fn palette(colour: &str) -> Vec<Tone> {
    let city = parse(colour);
    let on = |c: Rgb| if contrast(c, WHITE) >= contrast(c, BLACK) { WHITE } else { BLACK };
    let tone = |code, name, ground: Rgb, ink: Rgb| Tone { code, name, ground: hex(ground), ink: hex(ink) };
    let plain = |code, name, ground: Rgb| tone(code, name, ground, on(ground));
    let written = |code, name, ground: Rgb| tone(code, name, ground, readable(city, BLACK, &[ground], 4.6));
    vec![
        plain("city", "市の色", city),
        plain("deep", "市の色（濃い）", mix(city, BLACK, 0.45)),
        written("soft", "市の色（淡い）", mix(city, WHITE, 0.85)),
        written("white", "白", WHITE),
        plain("green", "緑", parse("#115a36")),
        plain("amber", "黄", parse("#ffd43d")),
        plain("red", "赤", parse("#b80000")),
        plain("navy", "紺", parse("#1b2a49")),
        plain("grey", "灰色", parse("#e3e5e8")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_colour_of_a_city_stays_readable() {
        for colour in ["#00428c", "#ffd43d", "#ffffff", "#000000", "#7fbf3f", "#e60033", "#c0c0c0"] {
            let css = theme(colour);
            let value = |name: &str, from: usize| {
                let at = css[from..].find(name).expect("tone") + from + name.len();
                parse(&css[at..at + 7])
            };
            let dark = css.find("@media").expect("dark");
            for from in [0, dark] {
                let (soft, text) = (value("--city-soft:", from), value("--city-text:", from));
                assert!(contrast(text, soft) >= 4.5, "{colour}");
                assert!(contrast(value("--city:", from), value("--on-city:", from)) >= 4.5, "{colour}");
            }
            assert!(contrast(value("--city-text:", 0), WHITE) >= 4.5, "{colour}");
        }
    }

    #[test]
    fn what_is_written_on_a_picture_is_readable_in_any_city() {
        for colour in ["#00428c", "#ffd43d", "#ffffff", "#000000", "#7fbf3f", "#e60033", "#777777"] {
            let tones = palette(colour);
            let codes: Vec<&str> = tones.iter().map(|t| t.code).collect();
            assert_eq!(codes, line_account::menu::tile::COLOURS);
            for tone in tones {
                let seen = contrast(parse(&tone.ground), parse(&tone.ink));
                assert!(seen >= 4.5, "{colour} {}: {seen}", tone.code);
            }
        }
    }
}
