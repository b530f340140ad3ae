//! What our buttons say when they are tapped. Rich menus and messages hold these words; they are read strictly, and
//! whatever else comes is passed over.

/// What a button means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Postback {
    /// One of the choices of a message of the bot.
    Choice {
        /// Id of the contact.
        contact: String,
        /// Place of the message.
        seq: i64,
        /// Which choice, from 0.
        index: usize,
    },
    /// A person is wanted.
    Person,
    /// The matter is done.
    Close {
        /// Id of the contact.
        contact: String,
    },
    /// How it was, 1 to 5.
    Rate {
        /// Id of the contact.
        contact: String,
        /// 1 to 5.
        score: i64,
    },
    /// A new link to what was said on the city's page.
    Link {
        /// Id of the contact.
        contact: String,
    },
    /// The page on which topics, district, language and hours are chosen.
    Choices,
    /// The link to a person ends.
    Unlink,
}

impl Postback {
    /// As it stands in a button.
    pub fn data(&self) -> String {
        match self {
            Postback::Choice { contact, seq, index } => format!("choice:{contact}:{seq}:{index}"),
            Postback::Person => "person".into(),
            Postback::Close { contact } => format!("close:{contact}"),
            Postback::Rate { contact, score } => format!("rate:{contact}:{score}"),
            Postback::Link { contact } => format!("link:{contact}"),
            Postback::Choices => "choices".into(),
            Postback::Unlink => "unlink".into(),
        }
    }

    /// Reads a button's words.
    pub fn read(data: &str) -> Option<Self> {
        let parts: Vec<&str> = data.split(':').collect();
        Some(match parts.as_slice() {
            ["choice", contact, seq, index] => {
                Postback::Choice { contact: (*contact).into(), seq: seq.parse().ok()?, index: index.parse().ok()? }
            }
            ["person"] => Postback::Person,
            ["close", contact] => Postback::Close { contact: (*contact).into() },
            ["rate", contact, score] => Postback::Rate { contact: (*contact).into(), score: score.parse().ok()? },
            ["link", contact] => Postback::Link { contact: (*contact).into() },
            ["choices"] => Postback::Choices,
            ["unlink"] => Postback::Unlink,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_button_holds_is_read_again() {
        let contact = || "0190b1c2-0000-7000-8000-000000000001".to_owned();
        for one in [
            Postback::Choice { contact: contact(), seq: 12, index: 3 },
            Postback::Person,
            Postback::Close { contact: contact() },
            Postback::Rate { contact: contact(), score: 5 },
            Postback::Link { contact: contact() },
            Postback::Choices,
            Postback::Unlink,
        ] {
            assert_eq!(Postback::read(&one.data()), Some(one));
        }
        for other in ["", "choice", "choice:a:b:c", "choice:a:1:-1", "person:x", "rate:a:five", "menu"] {
            assert_eq!(Postback::read(other), None, "{other}");
        }
    }
}
