//! How messages are worded: `config/texts/zh.toml` and `en.toml`. What stands there leaves the house, so there are
//! no places for names, reasons or addresses.

mod key;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::domain::{Group, Lang, Level, Sentence, Title, both};
use crate::engine::Purpose;
use crate::form::{Form, Problem, Sheet, Slip};
use crate::template::Template;

pub use key::Key;
use key::Place;

/// The longest text, in characters as it is written: with a title in it, two text messages.
const LONGEST: usize = 120;

/// The files, and the texts that come with the program.
pub const FILES: [(&str, &str); 2] = [
    ("texts/zh.toml", include_str!("../../config/texts/zh.toml")),
    ("texts/en.toml", include_str!("../../config/texts/en.toml")),
];

/// What goes into the places of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filling<'f> {
    /// What it is about: visits and requests have texts of their own.
    pub group: Group,
    /// `{level}`
    pub level: Level,
    /// `{what}`
    pub what: &'f Title,
    /// `{case}`
    pub case: &'f str,
    /// `{since}`
    pub since: &'f str,
    /// `{minutes}`
    pub minutes: i64,
}

/// All texts of messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    zh: Texts,
    en: Texts,
}

/// Those of one language: every one there is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Texts(BTreeMap<Key, Text>);

/// A text with places.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Text(Template<Place>);

impl Wording {
    /// The texts that come with the program.
    pub fn shipped() -> Self {
        let [zh, en] = FILES;
        Self::read(zh, en).expect("the texts that come with the program are right")
    }

    /// Reads both files.
    ///
    /// # Errors
    /// Every problem, with line and column.
    pub fn read(zh: (&str, &str), en: (&str, &str)) -> Result<Self, Vec<Problem>> {
        match (Texts::read(zh), Texts::read(en)) {
            (Ok(zh), Ok(en)) => Ok(Self { zh, en }),
            (zh, en) => Err([zh.err(), en.err()].into_iter().flatten().flatten().collect()),
        }
    }

    /// One line that says what it is for. `None`: in both languages.
    pub fn line(&self, language: Option<Lang>, purpose: Purpose, filling: &Filling<'_>) -> String {
        self.say(language, filling, Key::of(purpose, filling.group))
    }

    /// A trial message with its code.
    pub fn trial(&self, language: Lang, code: &str) -> String {
        let what = Title::new(String::new(), String::new());
        let (group, level) = (Group::Safety, Level::Info);
        let filling = Filling { group, level, what: &what, case: code, since: "", minutes: 0 };
        self.say(Some(language), &filling, Key::Trial)
    }

    /// What stands above the line in a mail or a push.
    pub fn heading(&self, language: Option<Lang>, filling: &Filling<'_>) -> String {
        self.say(language, filling, Key::Heading)
    }

    /// How to accept by a reply; `None` for what nobody can accept so.
    pub fn reply(
        &self,
        language: Option<Lang>,
        purpose: Purpose,
        filling: &Filling<'_>,
    ) -> Option<String> {
        match purpose {
            Purpose::Alarm
            | Purpose::Escalation
            | Purpose::Repeat
            | Purpose::HandOver
            | Purpose::Raised => Some(self.say(language, filling, Key::Reply)),
            Purpose::Ask
            | Purpose::Overdue
            | Purpose::Digest
            | Purpose::Asked
            | Purpose::Decided
            | Purpose::Whistle => None,
        }
    }

    /// One of the texts, filled in.
    pub fn say(&self, language: Option<Lang>, filling: &Filling<'_>, key: Key) -> String {
        let fill = |lang| self.of(lang).0.get(&key).map(|text| text.fill(filling, lang));
        let fill = |lang| fill(lang).unwrap_or_default();
        match language {
            Some(language) => fill(language),
            None => format!("{} · {}", fill(Lang::Zh), fill(Lang::En)),
        }
    }

    /// One of the texts as it is written, with its places.
    pub fn written(&self, language: Lang, key: Key) -> String {
        self.of(language).0.get(&key).map(Text::written).unwrap_or_default()
    }

    /// Every text as it is written, by its language and key: `zh alarm`.
    pub fn all(&self) -> impl Iterator<Item = (String, String)> {
        let of = move |language: Lang| {
            let all = self.of(language).0.iter();
            all.map(move |(key, text)| (format!("{} {key}", language.tag()), text.written()))
        };
        [Lang::Zh, Lang::En].into_iter().flat_map(of)
    }

    /// The same, with another text in the place of one.
    ///
    /// # Errors
    /// What is wrong with it, as where it stands in the file.
    pub fn with(&self, language: Lang, key: Key, text: &str) -> Result<Self, Sentence> {
        let text = Text::read(text, key).map_err(|slip| slip.message)?;
        let mut other = self.clone();
        let texts = if language == Lang::Zh { &mut other.zh } else { &mut other.en };
        texts.0.insert(key, text);
        Ok(other)
    }

    const fn of(&self, language: Lang) -> &Texts {
        match language {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

impl Texts {
    fn read((file, text): (&str, &str)) -> Result<Self, Vec<Problem>> {
        let sheet = Sheet::new(file, text);
        let mut form = sheet.form();
        let read = Self::from(&mut form);
        form.done();
        let problems = sheet.problems();
        read.filter(|_| problems.is_empty()).ok_or(problems)
    }

    fn from(form: &mut Form<'_, '_>) -> Option<Self> {
        let (lines, others): (Vec<Key>, Vec<Key>) = Key::ALL.iter().partition(|key| key.is_line());
        let mut texts = others.into_iter().map(|key| (key, text(form, key))).collect::<Vec<_>>();
        let Some(mut form) = form.form("line") else {
            form.wrong("[line] is missing: it says what messages say".to_owned());
            return None;
        };
        texts.extend(lines.into_iter().map(|key| (key, text(&mut form, key))));
        form.done();
        texts.into_iter().map(|(key, text)| Some((key, text?))).collect::<Option<_>>().map(Self)
    }
}

fn text(form: &mut Form<'_, '_>, key: Key) -> Option<Text> {
    form.grammar(key.name(), |text| Text::read(text, key))
}

impl Text {
    fn read(text: &str, key: Key) -> Result<Self, Slip> {
        let template = Template::read(text, key.places(), Place::name)?;
        let length = text.chars().count();
        let wrong = |message: Sentence| Err(Slip { at: 0, message });
        if length == 0 {
            return wrong(both!("文本是空的", "it says nothing"));
        }
        if text.contains(char::is_control) {
            return wrong(both!("只能写一行", "it is one line"));
        }
        if LONGEST < length {
            return wrong(both!(
                "有 {length} 个字，最多 {LONGEST} 个",
                "it has {length} characters, and may have {LONGEST}"
            ));
        }
        if template.has_braces() {
            return wrong(both!(
                "花括号里须是可用的位置，如 {{case}}",
                "a place is a word in braces, such as {{case}}"
            ));
        }
        if key.needs_case() && !template.has(Place::Case) {
            return wrong(both!(
                "缺少 {{case}}：没有它就找不到事件",
                "{{case}} is missing: nobody would find the incident"
            ));
        }
        Ok(Self(template))
    }

    fn written(&self) -> String {
        self.0.fill(|place| format!("{{{}}}", place.name()))
    }

    fn fill(&self, filling: &Filling<'_>, language: Lang) -> String {
        let Filling { level, what, case, since, minutes, .. } = filling;
        self.0.fill(|place| match (place, language) {
            (Place::Level, Lang::Zh) => level.zh().to_owned(),
            (Place::Level, Lang::En) => level.name().to_owned(),
            (Place::What, Lang::Zh) => what.zh.clone(),
            (Place::What, Lang::En) => what.en.clone(),
            (Place::Case, _) => (*case).to_owned(),
            (Place::Since, _) => (*since).to_owned(),
            (Place::Minutes, _) => minutes.to_string(),
        })
    }
}
