//! A recorded day of contacts, made from a seed: raw events as citizens, the bot, operators and sections leave them.

use contact::{Channel, EventKind};
use rand::Rng;

use super::city::{Person, Presence, Raw, Records};

const TOPICS: [&str; 5] = ["moving", "registry", "waste", "tax", "pension"];
/// Sections that take contacts from the centre.
const SECTIONS: [&str; 3] = ["shimin", "kokuho", "kankyo"];
const OPERATORS: u64 = 30;

/// Draws numbers.
pub(super) struct Dice<'a>(pub(super) &'a mut dyn Rng);

impl Dice<'_> {
    /// 0 to below `n`.
    fn below(&mut self, n: u64) -> u64 {
        self.0.next_u64() % n
    }

    /// Milliseconds from `from` to `to` seconds.
    fn millis(&mut self, from: i64, to: i64) -> i64 {
        let span = u64::try_from((to - from) * 1_000).expect("a span");
        from * 1_000 + i64::try_from(self.below(span.max(1))).expect("small")
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).expect("small")]
    }
}

/// A contact while it is being written.
struct Tale<'a, 'b> {
    dice: &'a mut Dice<'b>,
    out: &'a mut Records,
    contact: String,
    seq: i64,
    at: i64,
    channel: Channel,
    section: &'static str,
    topic: Option<&'static str>,
    operator: String,
}

impl Tale<'_, '_> {
    fn log(&mut self, kind: EventKind) -> &mut Raw {
        self.seq += 1;
        self.out.events.push(Raw {
            contact: self.contact.clone(),
            seq: self.seq,
            at: self.at,
            kind,
            channel: self.channel,
            section: self.section.to_owned(),
            account: None,
            topic: self.topic.map(str::to_owned),
            reason: None,
            value: None,
        });
        self.out.events.last_mut().expect("the event")
    }

    fn by_staff(&mut self, kind: EventKind) -> &mut Raw {
        let account = self.operator.clone();
        let event = self.log(kind);
        event.account = Some(account);
        event
    }

    fn later(&mut self, from: i64, to: i64) {
        self.at += self.dice.millis(from, to);
    }

    fn bot(&mut self) {
        use EventKind::{AnsweredByBot, AskedBack, Chosen, CitizenWrote, Refused, TopicClosed};
        self.log(CitizenWrote);
        for _ in 0..=self.dice.below(2) {
            self.later(2, 60);
            let kind = match self.dice.below(10) {
                0 | 1 => Refused,
                2 | 3 => AskedBack,
                4 => TopicClosed,
                _ => AnsweredByBot,
            };
            if matches!(kind, AnsweredByBot | TopicClosed) {
                self.topic = Some(self.dice.one(&TOPICS));
            }
            self.log(kind);
            if kind == AskedBack {
                self.later(2, 30);
                self.log(Chosen);
            }
        }
    }

    fn queue(&mut self) {
        self.later(1, 40);
        self.log(EventKind::HandOverRequested).reason = Some("citizen".into());
        self.log(EventKind::Queued);
    }

    fn wait(&mut self) {
        match self.dice.below(4) {
            0 => self.later(0, 20),
            1 => self.later(10, 120),
            2 => self.later(60, 900),
            _ => self.later(0, 60_000),
        }
    }

    fn talk(&mut self) {
        use EventKind::{
            ExplainedAgain, Noted, OnHold, PickedUp, PutBack, Resumed, SideAnswered, SideAsked, StaffReplied,
            TakenOver, WrongAnswer,
        };
        for _ in 0..=self.dice.below(3) {
            self.later(20, 400);
            match self.dice.below(12) {
                0 => {
                    self.by_staff(OnHold);
                    self.later(10, 300);
                    if self.dice.chance(80) {
                        self.by_staff(Resumed);
                    }
                }
                1 => {
                    self.by_staff(PutBack);
                    self.later(5, 600);
                    self.by_staff(PickedUp);
                }
                2 => {
                    self.operator = operator(self.dice);
                    self.by_staff(TakenOver).reason = Some("absent".into());
                }
                3 => {
                    self.by_staff(SideAsked);
                    self.later(30, 900);
                    self.by_staff(SideAnswered);
                }
                4 => {
                    self.by_staff(ExplainedAgain);
                }
                5 => {
                    self.by_staff(Noted);
                }
                6 => {
                    self.log(WrongAnswer);
                }
                _ => {
                    self.by_staff(StaffReplied);
                }
            }
        }
    }

    fn transfers(&mut self) {
        use EventKind::{ExplainedAgain, TransferAccepted, TransferDeclined, TransferOffered, TransferWithdrawn};
        for _ in 0..=self.dice.below(3) {
            self.later(10, 200);
            self.by_staff(TransferOffered);
            self.later(10, 1_500);
            match self.dice.below(5) {
                0 => {
                    self.by_staff(TransferDeclined);
                }
                1 => {
                    self.by_staff(TransferWithdrawn);
                }
                _ => {
                    self.section = self.dice.one(&SECTIONS);
                    self.operator = operator(self.dice);
                    self.by_staff(TransferAccepted);
                    if self.dice.chance(20) {
                        self.by_staff(ExplainedAgain);
                    }
                }
            }
            self.talk();
        }
    }

    fn incident(&mut self) {
        use EventKind::{Incident, IncidentEnded, IncidentWarned};
        self.by_staff(Incident).reason = Some("abuse".into());
        self.later(30, 600);
        self.by_staff(IncidentWarned);
        if self.dice.chance(70) {
            self.later(30, 600);
            let reason = self.dice.one(&["ended", "no_incident"]);
            self.by_staff(IncidentEnded).reason = Some(reason.into());
        }
    }

    fn resolve(&mut self) {
        self.later(5, 300);
        let code = self.dice.one(&["answered", "guided", "handed", "no_reply"]);
        self.by_staff(EventKind::Resolved).reason = Some(code.into());
        if self.dice.chance(50) {
            let (begins, lasts) = (self.dice.millis(0, 400), self.dice.millis(5, 4_500));
            let account = self.operator.clone();
            let at = self.at + begins;
            self.out.presences.push(Presence { account: account.clone(), state: "wrap_up", at });
            self.out.presences.push(Presence { account, state: "available", at: at + lasts });
        }
        self.after_the_end();
    }

    fn after_the_end(&mut self) {
        if self.dice.chance(20) {
            self.later(5, 600);
            for _ in 0..=self.dice.below(2) {
                let points = i64::try_from(self.dice.below(5)).expect("small") + 1;
                self.log(EventKind::Rated).value = Some(points);
            }
        }
    }

    fn reopen(&mut self) {
        // Up to ten days later: some of it is too late to count as a return.
        self.later(600, 10 * 86_400);
        self.log(EventKind::Reopened);
        self.queue();
        if self.dice.chance(80) {
            self.wait();
            self.by_staff(EventKind::PickedUp);
            self.talk();
            if self.dice.chance(80) {
                self.resolve();
            }
        }
    }

    fn call_back(&mut self) {
        use EventKind::{
            CallBackAsked, CallBackAttempted, CallBackGivenUp, CallBackKept, HandOverRequested, PickedUp, Queued,
            StaffReplied,
        };
        self.log(CallBackAsked);
        self.log(HandOverRequested).reason = Some("call_back".into());
        self.log(Queued);
        self.later(900, 30_000);
        if self.dice.chance(30) {
            self.by_staff(CallBackAttempted).reason = Some("no_answer".into());
            self.later(60, 3_000);
        }
        match self.dice.below(4) {
            0 => {
                self.by_staff(CallBackGivenUp);
            }
            1 => {}
            _ => {
                let in_time = i64::from(self.dice.chance(75));
                self.by_staff(CallBackKept).value = Some(in_time);
                self.by_staff(StaffReplied);
                self.by_staff(PickedUp);
                self.talk();
                self.resolve();
            }
        }
    }

    /// What becomes of whoever waits in the queue.
    fn queued(&mut self) {
        use EventKind::{Abandoned, Merged, PickedUp, Reopened};
        if self.dice.chance(12) {
            self.wait();
            self.log(Abandoned).reason = Some("left".into());
            if self.dice.chance(25) {
                self.later(60, 20_000);
                self.log(Reopened);
                self.queue();
                if self.dice.chance(30) {
                    self.wait();
                    self.log(Abandoned).reason = Some("left".into());
                    return;
                }
            } else {
                return;
            }
        }
        if self.dice.chance(3) {
            return;
        }
        self.wait();
        self.by_staff(PickedUp);
        self.talk();
        if self.dice.chance(15) {
            self.transfers();
        }
        if self.dice.chance(3) {
            self.incident();
        }
        if self.dice.chance(2) {
            self.by_staff(Merged);
            return;
        }
        if self.dice.chance(94) {
            self.resolve();
            if self.dice.chance(10) {
                self.reopen();
            }
        }
    }

    fn tell(&mut self) {
        use EventKind::{CitizenWrote, HandOverRequested, Opened, PickedUp, Queued, Resolved};
        self.log(Opened);
        match self.channel {
            Channel::Phone | Channel::Counter => {
                self.topic = Some(self.dice.one(&TOPICS));
                self.log(CitizenWrote);
                self.log(HandOverRequested).reason = Some("staff".into());
                self.log(Queued);
                self.by_staff(PickedUp);
                self.talk();
                if self.dice.chance(25) {
                    self.transfers();
                }
                if self.dice.chance(5) {
                    self.incident();
                }
                self.resolve();
            }
            Channel::Mail => {
                self.log(CitizenWrote);
                self.queue();
                self.queued();
            }
            _ => {
                self.bot();
                match self.dice.below(20) {
                    0..=8 => {
                        if self.dice.chance(30) {
                            self.later(5, 60);
                            self.log(Resolved).reason = Some("citizen".into());
                            self.after_the_end();
                        }
                    }
                    9..=10 => self.call_back(),
                    11 => {
                        // Somebody of the staff steps in by themself.
                        self.later(5, 60);
                        self.by_staff(PickedUp);
                        self.talk();
                        self.resolve();
                    }
                    _ => {
                        self.queue();
                        self.queued();
                    }
                }
            }
        }
    }
}

fn operator(dice: &mut Dice<'_>) -> String {
    format!("operator-{}", dice.below(OPERATORS))
}

/// Makes a day of so many contacts.
pub(super) fn recorded(dice: &mut Dice<'_>, contacts: usize) -> Records {
    let mut out = Records::default();
    let midnight = super::city::second(0).millis();
    for n in 0..contacts {
        let contact = format!("contact-{n:06}");
        let person = dice.chance(40).then(|| format!("person-{}", dice.below(contacts as u64 / 4 + 1)));
        let lang = dice.one(&["ja", "ja", "ja", "en", "easy"]);
        out.contacts.push(Person { contact: contact.clone(), lang, person });
        // Most within the hours, some at night.
        let at = midnight + if dice.chance(85) { dice.millis(30_000, 64_000) } else { dice.millis(0, 86_400) };
        let channel = match dice.below(20) {
            0..=4 => Channel::Phone,
            5 => Channel::Counter,
            6..=7 => Channel::Mail,
            8..=10 => Channel::Line,
            _ => Channel::Web,
        };
        let operator = operator(dice);
        Tale { dice, out: &mut out, contact, seq: 0, at, channel, section: "kocho", topic: None, operator }.tell();
    }
    out.presences.sort_by(|a, b| (&a.account, a.at).cmp(&(&b.account, b.at)));
    out.presences.dedup_by(|a, b| (&a.account, a.at) == (&b.account, b.at));
    out
}
