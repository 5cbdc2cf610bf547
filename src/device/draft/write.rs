//! The draft as a file.

use super::Head;
use super::gather::{Doubt, Item};
use super::place::Place;

/// Where an example comes from that a device sent.
pub(super) const CAPTURED: &str = "captured";
/// Where an example comes from that nobody sent.
pub(super) const MADE: &str = "constructed for the draft: put a real message in its place";

/// An example of the draft.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) topic: String,
    pub(super) payload: String,
    pub(super) from: &'static str,
    pub(super) means: Vec<String>,
    pub(super) problems: Vec<String>,
}

impl Shown {
    pub(super) fn is(&self, topic: &str, payload: &str) -> bool {
        self.topic == topic && self.payload == payload
    }
}

/// Everything but reports and examples.
pub(super) struct Sheet<'d> {
    pub(super) head: &'d Head,
    pub(super) place: &'d Place,
    pub(super) topic: &'d str,
}

impl Sheet<'_> {
    pub(super) fn write(&self, items: &[Item], shown: &[Shown], doubts: &[Doubt]) -> String {
        let mut text = String::new();
        self.head(&mut text);
        for item in items {
            self.report(&mut text, item);
        }
        remarks(&mut text, doubts);
        for (n, shown) in shown.iter().enumerate() {
            example(&mut text, n + 1, shown);
        }
        text
    }

    fn head(&self, text: &mut String) {
        let Head { vendor, model, about, source, models, .. } = self.head;
        line(text, "# A draft: look through every report before a life hangs on it.");
        line(text, &format!("vendor = {}", quoted(vendor)));
        line(text, &format!("model = {}", quoted(model)));
        line(text, &format!("about = {}", quoted(about)));
        line(text, &format!("source = {}", quoted(source)));
        line(
            text,
            "# quiet_after = \"25h\"   # if it speaks regularly: silent for longer, it is gone",
        );
        if !models.is_empty() {
            let models: Vec<String> = models.iter().map(|model| quoted(model)).collect();
            line(text, &format!("\n[known_by]\nmodel = [{}]", models.join(", ")));
        }
        line(text, &format!("\n[mqtt]\ntopic = {}", quoted(self.topic)));
    }

    fn report(&self, text: &mut String, item: &Item) {
        let note =
            item.note.as_ref().map(|note| format!("\n# {}", note.replace(char::is_control, "")));
        line(text, &format!("{}\n[[report]]", note.unwrap_or_default()));
        if let Some(pattern) = self.place.pattern(&item.topic).filter(|p| p != self.topic) {
            line(text, &format!("topic = {}", quoted(&pattern)));
        }
        line(text, &format!("at = {}", quoted(&item.pointer)));
        line(text, &format!("property = {}", quoted(item.property.name())));
        if !item.values.is_empty() {
            let one = |(code, is): &(String, bool)| format!("{} = {is}", quoted(code));
            let all: Vec<String> = item.values.iter().map(one).collect();
            line(text, &format!("values = {{ {} }}", all.join(", ")));
            if item.is_open {
                line(text, "otherwise = \"nothing\"");
            }
        }
        if item.invert {
            line(text, "invert = true");
        }
        for (key, number) in item.scale {
            line(text, &format!("{key} = {number}"));
        }
        if item.is_text {
            line(text, "from = \"text\"");
        }
    }
}

fn remarks(text: &mut String, doubts: &[Doubt]) {
    if doubts.is_empty() {
        return;
    }
    line(text, "\n# Not read; what is worth it becomes a report:");
    for doubt in doubts {
        line(text, &format!("#   {doubt}"));
    }
}

fn example(text: &mut String, n: usize, shown: &Shown) {
    line(text, "\n[[example]]");
    line(text, &format!("about = \"message {n}: say here what happened\""));
    line(text, &format!("from = {}", quoted(shown.from)));
    line(text, &format!("topic = {}", quoted(&shown.topic)));
    line(text, &format!("payload = {}", quoted(&shown.payload)));
    let list = |all: &[String]| all.iter().map(|one| quoted(one)).collect::<Vec<_>>().join(", ");
    if !shown.means.is_empty() {
        line(text, &format!("means = [{}]", list(&shown.means)));
    }
    if !shown.problems.is_empty() {
        line(text, &format!("problem = [{}]", list(&shown.problems)));
    }
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// A text as TOML writes it: `'…'` where that reads better.
fn quoted(text: &str) -> String {
    let is_literal = text.contains('"') && !text.contains('\'') && !text.contains(char::is_control);
    if is_literal {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c.is_control() => {
                let code = u32::from(c);
                quoted.push_str(&format!("\\u{code:04X}"));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
