//! What a file holds: messages with their topics, or the bytes of a serial line.

use serde_json::Value;

use super::Heard;

/// How many messages of a capture are read.
const MESSAGES_MAX: usize = 10_000;

/// What a capture file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Capture {
    /// JSON lines `{"topic":…,"payload":…}`, or `topic payload` as `mosquitto_sub -v` prints.
    Messages(Vec<Heard>),
    /// One payload, its topic unknown.
    Payload(Vec<u8>),
    /// Bytes of a serial line.
    Stream(Vec<u8>),
}

/// Finds out what the bytes of a file are.
pub fn capture(bytes: &[u8]) -> Capture {
    let Ok(text) = std::str::from_utf8(bytes) else { return Capture::Stream(bytes.to_vec()) };
    let lines = || text.lines().filter(|line| !line.trim().is_empty()).take(MESSAGES_MAX);
    let messages: Option<Vec<Heard>> = lines().map(message).collect();
    if let Some(messages) = messages.filter(|m| !m.is_empty()) {
        return Capture::Messages(messages);
    }
    if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
        return Capture::Payload(text.trim().as_bytes().to_vec());
    }
    Capture::Stream(bytes.to_vec())
}

fn message(line: &str) -> Option<Heard> {
    if line.trim_start().starts_with('{') {
        let told: Value = serde_json::from_str(line).ok()?;
        let topic = told.get("topic")?.as_str()?.to_owned();
        let payload = told.get("payload")?;
        let payload = payload.as_str().map_or_else(|| payload.to_string(), str::to_owned);
        return Some(Heard { topic: Some(topic), payload: payload.into_bytes() });
    }
    // A name may have blanks; a payload that is an object, a list or a text begins where it begins.
    let begin = [" {", " [", " \""].iter().filter_map(|b| line.find(b)).min();
    let (topic, payload) = match begin {
        Some(at) => line.split_at_checked(at)?,
        None => {
            let level = line.rfind('/').unwrap_or(0);
            let blank = line.get(level..).and_then(|rest| rest.find(' ')).map(|at| level + at);
            // `…/$ip N/A`: the last `/` is in the payload.
            blank
                .or_else(|| line.rfind(' '))
                .map_or(Some((line, "")), |at| line.split_at_checked(at))?
        }
    };
    let first = topic.split('/').find(|level| !level.is_empty())?;
    // `11/22/26 10:00:00 SPO2=97` is a line of an oximeter.
    let is_topic = topic.contains('/') && first.chars().any(char::is_alphabetic);
    let is_shown = !topic.contains(['=', '{', '\u{fffd}']) && !topic.contains(char::is_control);
    let payload = payload.trim_start().as_bytes().to_vec();
    (is_topic && is_shown).then(|| Heard { topic: Some(topic.to_owned()), payload })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_what_stands_in_it() {
        let heard = |topic: &str, payload: &str| Heard {
            topic: Some(topic.to_owned()),
            payload: payload.into(),
        };
        let both = Capture::Messages(vec![
            heard("zigbee2mqtt/living room/door 1", r#"{"contact":true}"#),
            heard("tele/x/LWT", "Online"),
        ]);
        let blanks = Capture::Messages(vec![
            heard("homie/door/$name", "Front door"),
            heard("homie/door/$ip", "N/A"),
            heard("a/b", ""),
        ]);
        assert_eq!(capture(b"homie/door/$name Front door\nhomie/door/$ip N/A\n\na/b \n"), blanks);
        let printed = "zigbee2mqtt/living room/door 1 {\"contact\":true}\ntele/x/LWT Online\n";
        assert_eq!(capture(printed.as_bytes()), both);
        let lines = "{\"topic\":\"zigbee2mqtt/living room/door 1\",\"payload\":{\"contact\":true}}\n\
            {\"topic\":\"tele/x/LWT\",\"payload\":\"Online\"}\n";
        assert_eq!(capture(lines.as_bytes()), both);
        assert_eq!(capture(b" {\"fall\":true}\n"), Capture::Payload(b"{\"fall\":true}".to_vec()));
        for stream in [
            &b"\x53\x59\x83\x01\x00\x01\x01\x32\x54\x43"[..],
            b"11/22/26 10:00:00 SN=0000070986 SPO2=097% BPM=075\n",
            b"{\"fall\":true}\n{\"fall\":false}\n",
            b"SpO2=97 HR=62\n",
        ] {
            assert_eq!(capture(stream), Capture::Stream(stream.to_vec()));
        }
    }
}
