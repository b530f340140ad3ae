//! What a recipient chose: topics, district, language, quiet hours — all in one act.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Clock;
use city::Lang;
use store::Tx;

use crate::recipient::{self, record};
use crate::store::subscription as rows;
use crate::{Channel, OutreachError, Quiet, Result, field};

/// Longest name of a district, in characters.
pub const MAX_DISTRICT: usize = 40;

/// What somebody chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// Codes of the topics of the catalogue ([`city::TOPICS`]) of which they want notices.
    pub topics: BTreeSet<String>,
    /// The district of which they want notices; without one they get what is for the whole city.
    pub district: Option<String>,
    /// In which language.
    pub lang: Lang,
    /// When they are not to be disturbed, but by what is urgent.
    pub quiet: Quiet,
    /// Whether they do not want urgent sends about disasters either. Until somebody says so they get them: whoever
    /// follows the city's account and chose nothing is still to hear of an evacuation.
    pub declines_urgent: bool,
}

impl Choices {
    /// What holds for somebody who has chosen nothing.
    pub fn none(lang: Lang) -> Self {
        Choices { topics: BTreeSet::new(), district: None, lang, quiet: Quiet::default(), declines_urgent: false }
    }

    fn check(&self) -> Result<()> {
        if self.topics.iter().any(|code| city::topic(code).is_none()) {
            return Err(field("topics", "分野をもう一度選んでください。"));
        }
        let fits = |name: &str| (1..=MAX_DISTRICT).contains(&name.chars().count()) && !name.contains(char::is_control);
        if self.district.as_deref().is_some_and(|name| !fits(name)) {
            return Err(field("district", format!("地区の名前は{MAX_DISTRICT}文字以内で選んでください。")));
        }
        Quiet::new(self.quiet.from, self.quiet.until).map(drop)
    }
}

/// Sets everything that a recipient chose: what is not in `choices` is no longer sent.
pub async fn choose(tx: &mut Tx, clock: &dyn Clock, recipient: &str, choices: &Choices) -> Result<()> {
    choices.check()?;
    let now = clock.now();
    // Whoever chooses at the same time on another page waits here.
    if !rows::touch(tx, recipient, now).await? {
        return Err(OutreachError::NotFound);
    }
    recipient::set_lang(tx, clock, recipient, choices.lang).await?;
    let had: BTreeSet<String> = rows::topics(tx, recipient).await?.into_iter().collect();
    for topic in had.difference(&choices.topics) {
        rows::remove(tx, recipient, topic).await?;
    }
    for topic in choices.topics.difference(&had) {
        rows::add(tx, recipient, topic, now).await?;
    }
    rows::save(tx, recipient, choices, now).await?;
    record(tx, clock, "citizen", "outreach.choose", recipient, &["topics", "district", "quiet", "declines_urgent"])
        .await
}

/// What a recipient chose; `None` if there is no such recipient.
pub async fn of(tx: &mut Tx, recipient: &str) -> Result<Option<Choices>> {
    let Some(found) = recipient::get(tx, recipient).await? else { return Ok(None) };
    let mut choices = Choices::none(found.lang);
    choices.topics = rows::topics(tx, recipient).await?.into_iter().collect();
    if let Some(preference) = rows::preference(tx, recipient).await? {
        choices.district = preference.district;
        choices.quiet = Quiet { from: preference.quiet_from, until: preference.quiet_until };
        choices.declines_urgent = preference.declines_urgent;
    }
    Ok(Some(choices))
}

/// How many of a channel can be reached and chose each topic, whatever their district; topics of nobody are left out.
pub async fn counts(tx: &mut Tx, channel: Channel) -> Result<BTreeMap<String, i64>> {
    Ok(rows::counts(tx, channel).await?.into_iter().collect())
}

/// Ends everything, urgent sends too. District and hours are kept for the case that they come back.
pub async fn unsubscribe_all(tx: &mut Tx, clock: &dyn Clock, recipient: &str) -> Result<()> {
    let mut choices = of(tx, recipient).await?.ok_or(OutreachError::NotFound)?;
    choices.topics.clear();
    choices.declines_urgent = true;
    choose(tx, clock, recipient, &choices).await
}
