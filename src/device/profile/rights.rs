//! What a device of a model says and hears over MQTT, its address filled in: no more than that may
//! it publish and subscribe to.

use super::{Profile, Words, topic};

impl Profile {
    /// The topics it publishes to, as filters: a level that is not known beforehand is `+`. Not those
    /// that it shares with others, for there it could speak as any: what its bridge says of it.
    pub fn publishes(&self, address: &str) -> Vec<String> {
        let own = self.topics.iter().filter(|(pattern, _)| !topic::is_shared(pattern));
        own.map(|(pattern, _)| pattern.replace(topic::DEVICE, address)).collect()
    }

    /// The topics it is told something on.
    pub fn subscribes(&self, address: &str) -> Vec<String> {
        let topics = self.commands.iter().filter_map(|command| match &command.words {
            Words::Mqtt { topic, .. } => Some(topic.replace(topic::DEVICE, address)),
            Words::Serial(_) => None,
        });
        topics.collect()
    }
}
