//! What a home lacks: `coverage.toml` says which room wants which sensor.

use crate::domain::{Mount, Place, Property, Span, Title};
use crate::form::{Form, Problem, Sheet};

/// What a home should have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    rooms: Vec<Room>,
    /// Somewhere in the home.
    wants: Vec<Want>,
    checks: Vec<Check>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Room {
    title: Title,
    /// In small letters.
    words: Vec<String>,
    /// What rules call it.
    is: Option<Place>,
    always: bool,
    wants: Vec<Want>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Want {
    any_of: Vec<Property>,
    title: Title,
    when: Option<Title>,
    source: String,
}

/// What is to be tried out again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Check {
    any_of: Vec<Property>,
    every: Span,
}

/// One device, as far as it covers anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover<'a> {
    /// Where it is, in people's words.
    pub room: &'a str,
    /// How it is fixed.
    pub mount: Option<Mount>,
    /// What it can tell.
    pub properties: Vec<Property>,
}

/// Something that is missing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Gap {
    /// Where; `None`: in the whole home.
    pub room: Option<Title>,
    /// What, in a sentence without its end.
    pub text: Title,
    /// Any of these would fill it.
    pub any_of: Vec<Property>,
    /// Where the wish comes from.
    pub source: String,
}

/// A room, or the whole home, and what is wanted there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// Which room; `None`: somewhere in the home.
    pub room: Option<Title>,
    /// Each wish, and what fulfils it.
    pub wishes: Vec<Wish>,
}

/// One thing that is wanted, and by which devices there is that: their places in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// What people call it.
    pub title: Title,
    /// When it is wanted, if not always.
    pub when: Option<Title>,
    /// Where the wish comes from.
    pub source: String,
    /// None: it is missing.
    pub by: Vec<usize>,
    any_of: Vec<Property>,
}

impl Coverage {
    /// Reads `coverage.toml`.
    ///
    /// # Errors
    /// Every problem, with line and column.
    pub fn read((file, text): (&str, &str)) -> Result<Self, Vec<Problem>> {
        let sheet = Sheet::new(file, text);
        let mut form = sheet.form();
        let rooms = form.forms("room").into_iter().filter_map(Room::read).collect();
        let wants = form.forms("want").into_iter().filter_map(Want::read).collect();
        let checks = form.forms("check").into_iter().filter_map(Check::read).collect();
        form.done();
        let problems = sheet.problems();
        if problems.is_empty() { Ok(Self { rooms, wants, checks }) } else { Err(problems) }
    }

    /// How often a device that can tell these is to be tried out; `None`: once, when it is mounted.
    pub fn every(&self, properties: &[Property]) -> Option<Span> {
        let of_it = |check: &&Check| check.any_of.iter().any(|p| properties.contains(p));
        self.checks.iter().filter(of_it).map(|check| check.every).min()
    }

    /// The kind of room that is meant by `room`, if its words are known.
    pub fn place(&self, room: &str) -> Option<Place> {
        self.rooms.iter().filter(|r| r.is_meant(room)).find_map(|r| r.is)
    }

    /// What each room has and lacks where these devices are all there is; the whole home at the end.
    pub fn rooms(&self, devices: &[Cover<'_>]) -> Vec<Covered> {
        let is_there = |room: &&Room| room.always || devices.iter().any(|d| room.is_meant(d.room));
        let rooms = self.rooms.iter().filter(is_there).map(|room| {
            let is_here = |d: &Cover<'_>| d.mount == Some(Mount::Worn) || room.is_meant(d.room);
            let wishes = room.wants.iter().map(|want| want.wish(devices, is_here)).collect();
            Covered { room: Some(room.title.clone()), wishes }
        });
        let wishes = self.wants.iter().map(|want| want.wish(devices, |_| true)).collect();
        rooms.chain([Covered { room: None, wishes }]).collect()
    }
}

impl Check {
    fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let any_of = form.list::<Property>("any_of");
        if any_of.is_empty() {
            form.wrong("`any_of` is missing: name one property or more".to_owned());
        }
        let every = form.needs::<Span>("every");
        // It is for whoever reads the file.
        drop(form.needs::<String>("source"));
        form.done();
        Some(Self { any_of, every: every? })
    }
}

impl Room {
    fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let title = read_title(&mut form, "title");
        if title.is_none() {
            form.wrong("`title` is missing: write title = { zh = \"…\", en = \"…\" }".to_owned());
        }
        let words = form.list::<String>("words");
        if words.is_empty() {
            form.wrong("`words` is missing: by what is this room known?".to_owned());
        }
        let is = form.may::<Place>("is");
        let always = form.may("always").unwrap_or(false);
        let wants = form.forms("want").into_iter().filter_map(Want::read).collect();
        form.done();
        let words = words.iter().map(|word| word.to_lowercase()).collect();
        Some(Self { title: title?, words, is, always, wants })
    }

    fn is_meant(&self, room: &str) -> bool {
        let room = room.to_lowercase();
        self.words.iter().any(|word| room.contains(word.as_str()))
    }
}

impl Want {
    fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let any_of = form.list::<Property>("any_of");
        if any_of.is_empty() {
            form.wrong("`any_of` is missing: name one property or more".to_owned());
        }
        let title = read_title(&mut form, "title");
        if title.is_none() {
            form.wrong("`title` is missing: write title = { zh = \"…\", en = \"…\" }".to_owned());
        }
        let when = read_title(&mut form, "when");
        let source = form.needs::<String>("source");
        form.done();
        Some(Self { any_of, title: title?, when, source: source? })
    }

    fn is_met_by(&self, device: &Cover<'_>) -> bool {
        self.any_of.iter().any(|property| device.properties.contains(property))
    }

    fn wish(&self, devices: &[Cover<'_>], is_here: impl Fn(&Cover<'_>) -> bool) -> Wish {
        let fulfils = |(_, d): &(usize, &Cover<'_>)| is_here(d) && self.is_met_by(d);
        Wish {
            title: self.title.clone(),
            when: self.when.clone(),
            source: self.source.clone(),
            by: devices.iter().enumerate().filter(fulfils).map(|(place, _)| place).collect(),
            any_of: self.any_of.clone(),
        }
    }
}

impl Covered {
    /// What is missing here.
    pub fn gaps(&self) -> impl Iterator<Item = Gap> {
        let missing = self.wishes.iter().filter(|wish| wish.by.is_empty());
        missing.map(|wish| wish.gap(self.room.as_ref()))
    }
}

impl Wish {
    fn gap(&self, room: Option<&Title>) -> Gap {
        let (zh, en) = (&self.title.zh, &self.title.en);
        let (mut zh, mut en) = match room {
            Some(room) => (format!("{}没有{zh}", room.zh), format!("no {en} in the {}", room.en)),
            None => (format!("家中没有{zh}"), format!("no {en} in the home")),
        };
        if let Some(when) = &self.when {
            zh.push_str(&format!("（{}需要）", when.zh));
            en.push_str(&format!(" (wanted {})", when.en));
        }
        let text = Title::new(zh, en);
        Gap { room: room.cloned(), text, any_of: self.any_of.clone(), source: self.source.clone() }
    }
}

fn read_title(form: &mut Form<'_, '_>, key: &'static str) -> Option<Title> {
    let mut title = form.form(key)?;
    let (zh, en) = (title.needs("zh"), title.needs("en"));
    title.done();
    Some(Title { zh: zh?, en: en? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> Coverage {
        let text = include_str!("../../config/coverage.toml");
        Coverage::read(("coverage.toml", text)).unwrap()
    }

    fn gaps(devices: &[(&'static str, Property)]) -> Vec<String> {
        let cover = |(room, property): &(&'static str, Property)| {
            let properties = vec![*property];
            Cover { room, mount: None, properties }
        };
        let devices: Vec<_> = devices.iter().map(cover).collect();
        shipped().rooms(&devices).iter().flat_map(Covered::gaps).map(|gap| gap.text.en).collect()
    }

    #[test]
    fn rooms_are_known_by_their_words_in_both_languages() {
        let none = gaps(&[]);
        assert!(none.contains(&"no smoke sensor in the kitchen".to_owned()), "{none:?}");
        assert!(
            none.contains(&"no gas sensor in the kitchen (wanted where gas is used)".to_owned())
        );
        for room in ["厨房", "Kitchen, over the stove", "小厨房"] {
            let some = gaps(&[(room, Property::Smoke)]);
            assert!(
                !some.contains(&"no smoke sensor in the kitchen".to_owned()),
                "{room}: {some:?}"
            );
            assert!(!some.contains(&"no smoke sensor in the home".to_owned()), "{room}: {some:?}");
        }
        // A detector in the hall is one in the home and none in the kitchen.
        let some = gaps(&[("hall", Property::Smoke)]);
        assert!(some.contains(&"no smoke sensor in the kitchen".to_owned()), "{some:?}");
        assert!(!some.contains(&"no smoke sensor in the home".to_owned()), "{some:?}");
    }

    #[test]
    fn what_is_worn_counts_everywhere_and_a_room_nobody_named_is_not_missed() {
        let properties = vec![Property::Help];
        let worn = [Cover { room: "", mount: Some(Mount::Worn), properties }];
        let rooms = shipped().rooms(&worn);
        let gaps: Vec<String> =
            rooms.iter().flat_map(Covered::gaps).map(|gap| gap.text.zh).collect();
        assert!(!gaps.iter().any(|gap| gap.contains("呼救")), "{gaps:?}");
        assert!(!gaps.iter().any(|gap| gap.contains("客厅")), "{gaps:?}");
    }

    #[test]
    fn what_is_wrong_in_the_file_is_said_with_its_place() {
        let text =
            "[[room]]\nwords = []\n[[want]]\nany_of = [\"smok\"]\ntitel = 1\nsource = \"x\"\n";
        let problems = Coverage::read(("coverage.toml", text)).unwrap_err();
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        for wrong in ["did you mean `smoke`", "`titel`", "by what is this room known", "`title`"] {
            assert!(said.iter().any(|s| s.contains(wrong)), "{wrong}: {said:?}");
        }
    }
}
