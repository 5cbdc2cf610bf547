//! What each device that logs in for itself may do on our own listener: publish to its model's
//! topics and hear its model's commands, with its own address filled in.

use crate::config::{Config, Credential};
use crate::device::Profile;
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
    let profile = Profile::of(&config.profiles, device)?;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::device::profiles_from;

    const PROFILE: &str = "vendor = \"Own\"\nmodel = \"Any\"\nabout = \"Any\"\nsource = \"ours\"\n\
        [mqtt]\ntopic = \"{device}\"\n[[report]]\nat = \"/on\"\nproperty = \"motion\"\n\
        [[command]]\ndoes = \"siren\"\ntopic = \"{device}/set\"\npayload = \"1\"\n\
        [[example]]\nabout = \"seen\"\nfrom = \"constructed\"\npayload = '{\"on\":true}'\nmeans = [\"motion true\"]\n";

    #[test]
    fn whatever_its_address_a_device_does_not_touch_our_own_topics() {
        let rights = |address: &str| {
            let digest = format!("sha256:{}", "00".repeat(32));
            let device = format!(
                "\n[[home.device]]\nid = \"x\"\nprofile = \"own/any\"\nmqtt = \"{address}\"\npassword_digest = \"{digest}\"\n"
            );
            let (profiles, wrong) = profiles_from([("own/any", PROFILE)].into_iter());
            assert!(wrong.is_empty(), "{wrong:?}");
            let change = |file: &str, text: &str| match file {
                "register.toml" => {
                    let people = text.split("[[home.device]]").next().unwrap_or_default();
                    // Its own model is put in below: it is not among the shipped ones.
                    format!("{people}{}", device.replace("own/any", "generic/json"))
                }
                _ => text.to_owned(),
            };
            let mut config = crate::config::shipped(std::path::Path::new("."), change).unwrap();
            let mut home = (*config.homes[0]).clone();
            home.devices[0].profile = "own/any".to_owned();
            (config.homes[0], config.profiles) = (Arc::new(home), Arc::new(profiles));
            let own = own_devices(&config).remove(0);
            let texts = |all: &[Filter]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
            (texts(&own.rights.publish), texts(&own.rights.subscribe))
        };
        let one = |text: &str| vec![text.to_owned()];
        assert_eq!(rights("hall/7"), (one("hall/7"), one("hall/7/set")));
        assert_eq!(rights("careloop/incidents/h1-1/moves"), (Vec::new(), Vec::new()));
        assert_eq!(rights("careloop/devices/7").0, one("careloop/devices/7"));
    }
}
