//! A profile's examples are its tests: one that contradicts them is refused.

use super::code::Many;
use super::{Profile, hex, topic};
use crate::device::decode::Reading;
use crate::device::{Deframer, Found, FrameError, Misread, Problem};
use crate::domain::Observation;
use crate::form::{Form, Mark};

/// A message of a real device, and what it means.
#[derive(Debug, Clone)]
pub(super) struct Example {
    about: String,
    topic: Option<String>,
    message: Message,
    means: Vec<Observation>,
    problems: Vec<String>,
    pub(super) mark: Mark,
}

#[derive(Debug, Clone)]
enum Message {
    Payload(String),
    Bytes(Vec<u8>),
}

impl Example {
    pub(super) fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let about = form.needs("about");
        // Where it was seen is for people: who doubts an example looks there.
        let from: Option<String> = form.needs("from");
        let topic = form.may("topic");
        let message = match (form.may("payload"), form.may::<String>("hex")) {
            (Some(payload), None) => Some(Message::Payload(payload)),
            (None, Some(text)) => hex(&text)
                .map(Message::Bytes)
                .map_err(|why| form.wrong(format!("`hex`: {why}")))
                .ok(),
            (None, None) | (Some(_), Some(_)) => {
                form.wrong("an example has either a `payload` or `hex`".to_owned());
                None
            }
        };
        let means = form.list("means");
        let problems = form.may::<Many>("problem").unwrap_or_default().0;
        let mark = form.mark();
        form.done();
        from?;
        Some(Self { about: about?, topic, message: message?, means, problems, mark })
    }

    /// Which reports spoke, or what is wrong.
    pub(super) fn check(&self, profile: &Profile) -> Result<Vec<usize>, String> {
        let reading = self.reading(profile)?;
        let about = &self.about;
        let text = |all: &[Observation]| {
            all.iter().map(|o| format!("`{o}`")).collect::<Vec<_>>().join(", ")
        };
        let (means, says) = (text(&self.means), text(&reading.observations));
        if means != says {
            let or = |text: String| if text.is_empty() { "nothing".to_owned() } else { text };
            return Err(format!(
                "`{about}` means {}, but the profile reads {}",
                or(means),
                or(says)
            ));
        }
        for problem in &self.problems {
            if !reading.problems.iter().any(|said| said.text.contains(problem)) {
                let said: Vec<&str> = reading.problems.iter().map(|p| p.text.as_str()).collect();
                let said = said.join("; ");
                return Err(format!("`{about}`: the problem `{problem}` is not found: `{said}`"));
            }
        }
        let expected =
            |said: &&Problem| !self.problems.iter().any(|problem| said.text.contains(problem));
        match reading.problems.iter().find(expected) {
            Some(problem) => Err(format!("`{about}`: {problem}")),
            None => Ok(reading.reports),
        }
    }

    fn reading(&self, profile: &Profile) -> Result<Reading, String> {
        let mut reading = Reading::default();
        match &self.message {
            Message::Payload(payload) if profile.mqtt.is_some() => {
                let own = || profile.mqtt.as_ref().map(|mqtt| mqtt.topic.as_str());
                let is_wanted = |pattern: &str| match &self.topic {
                    Some(topic) => topic::covers(pattern, topic),
                    None => own() == Some(pattern),
                };
                // An address may have slashes: the longest pattern says most.
                let plan = profile.topics.iter().filter(|(pattern, _)| is_wanted(pattern));
                let plan = plan.max_by_key(|(pattern, _)| pattern.len());
                let Some((pattern, plan)) = plan else {
                    return Err(format!("`{}`: no report has this topic", self.about));
                };
                if topic::is_shared(pattern) {
                    self.tells_device(profile, payload)?;
                }
                profile.read_text(plan, payload.as_bytes(), &mut reading);
            }
            Message::Payload(payload) => profile.read_frame(payload.as_bytes(), &mut reading),
            Message::Bytes(bytes) if profile.modbus.is_some() => {
                profile.read_frame(bytes, &mut reading);
            }
            Message::Bytes(bytes) => {
                let Some(line) = &profile.line else {
                    return Err(format!(
                        "`{}`: `hex` goes with `[serial]` or `[modbus]`",
                        self.about
                    ));
                };
                let mut deframer = Deframer::new(line.framing);
                let found = deframer.push(bytes).into_iter().chain(deframer.end());
                for one in found {
                    match one {
                        Found::Frame(frame) => profile.read_frame(&frame, &mut reading),
                        Found::Damage { why: FrameError::Noise, .. } => {}
                        Found::Damage { why, .. } => {
                            let class = Misread::Frame(why);
                            reading.problems.push(Problem::new(class, why.to_string()));
                        }
                    }
                }
            }
        }
        Ok(reading)
    }

    /// On a shared topic, a payload that does not tell its device never reaches the profile.
    fn tells_device(&self, profile: &Profile, payload: &str) -> Result<(), String> {
        let identity = profile.mqtt.iter().flat_map(|mqtt| &mqtt.identity);
        let json: serde_json::Value = serde_json::from_str(payload).unwrap_or_default();
        for pointer in identity {
            if !json.pointer(pointer).is_some_and(|value| value.is_string() || value.is_number()) {
                return Err(format!("`{}`: `{pointer}` does not tell the device", self.about));
            }
        }
        Ok(())
    }
}
