//! Slips of the finger: words of the articles that sound like what was typed but for one kana.
//!
//! Every reading is filed under itself and under itself without each of its kana; so is what was typed when it is
//! looked up. Two that differ by one kana more, less, other or changed over meet under a key (the symmetric deletes of
//! W. Garbe's SymSpell, 2012), and only these few are compared.

use std::collections::HashMap;

/// Shortest and longest reading that may be meant, in kana: of shorter ones too many are near.
const LENGTH: (usize, usize) = (4, 12);

/// What a slip may cost: sounds that are confused or keys that are one key, neighbours, anything else.
const ALIKE: f32 = 0.3;
const NEAR: f32 = 0.6;
const FAR: f32 = 1.0;
/// From so many kana on any slip is believed; a shorter word with another kana is another word.
const LONG: usize = 6;

/// How much a word counts of which one kana was typed otherwise, by what the slip costs.
const MEANT: f32 = 0.8;
const PER_COST: f32 = 0.35;

/// Readings of the articles by what is left of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slips {
    readings: Vec<(u32, Box<[char]>)>,
    /// Places in `readings` by key.
    near: HashMap<u64, Vec<u32>>,
}

/// A key of some kana (FNV-1a).
fn key<'a>(kana: impl Iterator<Item = &'a char>) -> u64 {
    kana.fold(0xcbf2_9ce4_8422_2325, |hash, c| (hash ^ u64::from(u32::from(*c))).wrapping_mul(0x0100_0000_01b3))
}

/// Keys of what is left when nothing or one kana is taken away.
fn keys(kana: &[char]) -> impl Iterator<Item = u64> + '_ {
    let without = |i: usize| key(kana[..i].iter().chain(&kana[i + 1..]));
    // Of two equal ones in a row, taking the first away leaves the same as taking the second.
    let different = (0..kana.len()).filter(|i| kana.get(i + 1) != Some(&kana[*i]));
    std::iter::once(key(kana.iter())).chain(different.map(without))
}

impl Slips {
    /// Files a reading of the articles under its number.
    pub(crate) fn add(&mut self, number: u32, reading: &str) {
        let kana: Box<[char]> = reading.chars().collect();
        if !(LENGTH.0..=LENGTH.1).contains(&kana.len()) || !kana.iter().all(|c| text::normal::is_kana(*c)) {
            return;
        }
        let place = self.readings.len() as u32;
        for key in keys(&kana) {
            self.near.entry(key).or_default().push(place);
        }
        self.readings.push((number, kana));
    }

    /// The reading that was probably meant by what was typed, which no article has: its number, itself, and how much
    /// it counts. `None` if none differs by one slip. Of several, the one with the likeliest slip, then the first.
    pub(crate) fn meant(&self, typed: &[char]) -> Option<(u32, String, f32)> {
        if !(LENGTH.0..=LENGTH.1 + 1).contains(&typed.len()) {
            return None;
        }
        let mut best: Option<(f32, u32)> = None;
        for place in keys(typed).filter_map(|key| self.near.get(&key)).flatten() {
            let Some(cost) = slip(typed, &self.readings[*place as usize].1) else { continue };
            if cost >= FAR && typed.len() < LONG {
                continue;
            }
            if best.is_none_or(|(least, first)| cost < least || (cost == least && *place < first)) {
                best = Some((cost, *place));
            }
        }
        let (cost, place) = best?;
        let (number, kana) = &self.readings[place as usize];
        Some((*number, kana.iter().collect(), MEANT - PER_COST * cost))
    }
}

/// What it costs to have typed this for that, if it is one slip: a kana too many, one missing, another one, or two
/// changed over.
fn slip(typed: &[char], meant: &[char]) -> Option<f32> {
    let same = typed.iter().zip(meant).take_while(|(a, b)| a == b).count();
    let (typed_rest, meant_rest) = (&typed[same..], &meant[same..]);
    match (typed_rest, meant_rest) {
        ([_, a @ ..], [_, b @ ..]) if typed.len() == meant.len() => {
            if a == b {
                return Some(instead(typed_rest[0], meant_rest[0]));
            }
            let changed_over =
                a.first() == meant_rest.first() && b.first() == typed_rest.first() && a.get(1..) == b.get(1..);
            changed_over.then_some(NEAR)
        }
        ([more, a @ ..], b) if typed.len() == meant.len() + 1 && a == b => Some(beyond(typed, same, *more)),
        (a, [less, b @ ..]) if typed.len() + 1 == meant.len() && a == b => Some(beyond(meant, same, *less)),
        _ => None,
    }
}

/// A kana that stands in one of the two alone. Long vowels, small っ and ん are what ears and fingers lose first.
fn beyond(longer: &[char], at: usize, kana: char) -> f32 {
    let is_doubled = at > 0 && longer[at - 1] == kana;
    if is_doubled || matches!(kana, 'ー' | 'っ' | 'ん' | 'う' | 'い' | 'ゃ' | 'ゅ' | 'ょ') {
        ALIKE
    } else {
        FAR
    }
}

/// One kana for another.
fn instead(a: char, b: char) -> f32 {
    let (Some((row_a, vowel_a)), Some((row_b, vowel_b))) = (place(plain(a)), place(plain(b))) else { return FAR };
    if (row_a, vowel_a) == (row_b, vowel_b) {
        return ALIKE;
    }
    // The same key of a telephone flicked otherwise, the key beside it flicked so, or neighbours of a keyboard.
    let beside = PADS.iter().any(|(x, y)| (row_a, row_b) == (*x, *y) || (row_b, row_a) == (*x, *y));
    if row_a == row_b || (vowel_a == vowel_b && beside) { NEAR } else { FAR }
}

/// A kana without its marks and of full size.
fn plain(kana: char) -> char {
    match kana {
        'が' | 'ぎ' | 'ぐ' | 'げ' | 'ご' | 'ざ' | 'じ' | 'ず' | 'ぜ' | 'ぞ' | 'だ' | 'ぢ' | 'づ' | 'で' | 'ど'
        | 'ば' | 'び' | 'ぶ' | 'べ' | 'ぼ' | 'ぁ' | 'ぃ' | 'ぅ' | 'ぇ' | 'ぉ' | 'っ' | 'ゃ' | 'ゅ' | 'ょ' | 'ゎ' =>
        {
            let offset = if matches!(kana, 'ぁ' | 'ぃ' | 'ぅ' | 'ぇ' | 'ぉ' | 'っ' | 'ゃ' | 'ゅ' | 'ょ' | 'ゎ')
            {
                1i32
            } else {
                -1
            };
            char::from_u32((kana as u32).saturating_add_signed(offset)).unwrap_or(kana)
        }
        'ぱ' | 'ぴ' | 'ぷ' | 'ぺ' | 'ぽ' => char::from_u32(kana as u32 - 2).unwrap_or(kana),
        'ゔ' => 'う',
        'を' => 'お',
        other => other,
    }
}

/// Rows of kana as telephones and tables have them; the place within a row is the vowel.
const ROWS: [&str; 10] = [
    "あいうえお",
    "かきくけこ",
    "さしすせそ",
    "たちつてと",
    "なにぬねの",
    "はひふへほ",
    "まみむめも",
    "や　ゆ　よ",
    "らりるれろ",
    "わ　ん　　",
];

/// Rows whose keys lie beside each other: on a telephone left, right, above and below; on a keyboard k–j–l, s–a–d,
/// t–r–y, h–g–j, n–m–b.
const PADS: [(usize, usize); 16] = [
    (0, 1),
    (1, 2),
    (3, 4),
    (4, 5),
    (6, 7),
    (7, 8),
    (0, 3),
    (1, 4),
    (2, 5),
    (3, 6),
    (4, 7),
    (5, 8),
    (7, 9),
    (4, 6),
    (3, 8),
    (3, 7),
];

fn place(kana: char) -> Option<(usize, usize)> {
    ROWS.iter().enumerate().find_map(|(row, kana_of)| Some((row, kana_of.chars().position(|c| c == kana)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(typed: &str) -> Option<(String, f32)> {
        let mut slips = Slips::default();
        for (number, reading) in
            (0..).zip(["じゅうみんひょう", "まいなんばーかーど", "ほけんしょう", "いぬ", "ねんきん"])
        {
            slips.add(number, reading);
        }
        let typed: Vec<char> = typed.chars().collect();
        slips.meant(&typed).map(|(_, reading, weight)| (reading, weight))
    }

    #[test]
    fn one_slip_is_forgiven_and_two_are_not() {
        for (typed, reading) in [
            ("じゅみんひょう", "じゅうみんひょう"),
            ("じゅうみんひよう", "じゅうみんひょう"),
            ("じゅうみんひょ", "じゅうみんひょう"),
            ("じゅうみんひょうう", "じゅうみんひょう"),
            ("じうゅみんひょう", "じゅうみんひょう"),
            ("まいなんぱーかーど", "まいなんばーかーど"),
            ("ほけんしゅう", "ほけんしょう"),
            ("ねんぎん", "ねんきん"),
        ] {
            assert_eq!(meant(typed).expect(typed).0, reading);
        }
        for typed in ["じみんひょ", "いに", "ねんき", "", "ほけん", "ねんねん"] {
            assert_eq!(meant(typed), None, "{typed}");
        }
    }

    #[test]
    fn likely_slips_count_more() {
        let weight = |typed: &str| meant(typed).expect(typed).1;
        // A mark that is missing; the key beside; anything.
        assert!(weight("ほけんしよう") > weight("ほかんしょう"));
        assert!(weight("ほかんしょう") > weight("ほろんしょう"));
        assert_eq!(instead('ば', 'ぱ'), ALIKE);
        assert_eq!(instead('か', 'さ'), NEAR);
        assert_eq!(instead('か', 'こ'), NEAR);
        assert_eq!(instead('か', 'む'), FAR);
    }
}
