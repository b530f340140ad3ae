//! Words with a code in the database.

/// Makes an enum whose variants have a code for the database.
macro_rules! coded {
    ($(#[$meta:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$each])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The code in the database.
            pub const fn code(self) -> &'static str {
                match self { $($name::$variant => $code,)* }
            }

            /// The one with a code.
            pub fn from_code(code: &str) -> Option<$name> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }

        impl ::store::FromCell for $name {
            fn from_cell(cell: &::store::Cell) -> Result<Self, String> {
                let code = String::from_cell(cell)?;
                Self::from_code(&code).ok_or_else(|| format!("{code:?} is no {}", stringify!($name)))
            }
        }
    };
}
pub(crate) use coded;

/// The language of a column, as the database has it.
pub(crate) fn lang(row: &store::Row, column: &str) -> store::Result<city::Lang> {
    let code: String = row.get(column)?;
    city::Lang::from_code(&code)
        .ok_or_else(|| store::StoreError::Column { column: column.into(), reason: format!("{code:?} is no language") })
}
