//! What may be put into a text that is written in `gateway.toml`.

use serde_json::Value;

use super::Notice;
use super::http::escaped;
use crate::domain::Level;
use crate::form::Slip;
use crate::template::Template;

/// A place in a template of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Which incident: `h1-7`.
    Case,
    /// How urgent: 紧急.
    Level,
    /// The rule's title.
    What,
    /// Since when, on the home's clock: `2026-01-31 02:10`.
    Since,
    /// The line.
    Text,
    /// The contact's address.
    To,
    /// Which delivery: the same over all attempts.
    Delivery,
    /// How urgent: `urgent`.
    Urgency,
    /// How urgent, from 1 for info to 4 for urgent.
    Rank,
    /// Which home: `h1`.
    Home,
    /// When this attempt is made, in UTC.
    At,
}

impl Place {
    /// Every one there is.
    pub const ALL: &[Self] = &[
        Self::Case,
        Self::Level,
        Self::What,
        Self::Since,
        Self::Text,
        Self::To,
        Self::Delivery,
        Self::Urgency,
        Self::Rank,
        Self::Home,
        Self::At,
    ];

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Level => "level",
            Self::What => "what",
            Self::Since => "since",
            Self::Text => "text",
            Self::To => "to",
            Self::Delivery => "delivery",
            Self::Urgency => "urgency",
            Self::Rank => "rank",
            Self::Home => "home",
            Self::At => "at",
        }
    }
}

impl Notice {
    /// What stands in this place.
    pub(super) fn at_place(&self, place: Place) -> String {
        let of =
            |path: &str| self.body.pointer(path).and_then(Value::as_str).unwrap_or("").to_owned();
        match place {
            Place::Case => self.delivery.incident.to_string(),
            Place::Level => self.level().zh().to_owned(),
            Place::What => of("/title/zh"),
            Place::Since => of("/since_local"),
            Place::Text => self.text.clone(),
            Place::To => self.to.clone(),
            Place::Delivery => self.delivery.to_string(),
            Place::Urgency => self.level().name().to_owned(),
            Place::Rank => (1..)
                .zip(Level::ALL)
                .find(|(_, l)| **l == self.level())
                .map_or(4, |(n, _)| n)
                .to_string(),
            Place::Home => self.delivery.incident.home.to_string(),
            Place::At => self.at.to_string(),
        }
    }
}

/// As it may stand in an address.
pub(super) fn in_address(text: &str) -> String {
    escaped(text)
}

/// What is sent, as somebody's device or platform wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    template: Template<Place>,
    is_json: bool,
}

impl Payload {
    /// Reads it. What begins as JSON does must be JSON, whatever stands in its places.
    ///
    /// # Errors
    /// Where it is wrong, and what was meant.
    pub fn read(text: &str) -> Result<Self, Slip> {
        let template = Template::read(text, Place::ALL, Place::name)?;
        // A number fits into a text and stands by itself.
        let tried = template.fill(|_| "0".to_owned());
        let is_json = tried.trim_start().starts_with(['{', '[']);
        if is_json && let Err(e) = serde_json::from_str::<Value>(&tried) {
            // Places are longer than what they were tried with: the line is right, the column may not be.
            let at =
                text.split_inclusive('\n').take(e.line().saturating_sub(1)).map(str::len).sum();
            return Err(Slip { at, message: format!("it begins as JSON and is none: {e}").into() });
        }
        Ok(Self { template, is_json })
    }

    /// With what stands in its places; as it may stand in JSON, if it is that.
    pub(super) fn fill(&self, notice: &Notice) -> String {
        self.template.fill(|place| {
            let text = notice.at_place(place);
            if self.is_json { in_json(&text) } else { text }
        })
    }
}

/// As it may stand between quotes.
fn in_json(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    let inside = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inside.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_stands_in_a_place_json_stays_json() {
        let notice = Notice {
            delivery: "h1-7/3".parse().unwrap(),
            to: "\"}, {\"admin\": true".to_owned(),
            body: serde_json::json!({ "level": "serious" }),
            text: "a \\ \"b\"\n".to_owned(),
            at: crate::domain::Time(0),
        };
        let text = r#"{"a": "{to}", "b": ["{text}", {rank}], "c": "{urgency} {case}"}"#;
        let filled = Payload::read(text).unwrap().fill(&notice);
        let read: Value = serde_json::from_str(&filled).unwrap();
        let expected = serde_json::json!({
            "a": notice.to, "b": [notice.text, 3], "c": "serious h1-7",
        });
        assert_eq!(read, expected);
        assert_eq!(
            Payload::read("say {text}").unwrap().fill(&notice),
            format!("say {}", notice.text)
        );
        let slip = Payload::read("{\n  \"a\": {what\n}").unwrap_err();
        assert!(0 < slip.at && slip.message.en().contains("is none"), "{slip:?}");
        assert!(Payload::read("{\"a\": \"{name}\"}").unwrap_err().message.en().contains("{name}"));
    }
}
