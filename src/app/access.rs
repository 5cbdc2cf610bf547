//! What each device that logs in for itself may do on our own listener: publish to its model's
//! topics and hear its model's commands, with its own address filled in.

use crate::config::{Config, Credential};
use crate::domain::Binding;
use crate::source::mqtt::{Filter, OwnDevice, Rights};

/// Our own topics, which no device may touch …
const OURS: &str = "careloop/";
/// … but for these.
const OF_DEVICES: &str = "careloop/devices/";

/// All that may log in, by the register.
pub(super) fn own_devices(config: &Config) -> Vec<OwnDevice> {
    config.credentials.iter().filter_map(|credential| own_device(config, credential)).collect()
}

fn own_device(config: &Config, credential: &Credential) -> Option<OwnDevice> {
    let home = config.homes.iter().find(|h| h.id == credential.home)?;
    let device = home.device(&credential.device)?;
    let profile = config.profiles.get(&device.profile)?;
    let Binding::Mqtt(address) = &device.binding else { return None };
    let filters = |topics: Vec<String>| -> Vec<Filter> {
        let theirs = |topic: &String| !topic.starts_with(OURS) || topic.starts_with(OF_DEVICES);
        topics.into_iter().filter(theirs).filter_map(|topic| topic.parse().ok()).collect()
    };
    Some(OwnDevice {
        user: credential.user(),
        digest: *credential.digest.bytes(),
        rights: Rights {
            publish: filters(profile.publishes(address)),
            subscribe: filters(profile.subscribes(address)),
        },
    })
}
