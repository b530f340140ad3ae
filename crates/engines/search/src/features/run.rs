//! The longest run of characters that two questions share.

/// Where a run ends, and its length.
type Run = (u16, u16);

/// Where each character of a question stands.
pub(super) struct Runs {
    /// Characters with their places, in order.
    places: Vec<(char, u16)>,
    length: usize,
}

impl Runs {
    pub(super) fn of(chars: &[char]) -> Self {
        let mut places: Vec<(char, u16)> = chars.iter().copied().zip(0u16..).collect();
        places.sort_unstable();
        Runs { places, length: chars.len() }
    }

    /// The longest run of characters that both have, as a share of the shorter one. Only places at which both have
    /// the same character are looked at: each prolongs the run that ended just before it.
    pub(super) fn longest(&self, other: &[char]) -> f32 {
        if self.length == 0 || other.is_empty() {
            return 0.0;
        }
        let (mut before, mut now): (Vec<Run>, Vec<Run>) = (Vec::new(), Vec::new());
        let mut best = 0u16;
        for c in other {
            let from = self.places.partition_point(|(known, _)| known < c);
            now.clear();
            let mut at = 0;
            for (_, place) in self.places[from..].iter().take_while(|(known, _)| known == c) {
                while before.get(at).is_some_and(|(ended, _)| ended + 1 < *place) {
                    at += 1;
                }
                let run = before.get(at).filter(|(ended, _)| ended + 1 == *place).map_or(1, |(_, run)| run + 1);
                best = best.max(run);
                now.push((*place, run));
            }
            std::mem::swap(&mut before, &mut now);
        }
        f32::from(best) / self.length.min(other.len()) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_run_is_found() {
        let run = |a: &str, b: &str| {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            Runs::of(&a).longest(&b)
        };
        assert_eq!(run("粗大ごみの出し方", "ごみの日"), 0.75);
        assert_eq!(run("ああああ", "ああ"), 1.0);
        assert_eq!(run("abcabd", "abd"), 1.0);
        assert_eq!(run("abc", "xyz"), 0.0);
        assert_eq!(run("", "x"), 0.0);
        assert_eq!(run("x", ""), 0.0);
    }
}
