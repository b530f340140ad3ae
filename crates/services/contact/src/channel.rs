//! The words of which a contact is made: channels, states, authors, kinds of messages.

/// Makes an enum with a code for the database and for files.
macro_rules! coded {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vmeta])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The code in the database.
            pub const fn code(self) -> &'static str {
                match self { $($name::$variant => $code,)* }
            }

            /// The one with a code.
            pub fn from_code(code: &str) -> Option<$name> {
                Self::ALL.iter().copied().find(|v| v.code() == code)
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

coded! {
    /// How somebody reaches the city.
    Channel {
        /// The chat of the citizens' pages.
        Web = "web",
        /// LINE.
        Line = "line",
        /// Telephone.
        Phone = "phone",
        /// Mail.
        Mail = "mail",
        /// A counter.
        Counter = "counter",
        /// Fax.
        Fax = "fax",
        /// A letter.
        Letter = "letter",
    }
}

coded! {
    /// Where a contact stands.
    State {
        /// The bot talks; nobody waits for a person.
        Bot = "bot",
        /// The citizen waits for a person.
        Waiting = "waiting",
        /// A person of the staff has it (`holder`).
        Held = "held",
        /// Finished; words of the citizen open it again.
        Resolved = "resolved",
        /// Part of another contact.
        Merged = "merged",
    }
}

coded! {
    /// Who wrote a message.
    Author {
        /// The citizen.
        Citizen = "citizen",
        /// The bot, and the sentences of the system.
        Bot = "bot",
        /// A person of the staff.
        Staff = "staff",
    }
}

coded! {
    /// What a message is.
    MessageKind {
        /// Words.
        Text = "text",
        /// An article's answer with its facts.
        Answer = "answer",
        /// A question back, with choices.
        Choices = "choices",
        /// What else can be done: a person, a call back, leaving the question.
        Offer = "offer",
        /// A sentence of the system, such as "somebody is there now".
        Told = "told",
        /// An internal note; citizens never see it.
        Note = "note",
    }
}

impl Channel {
    /// Whether an operator may type a contact of this channel in.
    pub const fn is_typed_in(self) -> bool {
        matches!(self, Channel::Phone | Channel::Counter | Channel::Fax | Channel::Letter | Channel::Mail)
    }
}

impl State {
    /// Whether something is left to do for a person.
    pub const fn is_open(self) -> bool {
        matches!(self, State::Waiting | State::Held)
    }
}
