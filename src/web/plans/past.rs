//! What was changed of a plan lately, as it is on record.

use crate::domain::{DeedOnRecord, Lang, Name, Time};
use crate::rule::dial::{Dial, Wanted};
use crate::web::Web;
use crate::web::ask::Trouble;
use crate::web::card::Maker;
use crate::web::lang::encode;

use super::fields::{said, word};

/// So many of the latest changes are shown.
const MOST: u32 = 10;

/// Their numbers, and when they were made in wall time; the latest first.
pub(super) type Changes = Vec<(i64, Time, DeedOnRecord)>;

pub(super) async fn changes(web: &Web, plan: &Name) -> Result<Changes, Trouble> {
    let of = format!("plan {plan}");
    web.read(move |reader| reader.changes_of(&of, None, MOST)).await
}

/// One of them, for people.
pub(super) struct Past {
    pub(super) at: String,
    pub(super) by: String,
    pub(super) why: String,
    /// What, what it was, and what it became.
    pub(super) turns: Vec<(String, String, String)>,
    /// Where it is shown as it was before; it is so already, or the form cannot say it: nowhere.
    pub(super) undo: Option<String>,
}

impl Past {
    pub(super) fn new(
        (id, at, deed): &(i64, Time, DeedOnRecord),
        (plan, dials): (&Name, &[Dial]),
        (web, maker): (&Web, &Maker<'_>),
        lang: Lang,
    ) -> Self {
        let turns = deed.altered.iter().map(|altered| {
            let key = dial(&altered.key);
            let side = |side: &Option<String>| said(&key, side.as_deref(), lang);
            (word(&key, lang), side(&altered.before), side(&altered.after))
        });
        let is_other = |was: &Wanted| {
            dials.iter().any(|dial| was.get(&dial.key).is_some_and(|was| *was != dial.value))
        };
        let undo = before(deed, dials).filter(is_other);
        Self {
            undo: undo.map(|_| format!("/plans/{}?undo={id}", encode(plan.as_str()))),
            at: maker.clock_in(*at, &web.zone()),
            by: maker.names.of_deed(&deed.deed.by),
            why: deed.deed.why.clone(),
            turns: turns.collect(),
        }
    }
}

/// What was otherwise before a change; nothing, if it was about more than the form says: the number of the rungs.
pub(super) fn before(deed: &DeedOnRecord, dials: &[Dial]) -> Option<Wanted> {
    let was = deed.altered.iter().map(|altered| {
        let key = dial(&altered.key);
        let is_known = dials.iter().any(|dial| dial.key == key);
        is_known.then(|| (key, altered.before.clone().unwrap_or_default()))
    });
    was.collect()
}

/// The dial of a key on record: there rungs are counted from one.
fn dial(key: &str) -> String {
    let rung = key.strip_prefix("rungs/").and_then(|rest| rest.split_once('/'));
    match rung.and_then(|(nth, last)| Some((nth.parse::<usize>().ok()?.checked_sub(1)?, last))) {
        Some((nth, last)) => format!("rungs.{nth}.{last}"),
        None => key.replace('/', "."),
    }
}
