//! `[presence]`: by which customs people come and go.

use crate::domain::{Customs, Span};
use crate::form::Form;

/// Reads `[presence]`.
pub fn read_customs(mut form: Form<'_, '_>) -> Option<Customs> {
    let leaves = form.needs::<Span>("leaves");
    let settles = form.needs::<Span>("settles");
    let lingers = form.may::<Span>("lingers");
    let returns = form.needs::<usize>("returns");
    let returns_within = form.needs::<Span>("returns_within");
    let asleep_after = form.needs::<Span>("asleep_after");
    let visits = form.needs::<Span>("visits");
    let stays = form.may::<Span>("stays");
    let forgotten_after = form.needs::<Span>("forgotten_after");
    if returns.is_some_and(|n| !(1..=8).contains(&n)) {
        form.wrong("`returns` is from 1 to 8 stirs".to_owned());
    }
    if leaves.zip(settles).is_some_and(|(leaves, settles)| leaves <= settles) {
        form.wrong("`leaves` must be longer than `settles`".to_owned());
    }
    if forgotten_after.zip(leaves).is_some_and(|(forgotten, leaves)| forgotten <= leaves) {
        form.wrong("`forgotten_after` must be longer than `leaves`".to_owned());
    }
    form.done();
    Some(Customs {
        leaves: leaves?,
        settles: settles?,
        lingers: lingers.or(leaves)?,
        returns: returns?,
        returns_within: returns_within?,
        asleep_after: asleep_after?,
        visits: visits?,
        stays: stays.or(visits)?,
        forgotten_after: forgotten_after?,
    })
}
