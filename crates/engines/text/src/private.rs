//! Personal data in what a citizen wrote: where it stands, and the text without it.
//!
//! What is found and how it is told from ordinary text stands at each kind of [`Kind`]. Digits count in every form they
//! are written in: half and full width, Chinese (〇九〇), circled, of other scripts; with any hyphen, blank, bracket or
//! dot between them; characters without width change nothing.
//!
//! Two decisions:
//!
//! - **What names a household is masked, what names a neighbourhood stays**: of 南町3丁目12番5号 the 南町 stays, and
//!   3丁目 or 3丁目12番 alone is the place of a question, not of a person.
//! - **Numbers of businesses stay**: corporate numbers (法人番号), and telephone numbers for which the called pays or
//!   which are let to businesses only (0120, 0800, 0170, 0180, 0570, 0990). The city's own numbers are passed to
//!   [`mask_except`].
//!
//! Nothing here is certain. A name in the middle of a sentence cannot be told from other words, and a number that
//! happens to have the right check digit is masked though it is none. Whoever must be sure asks people not to write it.

mod address;
mod cells;
mod keywords;
mod mail;
mod numbers;
mod words;

use std::ops::Range;

use cells::{Cell, OPAQUE};

/// Looks for some kinds in what nobody has taken yet; ranges of cells, in order.
type Pass = fn(&[Cell]) -> Vec<(Range<usize>, Kind)>;

/// A kind of personal data.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// マイナンバー: 12 digits with the right check digit (番号法の総務省令, see the source of `numbers`), or after its
    /// name 12 digits of any kind, for a slip of the finger changes nothing about whose it is.
    MyNumber,
    /// A payment card: 13 to 19 digits with the check digit of ISO/IEC 7812-1 (Luhn), or after the word カード番号.
    Card,
    /// A telephone or fax number: 電気通信番号計画 (令和元年総務省告示第6号) for those of Japan, `+` and 8 to 15 digits
    /// (ITU-T E.164) for others, and local numbers after the word 電話.
    Phone,
    /// An address of mail, also with blanks around the `@` or with (at) in its place.
    Mail,
    /// 住所: the numbers of house and room (住居表示に関する法律: 街区符号 and 住居番号; or 番地) and the postcode.
    Address,
    /// The number of a bank account, after words that say so.
    Account,
    /// 基礎年金番号: 4 and 6 digits.
    Pension,
    /// The number of a driving licence: 12 digits after the word 免許.
    Licence,
    /// The number of a residence card (在留カード) or special permanent resident certificate: 2 letters, 8 digits, 2 letters.
    ResidenceCard,
    /// The number of a passport, after the word 旅券 or パスポート.
    Passport,
    /// A date of birth: a date after 生年月日 or before 生まれ. A year alone stays.
    Birth,
    /// A name, where the text says that it is one: 氏名：…, 名前は…と申します.
    Name,
    /// Another number by which an office knows a person, after its name: 被保険者番号, 住民票コード and the like.
    Number,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 13] = [
        Kind::MyNumber,
        Kind::Card,
        Kind::Phone,
        Kind::Mail,
        Kind::Address,
        Kind::Account,
        Kind::Pension,
        Kind::Licence,
        Kind::ResidenceCard,
        Kind::Passport,
        Kind::Birth,
        Kind::Name,
        Kind::Number,
    ];

    /// What stands in a masked text in its place.
    pub const fn token(self) -> &'static str {
        match self {
            Kind::MyNumber => "［マイナンバー］",
            Kind::Card => "［カード番号］",
            Kind::Phone => "［電話番号］",
            Kind::Mail => "［メールアドレス］",
            Kind::Address => "［住所］",
            Kind::Account => "［口座番号］",
            Kind::Pension => "［年金番号］",
            Kind::Licence => "［免許証番号］",
            Kind::ResidenceCard => "［在留カード番号］",
            Kind::Passport => "［旅券番号］",
            Kind::Birth => "［生年月日］",
            Kind::Name => "［氏名］",
            Kind::Number => "［番号］",
        }
    }
}

/// A place in a text where personal data stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// Bytes of the text, at boundaries of characters.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// A text without personal data.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Masked {
    /// The text, with [`Kind::token`] where something stood.
    pub text: String,
    /// What was found, each kind once, in their order.
    pub kinds: Vec<Kind>,
}

/// All personal data of a text, in its order and without overlaps. Tokens of an earlier masking are none.
pub fn find(text: &str) -> Vec<Found> {
    scan(text, &[])
}

/// The text with a token in the place of everything that is found. Masking twice changes nothing more.
pub fn mask(text: &str) -> Masked {
    mask_except(text, &[])
}

/// Like [`mask`], but telephone numbers and mail addresses of the list stay, however they are written: those that the
/// city has published itself.
pub fn mask_except(text: &str, published: &[&str]) -> Masked {
    let published: Vec<String> = published.iter().map(|p| key(&cells::cells(p))).collect();
    let mut text = text.to_owned();
    let mut kinds = Vec::new();
    loop {
        // What stood apart may stand together now, so it is looked at again until nothing is left. Every round takes
        // characters away that are no token, so this ends.
        let found = scan(&text, &published);
        if found.is_empty() {
            break;
        }
        for Found { range, kind } in found.into_iter().rev() {
            text.replace_range(range, kind.token());
            kinds.push(kind);
        }
    }
    kinds.sort();
    kinds.dedup();
    Masked { text, kinds }
}

/// The text with `with` for whatever touches an `@`, address or not: for texts that are kept apart from any person,
/// where half an address or a name in a network is too much.
pub fn mask_every_at(text: &str, with: char) -> String {
    mail::mask_every_at(text, with)
}

fn scan(text: &str, published: &[String]) -> Vec<Found> {
    let mut cells = cells::cells(text);
    let mut found = Vec::new();
    // What is surest first: what is taken is out of sight of all that follow.
    let passes: [Pass; 7] =
        [mail::find, words::documents, words::births, address::postcodes, numbers::find, address::find, words::names];
    for pass in passes {
        for (range, kind) in pass(&cells) {
            let range = cells::whole_characters(&cells, range);
            let may_stay = matches!(kind, Kind::Phone | Kind::Mail);
            if !(may_stay && published.contains(&key(&cells[range.clone()]))) {
                found.push(Found { range: cells[range.start].from..cells[range.end - 1].to, kind });
            }
            for cell in &mut cells[range] {
                (cell.c, cell.digit) = (OPAQUE, None);
            }
        }
    }
    found.sort_by_key(|found| found.range.start);
    found
}

/// A telephone number or mail address in the form in which two are compared.
fn key(cells: &[Cell]) -> String {
    let is_mail = cells.iter().any(|cell| cell.c == '@');
    if is_mail {
        return cells.iter().map(|cell| cell.c).filter(|c| !c.is_whitespace()).collect();
    }
    let digits: String = cells.iter().filter_map(|cell| cell.digit).map(|d| char::from(b'0' + d)).collect();
    match digits.strip_prefix("81").filter(|_| cells.iter().any(|cell| cell.c == '+')) {
        // +81 (0)3 … and +81 3 … are 03 ….
        Some(national) => format!("0{}", national.strip_prefix('0').unwrap_or(national)),
        None => digits,
    }
}
