//! How the areas of a menu lie: cells on a grid, so that a picture of either height is cut the same way.

use line::rich_menu::{Bounds, Size};

/// Width of every picture, in pixels: the largest that LINE takes.
pub const WIDTH: u32 = 2_500;
/// Height of a large picture.
pub const LARGE: u32 = 1_686;
/// Height of a small one.
pub const SMALL: u32 = 843;

/// A cell: column, row, columns wide, rows high.
pub type Cell = (u32, u32, u32, u32);

/// A layout.
#[derive(Debug, PartialEq, Eq)]
pub struct Layout {
    /// Code in the database.
    pub code: &'static str,
    /// What the staff calls it.
    pub name: &'static str,
    /// Columns of the grid.
    pub columns: u32,
    /// Rows of the grid.
    pub rows: u32,
    /// The areas in reading order. They cover the grid and do not overlap.
    pub cells: &'static [Cell],
}

/// All layouts, the usual one first.
pub const LAYOUTS: &[Layout] = &[
    Layout {
        code: "six",
        name: "6つ（3列×2段）",
        columns: 3,
        rows: 2,
        cells: &[(0, 0, 1, 1), (1, 0, 1, 1), (2, 0, 1, 1), (0, 1, 1, 1), (1, 1, 1, 1), (2, 1, 1, 1)],
    },
    Layout {
        code: "four",
        name: "4つ（2列×2段）",
        columns: 2,
        rows: 2,
        cells: &[(0, 0, 1, 1), (1, 0, 1, 1), (0, 1, 1, 1), (1, 1, 1, 1)],
    },
    Layout {
        code: "top-three",
        name: "上に横長1つ、下に3つ",
        columns: 3,
        rows: 2,
        cells: &[(0, 0, 3, 1), (0, 1, 1, 1), (1, 1, 1, 1), (2, 1, 1, 1)],
    },
    Layout {
        code: "top-two",
        name: "上に横長1つ、下に2つ",
        columns: 2,
        rows: 2,
        cells: &[(0, 0, 2, 1), (0, 1, 1, 1), (1, 1, 1, 1)],
    },
    Layout {
        code: "one-two",
        name: "左に大きく1つ、右に2つ",
        columns: 3,
        rows: 2,
        cells: &[(0, 0, 2, 2), (2, 0, 1, 1), (2, 1, 1, 1)],
    },
    Layout {
        code: "three",
        name: "3つ（横ならび）",
        columns: 3,
        rows: 1,
        cells: &[(0, 0, 1, 1), (1, 0, 1, 1), (2, 0, 1, 1)],
    },
    Layout { code: "two", name: "2つ（横ならび）", columns: 2, rows: 1, cells: &[(0, 0, 1, 1), (1, 0, 1, 1)] },
    Layout { code: "one", name: "1つ", columns: 1, rows: 1, cells: &[(0, 0, 1, 1)] },
    Layout {
        code: "eight",
        name: "8つ（4列×2段）",
        columns: 4,
        rows: 2,
        cells: &[
            (0, 0, 1, 1),
            (1, 0, 1, 1),
            (2, 0, 1, 1),
            (3, 0, 1, 1),
            (0, 1, 1, 1),
            (1, 1, 1, 1),
            (2, 1, 1, 1),
            (3, 1, 1, 1),
        ],
    },
    Layout {
        code: "twenty",
        name: "20（5列×4段）",
        columns: 5,
        rows: 4,
        cells: &[
            (0, 0, 1, 1),
            (1, 0, 1, 1),
            (2, 0, 1, 1),
            (3, 0, 1, 1),
            (4, 0, 1, 1),
            (0, 1, 1, 1),
            (1, 1, 1, 1),
            (2, 1, 1, 1),
            (3, 1, 1, 1),
            (4, 1, 1, 1),
            (0, 2, 1, 1),
            (1, 2, 1, 1),
            (2, 2, 1, 1),
            (3, 2, 1, 1),
            (4, 2, 1, 1),
            (0, 3, 1, 1),
            (1, 3, 1, 1),
            (2, 3, 1, 1),
            (3, 3, 1, 1),
            (4, 3, 1, 1),
        ],
    },
];

/// The layout with a code.
pub fn by_code(code: &str) -> Option<&'static Layout> {
    LAYOUTS.iter().find(|l| l.code == code)
}

/// Size of a picture.
pub fn size(height: u32) -> Size {
    Size { width: WIDTH, height }
}

impl Layout {
    /// The areas in pixels for a picture of a height. Edges are rounded down where they lie, so areas neither overlap
    /// nor leave a gap.
    pub fn bounds(&self, height: u32) -> Vec<Bounds> {
        let across = |column: u32| column * WIDTH / self.columns;
        let down = |row: u32| row * height / self.rows;
        let area = |&(x, y, w, h): &Cell| Bounds {
            x: across(x),
            y: down(y),
            width: across(x + w) - across(x),
            height: down(y + h) - down(y),
        };
        self.cells.iter().map(area).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_cover_the_picture_and_do_not_overlap() {
        for layout in LAYOUTS {
            for height in [LARGE, SMALL] {
                let bounds = layout.bounds(height);
                let covered: u64 = bounds.iter().map(|b| u64::from(b.width) * u64::from(b.height)).sum();
                assert_eq!(covered, u64::from(WIDTH) * u64::from(height), "{}", layout.code);
                for (i, a) in bounds.iter().enumerate() {
                    assert!(a.x + a.width <= WIDTH && a.y + a.height <= height, "{}", layout.code);
                    for b in &bounds[..i] {
                        let apart = a.x >= b.x + b.width || b.x >= a.x + a.width;
                        assert!(apart || a.y >= b.y + b.height || b.y >= a.y + a.height, "{} {a:?} {b:?}", layout.code);
                    }
                }
            }
        }
    }

    #[test]
    fn every_layout_is_one_that_line_takes() {
        for layout in LAYOUTS {
            assert_eq!(by_code(layout.code), Some(layout));
            assert!((1..=line::rich_menu::MOST_AREAS).contains(&layout.cells.len()));
        }
        assert!(size(LARGE).fits() && size(SMALL).fits());
    }
}
