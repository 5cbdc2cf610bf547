//! Another first level than the profile's own: whoever runs a bridge may choose it, and may run two.

use std::borrow::Cow;

use super::{Profile, Profiles, Words, topic};
use crate::domain::Device;

impl Profile {
    /// The profile of a device of the register, with the topics it has there. `None`: there is no such
    /// profile, or no such `base` of it.
    pub fn of<'p>(profiles: &'p Profiles, device: &Device) -> Option<Cow<'p, Self>> {
        let profile = profiles.get(&device.profile)?;
        match &device.base {
            None => Some(Cow::Borrowed(profile)),
            Some(base) => profile.on_base(base).ok().map(Cow::Owned),
        }
    }

    /// The first level of all its topics, if it is one word for all and something stands below it.
    pub fn base(&self) -> Option<&str> {
        let (base, _) = self.mqtt.as_ref()?.topic.split_once('/')?;
        let is_word = !base.is_empty() && base != "+" && !base.contains(topic::DEVICE);
        let begins = |topic: &str| topic.split_once('/').is_some_and(|(first, _)| first == base);
        let commands = self.commands.iter().filter_map(|command| match &command.words {
            Words::Mqtt { topic, .. } => Some(topic.as_str()),
            Words::Serial(_) => None,
        });
        (is_word && self.patterns().chain(commands).all(begins)).then_some(base)
    }

    /// The same model behind a bridge whose topics begin with `base`, one level or several.
    ///
    /// # Errors
    /// `base` cannot begin a topic, or the topics of this model do not all begin with one word.
    pub fn on_base(&self, base: &str) -> Result<Self, String> {
        check(base)?;
        let Some(own) = self.base() else {
            let name = &self.name;
            return Err(format!("`base`: the topics of `{name}` do not all begin with one word"));
        };
        let moved = |topic: &str| moved(topic, own, base).unwrap_or_else(|| topic.to_owned());
        let mut profile = self.clone();
        for topic in profile.mqtt.iter_mut().flat_map(|m| m.also.iter_mut().chain([&mut m.topic])) {
            *topic = moved(topic);
        }
        for (pattern, _) in &mut profile.topics {
            *pattern = moved(pattern);
        }
        for command in &mut profile.commands {
            if let Words::Mqtt { topic, .. } = &mut command.words {
                *topic = moved(topic);
            }
        }
        Ok(profile)
    }
}

/// A topic that begins with `to` instead of `from`. `None`: it does not begin with `from`.
pub(in crate::device) fn moved(topic: &str, from: &str, to: &str) -> Option<String> {
    let rest = topic.strip_prefix(from)?.strip_prefix('/')?;
    Some(format!("{to}/{rest}"))
}

fn check(base: &str) -> Result<(), String> {
    let first = base.split('/').next().unwrap_or_default();
    if base.contains(['+', '#', '\0']) || base.contains(topic::DEVICE) {
        return Err(format!("`base`: `{base}` has what stands for something else in a topic"));
    }
    if base.split('/').any(str::is_empty) {
        return Err(format!("`base`: `{base}` has an empty level"));
    }
    if first.starts_with('$') || first == "careloop" {
        return Err(format!("`base`: topics below `{first}` are not a bridge's"));
    }
    Ok(())
}
