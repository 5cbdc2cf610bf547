//! A message to somebody's topic: a speaker, a lamp, a display, a system that listens.

use std::fmt;

use futures_util::future::BoxFuture;

use super::fill::Payload;
use super::{Notice, Verdict};
use crate::source::mqtt::{BadTopic, Publisher};
use crate::source::mqtt_client::{Link, PublishError};

/// Publishes each notice to a topic of its own for every address: as JSON, or as a device wants it.
pub struct Mqtt {
    topic: String,
    payload: Option<Payload>,
    publish: Publish,
}

/// How to publish: topic and payload, and whether the broker took it.
pub type Publish =
    Box<dyn Fn(String, Vec<u8>) -> BoxFuture<'static, Result<(), PublishError>> + Send + Sync>;

/// Publishes on somebody else's broker.
pub fn on(link: Link) -> Publish {
    Box::new(move |topic, payload| {
        let link = link.clone();
        Box::pin(async move { link.publish(&topic, payload, false).await })
    })
}

/// Publishes on our own listener: whoever is connected has it at once.
pub fn on_own(publisher: Publisher) -> Publish {
    Box::new(move |topic, payload| {
        let sent = publisher.publish(&topic, payload, false);
        let never = |e: BadTopic| PublishError::Never { topic, why: e.to_string() };
        Box::pin(std::future::ready(sent.map_err(never)))
    })
}

impl Mqtt {
    /// `{to}` in the topic stands for the contact's address: `careloop/tell/{to}`. `payload`: a siren's or a
    /// voice box's own command; without it, all that is known in JSON.
    pub fn new(topic: impl Into<String>, payload: Option<Payload>, publish: Publish) -> Self {
        Self { topic: topic.into(), payload, publish }
    }

    /// One attempt. A broker's acknowledgement says that the broker has it, not who listens.
    pub(super) async fn tell(&self, notice: &Notice) -> Verdict {
        if self.topic.contains("{to}") && notice.to.is_empty() {
            return Verdict::never("the contact has no address for the topic");
        }
        let topic = self.topic.replace("{to}", &notice.to);
        let payload = match &self.payload {
            Some(payload) => payload.fill(notice),
            None => notice.to_json().to_string(),
        };
        match (self.publish)(topic, payload.into_bytes()).await {
            Ok(()) => Verdict::Sent,
            Err(PublishError::NotSent { why, .. }) => Verdict::later(why),
            Err(PublishError::Never { why, .. }) => Verdict::never(why),
            Err(PublishError::Unknown { why, .. }) => Verdict::Unknown { why },
        }
    }
}

impl fmt::Debug for Mqtt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mqtt").field("topic", &self.topic).finish_non_exhaustive()
    }
}
