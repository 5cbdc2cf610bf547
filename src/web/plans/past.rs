//! What was changed of a plan lately, as it is on record.

use crate::domain::{DeedOnRecord, Lang, Name, Time};
use crate::web::Web;
use crate::web::ask::Trouble;
use crate::web::card::Maker;

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
}

impl Past {
    pub(super) fn new(
        (_, at, deed): &(i64, Time, DeedOnRecord),
        web: &Web,
        maker: &Maker<'_>,
        lang: Lang,
    ) -> Self {
        let turns = deed.altered.iter().map(|altered| {
            let key = dial(&altered.key);
            let side = |side: &Option<String>| said(&key, side.as_deref(), lang);
            (word(&key, lang), side(&altered.before), side(&altered.after))
        });
        Self {
            at: maker.clock_in(*at, &web.zone()),
            by: maker.names.of_deed(&deed.deed.by),
            why: deed.deed.why.clone(),
            turns: turns.collect(),
        }
    }
}

/// The dial of a key on record: there rungs are counted from one.
fn dial(key: &str) -> String {
    let rung = key.strip_prefix("rungs/").and_then(|rest| rest.split_once('/'));
    match rung.and_then(|(nth, last)| Some((nth.parse::<usize>().ok()?.checked_sub(1)?, last))) {
        Some((nth, last)) => format!("rungs.{nth}.{last}"),
        None => key.replace('/', "."),
    }
}
