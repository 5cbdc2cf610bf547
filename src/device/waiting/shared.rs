//! Topics that several devices share: there the payload tells the device.

use std::collections::BTreeSet;

use crate::device::catalog;
use crate::device::profile::{Profiles, topic};

/// A topic that several devices share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shared<'p> {
    pattern: &'p str,
    /// Where in the payload the device is told.
    pointers: &'p [String],
    /// Its first level may be another.
    has_base: bool,
}

pub(super) fn of(profiles: &Profiles) -> Vec<Shared<'_>> {
    let over_mqtt = profiles.values().filter_map(|p| Some((p, p.mqtt.as_ref()?)));
    let all = over_mqtt.flat_map(|(profile, mqtt)| {
        let (pointers, has_base) = (mqtt.identity.as_slice(), profile.base().is_some());
        profile.patterns().map(move |pattern| Shared { pattern, pointers, has_base })
    });
    let shared = all.filter(|shared| topic::is_shared(shared.pattern));
    shared.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Who sent this, as `pattern#address`; the pattern on the base that the topic has.
pub(super) fn sender(shared: &[Shared<'_>], topic: &str, payload: &[u8]) -> Option<String> {
    let tells = |shared: &Shared<'_>, pattern: &str| {
        let address = catalog::address(payload, shared.pointers).ok()?;
        Some(format!("{pattern}#{address}"))
    };
    let mut here = shared.iter().filter(|shared| topic::fits(shared.pattern, topic));
    here.find_map(|shared| tells(shared, shared.pattern)).or_else(|| {
        let (base, _) = topic.split_once('/')?;
        shared.iter().filter(|shared| shared.has_base).find_map(|shared| {
            let (_, rest) = shared.pattern.split_once('/')?;
            let pattern = format!("{base}/{rest}");
            tells(shared, &pattern).filter(|_| topic::fits(&pattern, topic))
        })
    })
}
