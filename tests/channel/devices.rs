//! A siren and a voice in the home: a device's own command, on its own topic.

use std::sync::{Arc, Mutex};

use careloop::channel::fill::Payload;
use careloop::channel::mqtt::Publish;
use careloop::channel::{Channel, Mqtt, Notice, Verdict};
use careloop::domain::Time;
use serde_json::{Value, json};

/// What is published for a contact with this address, and where.
async fn published(topic: &str, payload: &str, to: &str) -> (String, String) {
    type Asked = Arc<Mutex<Vec<(String, Vec<u8>)>>>;
    let asked = Asked::default();
    let noted = Arc::clone(&asked);
    let publish: Publish = Box::new(move |topic, payload| {
        noted.lock().unwrap().push((topic, payload));
        Box::pin(async { Ok(()) })
    });
    let payload = Some(Payload::read(payload).unwrap());
    let channel = Channel::Mqtt(Mqtt::new(topic, payload, publish));
    let notice = Notice {
        delivery: "h1-7/3".parse().unwrap(),
        to: to.to_owned(),
        body: json!({ "level": "urgent", "home": { "name": "王家" } }),
        text: "您还好吗？没事请按一下按钮。\"好\"".to_owned(),
        at: Time(1_700_000_000_000),
    };
    assert_eq!(channel.tell(&notice).await, Verdict::Sent);
    let (topic, payload) = asked.lock().unwrap().pop().unwrap();
    (topic, String::from_utf8(payload).unwrap())
}

#[tokio::test]
async fn a_siren_is_told_to_sound_in_its_own_words() {
    let command = r#"{"warning":{"mode":"emergency","level":"high","duration":60}}"#;
    let (topic, said) = published("zigbee2mqtt/{to}/set", command, "siren-hall").await;
    assert_eq!((topic.as_str(), said.as_str()), ("zigbee2mqtt/siren-hall/set", command));
}

#[tokio::test]
async fn a_voice_says_the_line_and_nothing_else() {
    let (_, said) = published("voice/{to}/say", "{text}", "h1").await;
    assert_eq!(said, "您还好吗？没事请按一下按钮。\"好\"");
    let (_, said) = published("voice/{to}", r#"{"tts":"{text}","volume":80}"#, "h1").await;
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["tts"], "您还好吗？没事请按一下按钮。\"好\"");
    assert!(!said.to_string().contains("王家"));
}
