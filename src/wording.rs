//! How messages are worded: `config/texts/zh.toml` and `en.toml`. What stands there leaves the house, so there are
//! no places for names, reasons or addresses.

use crate::domain::{Group, Lang, Level, Title};
use crate::engine::Purpose;
use crate::form::{Form, Problem, Sheet, Slip};
use crate::template::Template;

/// The longest text, in characters as it is written: with a title in it, two text messages.
const LONGEST: usize = 120;

/// The files, and the texts that come with the program.
pub const FILES: [(&str, &str); 2] = [
    ("texts/zh.toml", include_str!("../config/texts/zh.toml")),
    ("texts/en.toml", include_str!("../config/texts/en.toml")),
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

/// Those of one language.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Texts {
    heading: Text,
    reply: Text,
    ask: Text,
    alarm: Text,
    escalation: Text,
    repeat: Text,
    overdue: Text,
    hand_over: Text,
    raised: Text,
    digest: Text,
    asked: Text,
    decided: Text,
    whistle: Text,
    visit: Text,
    visit_late: Text,
    request: Text,
    request_late: Text,
    trial: Text,
}

/// A text with places.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Text(Template<Place>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Level,
    What,
    Case,
    Since,
    Minutes,
}

impl Place {
    const ALL: [Self; 5] = [Self::Level, Self::What, Self::Case, Self::Since, Self::Minutes];

    const fn name(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::What => "what",
            Self::Case => "case",
            Self::Since => "since",
            Self::Minutes => "minutes",
        }
    }
}

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
        self.say(language, filling, |texts| texts.line(purpose, filling.group))
    }

    /// A trial message with its code.
    pub fn trial(&self, language: Lang, code: &str) -> String {
        let what = Title::new(String::new(), String::new());
        let (group, level) = (Group::Safety, Level::Info);
        let filling = Filling { group, level, what: &what, case: code, since: "", minutes: 0 };
        self.say(Some(language), &filling, |texts| &texts.trial)
    }

    /// What stands above the line in a mail or a push.
    pub fn heading(&self, language: Option<Lang>, filling: &Filling<'_>) -> String {
        self.say(language, filling, |texts| &texts.heading)
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
            | Purpose::Raised => Some(self.say(language, filling, |texts| &texts.reply)),
            Purpose::Ask
            | Purpose::Overdue
            | Purpose::Digest
            | Purpose::Asked
            | Purpose::Decided
            | Purpose::Whistle => None,
        }
    }

    fn say(
        &self,
        language: Option<Lang>,
        filling: &Filling<'_>,
        which: impl Fn(&Texts) -> &Text,
    ) -> String {
        let zh = || which(&self.zh).fill(filling, Lang::Zh);
        let en = || which(&self.en).fill(filling, Lang::En);
        match language {
            Some(Lang::Zh) => zh(),
            Some(Lang::En) => en(),
            None => format!("{} · {}", zh(), en()),
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
        let heading = text(form, "heading", &[Place::Level, Place::Case], true);
        let reply = text(form, "reply", &[Place::Case], false);
        let Some(mut lines) = form.form("line") else {
            form.wrong("[line] is missing: it says what messages say".to_owned());
            return None;
        };
        let ask = text(&mut lines, "ask", &[Place::What, Place::Since, Place::Minutes], false);
        let all = &Place::ALL;
        let alarm = text(&mut lines, "alarm", all, true);
        let escalation = text(&mut lines, "escalation", all, true);
        let repeat = text(&mut lines, "repeat", all, true);
        let overdue = text(&mut lines, "overdue", all, true);
        let hand_over = text(&mut lines, "hand-over", all, true);
        let raised = text(&mut lines, "raised", all, true);
        // Each that is told in it has its own time.
        let digest = text(&mut lines, "digest", &[Place::Level, Place::What, Place::Case], true);
        let asked = text(&mut lines, "asked", all, true);
        let decided = text(&mut lines, "decided", all, true);
        let whistle = text(&mut lines, "whistle", all, true);
        let visit = text(&mut lines, "visit", all, true);
        let visit_late = text(&mut lines, "visit-late", all, true);
        let request = text(&mut lines, "request", all, true);
        let request_late = text(&mut lines, "request-late", all, true);
        let trial = text(&mut lines, "trial", &[Place::Case], true);
        lines.done();
        Some(Self {
            heading: heading?,
            reply: reply?,
            ask: ask?,
            alarm: alarm?,
            escalation: escalation?,
            repeat: repeat?,
            overdue: overdue?,
            hand_over: hand_over?,
            raised: raised?,
            digest: digest?,
            asked: asked?,
            decided: decided?,
            whistle: whistle?,
            visit: visit?,
            visit_late: visit_late?,
            request: request?,
            request_late: request_late?,
            trial: trial?,
        })
    }

    const fn line(&self, purpose: Purpose, group: Group) -> &Text {
        match (group, purpose) {
            (Group::Visit, Purpose::Alarm) => return &self.visit,
            (Group::Visit, Purpose::Escalation | Purpose::Repeat) => return &self.visit_late,
            (Group::Request, Purpose::Alarm) => return &self.request,
            (Group::Request, Purpose::Escalation | Purpose::Repeat) => return &self.request_late,
            (_, _) => {}
        }
        match purpose {
            Purpose::Ask => &self.ask,
            Purpose::Alarm => &self.alarm,
            Purpose::Escalation => &self.escalation,
            Purpose::Repeat => &self.repeat,
            Purpose::Overdue => &self.overdue,
            Purpose::HandOver => &self.hand_over,
            Purpose::Raised => &self.raised,
            Purpose::Digest => &self.digest,
            Purpose::Asked => &self.asked,
            Purpose::Decided => &self.decided,
            Purpose::Whistle => &self.whistle,
        }
    }
}

/// `needs_case`: whoever reads it must find the incident.
fn text(
    form: &mut Form<'_, '_>,
    key: &'static str,
    places: &[Place],
    needs_case: bool,
) -> Option<Text> {
    form.grammar(key, |text| Text::read(text, places, needs_case))
}

impl Text {
    fn read(text: &str, places: &[Place], needs_case: bool) -> Result<Self, Slip> {
        let template = Template::read(text, places, Place::name)?;
        let length = text.chars().count();
        let wrong = |message: String| Err(Slip { at: 0, message });
        if length == 0 {
            return wrong("it says nothing".to_owned());
        }
        if text.contains(char::is_control) {
            return wrong("it is one line".to_owned());
        }
        if LONGEST < length {
            return wrong(format!("it has {length} characters, and may have {LONGEST}"));
        }
        if template.has_braces() {
            return wrong("a place is a word in braces, such as {case}".to_owned());
        }
        if needs_case && !template.has(Place::Case) {
            return wrong("{case} is missing: nobody would find the incident".to_owned());
        }
        Ok(Self(template))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_a_language_is_told_in_it_and_others_in_both() {
        let what = Title::new("疑似跌倒".to_owned(), "possible fall".to_owned());
        let filling = Filling {
            group: Group::Safety,
            level: Level::Urgent,
            what: &what,
            case: "h1-7",
            since: "03:12",
            minutes: 4,
        };
        let wording = Wording::shipped();
        let line = |language| wording.line(language, Purpose::Escalation, &filling);
        let zh = "紧急报警 4 分钟无人签收，现转您处理：疑似跌倒，03:12 起，编号 h1-7";
        let en = "urgent alarm, nobody accepted for 4 min, now yours: possible fall, since 03:12, case h1-7";
        assert_eq!(line(Some(Lang::Zh)), zh);
        assert_eq!(line(Some(Lang::En)), en);
        assert_eq!(line(None), format!("{zh} · {en}"));
        let reply = |purpose| wording.reply(Some(Lang::Zh), purpose, &filling);
        assert_eq!(reply(Purpose::Alarm).as_deref(), Some("回复 1 签收"));
        assert_eq!(reply(Purpose::Digest), None, "nobody accepts a digest");
    }

    #[test]
    fn what_is_wrong_with_a_text_is_said_where_it_is() {
        let (file, shipped) = FILES[0];
        let long = format!("alarm = \"{{case}}{}\"", "长".repeat(120));
        for (old, new, wrong) in [
            (
                "repeat = \"{level}报警",
                "repeat = \"{name}报警",
                "texts/zh.toml:15:11: `repeat`: there is no place `{name}` here, only {level}, {what}, {case}, \
                 {since}, {minutes}: names, reasons and addresses are for the pages",
            ),
            (
                "{level}报警，请签收并上门：{what}，{since} 起，编号 {case}",
                "请上门",
                "`alarm`: {case} is missing",
            ),
            ("{minutes} 分钟后", "{minutes 分钟后", "`ask`: a place is a word in braces"),
            ("alarm = ", "# alarm = ", "`alarm` is missing"),
            ("overdue = ", "overdo = ", "there is no key `overdo` here"),
            ("[line]", "[lines]", "[line] is missing"),
            (
                "今日提示汇总：{what}",
                "今日{since}{what}",
                "`digest`: there is no place `{since}` here",
            ),
            ("reply = \"回复 1 签收\"", "reply = \"\"", "`reply`: it says nothing"),
            ("回复 1 签收", "回复\\n1", "`reply`: it is one line"),
            ("alarm = \"{level}", &format!("{long} #"), "`alarm`: it has 126 characters"),
        ] {
            assert!(shipped.contains(old), "{old}");
            let text = shipped.replacen(old, new, 1);
            let all = Wording::read((file, &text), FILES[1]).expect_err(new);
            let all: Vec<_> = all.iter().map(ToString::to_string).collect();
            assert!(all.iter().any(|one| one.contains(wrong)), "{wrong}: {all:?}");
        }
    }
}
