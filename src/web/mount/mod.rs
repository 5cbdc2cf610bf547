//! What technicians hold in one hand while the other holds the sensor: what waits to be adopted, what hangs where,
//! and whether it works before they leave.

mod adopt;
mod device;
mod home;
mod scan;

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;

use crate::device::Commissioning;
use crate::device::commissioning::{Known, properties};
use crate::device::waiting::{Seen, Waiting, waiting};
use crate::device::walk::steps;
use crate::domain::{DeviceId, Home, HomeId, Span, Step};
use crate::inbox::Look;
use crate::store::strange::Stranger;
use crate::store::{Reader, StoreError};

use super::Web;
use super::ask::Trouble;
use super::lang::Visitor;

pub(super) fn routes() -> Router<Arc<Web>> {
    let found = adopt::routes().merge(scan::routes());
    found.merge(home::routes()).merge(device::routes())
}

impl Web {
    /// What speaks here and is not in the register, the latest heard first.
    pub(super) fn waiting(&self, reader: &Reader) -> Result<Vec<Waiting>, StoreError> {
        let strangers = reader.strangers()?;
        let seen: Vec<Seen> = strangers.iter().filter_map(Stranger::seen).collect();
        let catalog = self.site.inbox.catalog();
        Ok(waiting(&seen, &reader.announced()?, &self.homes(), catalog.profiles()))
    }

    /// What is mounted in a home, how it is, what was tried out and what is missing.
    pub(super) async fn commissioning(&self, look: &Look) -> Result<Commissioning, Trouble> {
        let id = look.home.id.clone();
        let walks = self.read(move |reader| reader.walks(&id)).await?;
        // The engine's own time stands still while nothing comes in, which is just what must show here.
        let now = self.site.clock.now().max(look.now);
        let (situation, offset, listening) = (&look.situation, look.offset, look.listening);
        let known = Known { situation, now, offset, listening };
        let (catalog, coverage) = (self.site.inbox.catalog(), self.site.coverage.borrow().clone());
        let (home, profiles) = (&look.home, catalog.profiles());
        Ok(Commissioning::new(home, profiles, &coverage, Some(known), &walks, now + offset))
    }

    /// What to do to try a device out, and how long that may take.
    pub(super) fn to_do(&self, look: &Look, device: &DeviceId) -> (Vec<Step>, Span) {
        let sight = look.situation.sight(device);
        let mounted = look.home.device(device);
        // As they are in force now: the device may have come with a profile of its own.
        let catalog = self.site.inbox.catalog();
        let profiles = catalog.profiles();
        let mut reports = mounted.map(|d| properties(d, profiles, sight)).unwrap_or_default();
        if reports.is_empty() {
            // It has not said anything yet: whatever its profile allows will do.
            let profile = mounted.and_then(|d| profiles.get(&d.profile));
            reports = profile.map(|profile| profile.properties()).unwrap_or_default();
        }
        steps(&reports)
    }
}

/// A home of theirs, that a path names.
pub(super) fn home_of(web: &Web, visitor: &Visitor, id: &str) -> Option<Arc<Home>> {
    let id: HomeId = id.parse().ok()?;
    web.home(&id).filter(|home| web.shows(visitor, home))
}

fn device_of(
    web: &Web,
    visitor: &Visitor,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Option<(Arc<Home>, DeviceId)> {
    let Path((home, device)) = path.ok()?;
    let home = home_of(web, visitor, &home)?;
    let device: DeviceId = device.parse().ok()?;
    home.device(&device).is_some().then_some((home, device))
}
