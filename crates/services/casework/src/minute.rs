//! What is looked at every minute, and every hour, while all desks are locked: it needs no key.

use ::store::jobs::{self, NewJob};
use ::store::worker::{JobContext, JobFailure};
use ::store::{Entropy, Tx};
use access::telling::{Telling, tell_account};
use calendar::{Clock, Instant};
use city::Organisation;

use crate::member::DeskRole;
use crate::premises::{Keeping, Premises};
use crate::store::{case as cases, member as members};
use crate::{Result, attachment, case, clock, glass, member, session};

/// The job.
pub const JOB: &str = "casework.minute";
/// Its lane.
pub const LANE: &str = "casework";
const ACTOR: &str = "job:casework.minute";
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Writes the job of the next minute, unless it is waiting already.
pub async fn schedule(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>) -> Result<()> {
    let next = clock.now().millis() / MINUTE_MS + 1;
    let at = Instant::from_millis(next * MINUTE_MS);
    let dedupe = next.to_string();
    let job = NewJob { dedupe_key: Some(&dedupe), ..NewJob::new(LANE, JOB, "{}", at) };
    jobs::enqueue(tx, clock, entropy, job).await?;
    Ok(())
}

/// The handler of [`JOB`]: locks idle desks, closes idle talks, tells of clocks, and once an hour gives up what nobody agreed to, shreds
/// what is due and removes files that no case has. An attempt that is cut off is done again and finds what is left.
pub async fn run(context: JobContext, keeping: Keeping) -> std::result::Result<Tx, JobFailure> {
    let organisation = Organisation::load(&context.db).await?;
    let premises = Premises::read(keeping, context.db.clone(), context.clock.clone(), &organisation).await?;
    let house = premises.house();
    member::lock_idle(house).await?;
    session::sweep(house).await?;
    if context.clock.now().millis() % HOUR_MS < MINUTE_MS {
        glass::sweep(house).await?;
        case::shred_due(house).await?;
        attachment::sweep(house, premises.blobs().as_ref()).await?;
    }
    let mut tx = context.db.write().await?;
    let entropy = context.entropy.clone();
    remind(&mut tx, house.clock, entropy().as_mut()).await?;
    schedule(&mut tx, house.clock, entropy().as_mut()).await?;
    Ok(tx)
}

/// Messages of what clocks have to tell: to whoever answers for the case, or to all consultants of its desk while nobody
/// does; of a clock that ran out also to the supervisors. The message says that something is due, and nothing else.
async fn remind(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>) -> Result<usize> {
    let mut told = 0;
    for due in clock::take_news(tx, clock.now()).await? {
        let Some(case) = cases::get(tx, &due.sealed_case).await? else { continue };
        let mut to: Vec<String> = case.accountable.clone().into_iter().collect();
        if to.is_empty() {
            to = members::accounts(tx, &case.desk, DeskRole::Consultant.code()).await?;
        }
        let is_late = due.told == "overdue";
        if is_late {
            to.extend(members::accounts(tx, &case.desk, DeskRole::Supervisor.code()).await?);
        }
        to.sort();
        to.dedup();
        let fields = serde_json::json!({ "path": "/sealed" });
        let template = if is_late { "staff.sealed_late" } else { "staff.sealed_due" };
        for account in to {
            let telling = Telling {
                // Told to an account, whatever its section and its roles are.
                section: "",
                action: access::Action::InquiryAnswer,
                template,
                fields: &fields,
                about: ("desk", &case.desk),
                dedupe: &format!("{} {}", due.told, due.id),
            };
            told += usize::from(tell_account(tx, clock, &mut *entropy, ACTOR, &account, telling).await?);
        }
    }
    Ok(told)
}
