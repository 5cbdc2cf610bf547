//! What a look at one home copies out of its engine.

use std::sync::Arc;

use crate::domain::Metric;
use crate::engine::Engine;
use crate::inbox::{Habit, Look, OwnLimit};

/// What is known of the home; `None` until it is registered.
pub(super) fn look(engine: &Engine) -> Option<Look> {
    let home = Arc::clone(engine.home()?);
    let book = engine.book();
    let needed = book.learning.as_ref().map_or(0, |learning| learning.needed);
    let limits = engine.own_limits().map(|(wanted, learned)| OwnLimit {
        wanted,
        needed,
        learned: learned.clone(),
    });
    Some(Look {
        home,
        book: Arc::clone(book),
        rules: engine.rules().to_owned(),
        situation: engine.situation().clone(),
        now: engine.now(),
        offset: engine.offset(),
        listening: engine.listening(),
        presence: engine.presence().clone(),
        silences: engine.silences().to_vec(),
        rounds: engine.rounds().clone(),
        limits: limits.collect(),
        habits: habits(engine),
    })
}

fn habits(engine: &Engine) -> Vec<Habit> {
    let Some(settings) = &engine.book().learning else { return Vec::new() };
    let (wall, zone, baseline) = (engine.now() + engine.offset(), engine.zone(), engine.baseline());
    let of = |metric: &Metric| {
        let usual = baseline.usual(*metric, wall, zone, settings);
        let today = baseline.today(*metric, wall, zone, settings);
        (usual.is_some() || today.is_some()).then_some(Habit { metric: *metric, usual, today })
    };
    Metric::ALL.iter().filter_map(of).collect()
}
