//! What one register says and the other does not, in words: `+` new, `~` changed, `-` gone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};

use crate::domain::{
    Binding, Calendar, Consent, Contact, Device, Duty, Grid, Home, Lang, Leave, Name, PersonId,
    Responder, Sentence, Shift, both,
};
use crate::engine::{Book, Plan};
use crate::rule::Rule;

use super::{Config, Credential};

/// The lines that lead from `old` to `new`: people, homes with their devices, then rules, plans and
/// rooms. No line: both mean the same.
pub fn difference(old: Option<&Config>, new: &Config) -> Vec<Sentence> {
    let mut lines = Vec::new();
    let people =
        |config: &Config| config.people.iter().map(|p| (p.id.clone(), p.clone())).collect();
    let before: BTreeMap<PersonId, Responder> = old.map(people).unwrap_or_default();
    compare(&mut lines, &before, &people(new), ("人员", "person"), said_of_person);
    let calendar = |config: &Config| {
        let said = Some(config.calendar.clone()).filter(|calendar| !calendar.is_empty());
        said.map(|calendar| ("days", calendar)).into_iter().collect::<BTreeMap<_, _>>()
    };
    let before = old.map(calendar).unwrap_or_default();
    compare(&mut lines, &before, &calendar(new), ("日历", "calendar"), said_of_calendar);
    let grids = |config: &Config| -> BTreeMap<Name, Grid> {
        config.grids.iter().map(|g| (g.id.clone(), g.clone())).collect()
    };
    let before = old.map(grids).unwrap_or_default();
    compare(&mut lines, &before, &grids(new), ("网格", "grid"), said_of_grid);
    let homes = |config: &Config| -> BTreeMap<String, Home> {
        config.homes.iter().map(|h| (h.id.to_string(), (**h).clone())).collect()
    };
    let (before, after) = (old.map(homes).unwrap_or_default(), homes(new));
    compare(&mut lines, &before, &after, ("住户", "home"), said_of_home);
    let devices = |homes: &BTreeMap<String, Home>| -> BTreeMap<String, Device> {
        let all = homes.iter().flat_map(|(home, h)| h.devices.iter().map(move |d| (home, d)));
        all.map(|(home, d)| (format!("{home}/{}", d.id), d.clone())).collect()
    };
    compare(&mut lines, &devices(&before), &devices(&after), ("设备", "device"), said_of_device);
    let passwords = |config: &Config| -> BTreeMap<String, Credential> {
        let all = config.credentials.iter();
        all.map(|c| (format!("{}/{}", c.home, c.device), c.clone())).collect()
    };
    let before = old.map(passwords).unwrap_or_default();
    compare(
        &mut lines,
        &before,
        &passwords(new),
        ("设备密码", "password of"),
        |c: &Credential| {
            vec![(("登录名", "user"), c.user().into()), (DIGEST, c.digest.to_string().into())]
        },
    );
    if let Some(old) = old {
        rules(&mut lines, old, new);
    }
    lines
}

/// What else careloop looks for, and whom it tells.
fn rules(lines: &mut Vec<Sentence>, old: &Config, new: &Config) {
    let all = |config: &Config| -> BTreeMap<Name, Rule> {
        config.book.rules.iter().map(|r| (r.name.clone(), (**r).clone())).collect()
    };
    compare(lines, &all(old), &all(new), ("规则", "rule"), said_of_rule);
    compare(lines, &plans(&old.book), &plans(&new.book), ("预案", "plan"), |plan: &Plan| {
        vec![(ALL, format!("{plan:?}").into())]
    });
    let texts = |config: &Config| -> BTreeMap<String, String> { config.wording.all().collect() };
    compare(lines, &texts(old), &texts(new), ("文本", "text"), |text: &String| {
        vec![(("内容", "says"), text.clone().into())]
    });
    if old.coverage != new.coverage {
        lines.push(both!("~ 房间：有改动", "~ rooms: not what they were"));
    }
}

/// The plans that rules name: no other is climbed by.
fn plans(book: &Book) -> BTreeMap<Name, Plan> {
    let named = book.rules.iter().filter_map(|rule| book.plan(&rule.plan));
    named.map(|plan| (plan.name.clone(), (**plan).clone())).collect()
}

/// A word in Chinese and in English.
type Word = (&'static str, &'static str);

/// What is said of a thing: a word for what it is about, and the text.
type Said = Vec<(Word, Sentence)>;

/// These stand for what a reader can make nothing of, and are only compared.
const DIGEST: Word = ("摘要", "digest");
const ALL: Word = ("全部", "all");

fn compare<K: Ord + std::fmt::Display, V>(
    lines: &mut Vec<Sentence>,
    old: &BTreeMap<K, V>,
    new: &BTreeMap<K, V>,
    kind: Word,
    said: impl Fn(&V) -> Said,
) {
    let line = |sign: char, id: &K, what: &dyn Fn(Lang) -> String| {
        Sentence::each(|lang| format!("{sign} {} {id}{}", lang.say(kind.0, kind.1), what(lang)))
    };
    for (id, value) in old.iter().filter(|(id, _)| !new.contains_key(id)) {
        lines.push(line('-', id, &|lang| in_short(&said(value), lang)));
    }
    for (id, value) in new {
        let now = said(value);
        let Some(before) = old.get(id).map(&said) else {
            lines.push(line('+', id, &|lang| in_short(&now, lang)));
            continue;
        };
        let pairs = before.iter().zip(&now).filter(|(a, b)| a != b && a.0 != ALL);
        let others: Vec<Sentence> = pairs.map(|((of, a), (_, b))| turned(*of, a, b)).collect();
        if !others.is_empty() {
            let words = |lang| {
                let words: Vec<&str> = others.iter().map(|other| other.say(lang)).collect();
                format!("{}{}", lang.say("：", ": "), words.join(lang.say("，", ", ")))
            };
            lines.push(line('~', id, &words));
        } else if before != now {
            lines.push(line('~', id, &|lang| lang.say("：有改动", ": not what it was").to_owned()));
        }
    }
}

/// What was this is that.
fn turned(of: Word, before: &Sentence, now: &Sentence) -> Sentence {
    let is_digest = of == DIGEST;
    Sentence::each(|lang| {
        let (word, a, b) = (lang.say(of.0, of.1), before.say(lang), now.say(lang));
        let new = lang.say("新的", "new");
        match (a.is_empty(), b.is_empty()) {
            (true, _) if is_digest => format!("{word} {new}"),
            (true, _) => format!("{word} {b}"),
            (false, true) => format!("{}{word}", lang.say("不再有", "no ")),
            (false, false) if is_digest => new.to_owned(),
            (false, false) => format!("{word} {a} → {b}"),
        }
    })
}

fn in_short(said: &Said, lang: Lang) -> String {
    let shown =
        said.iter().filter(|(of, text)| !text.en().is_empty() && ![DIGEST, ALL].contains(of));
    let words: Vec<String> =
        shown.map(|(of, text)| format!("{} {}", lang.say(of.0, of.1), text.say(lang))).collect();
    match words.is_empty() {
        true => String::new(),
        false => format!("{}{}", lang.say("：", ": "), words.join(lang.say("，", ", "))),
    }
}

/// Several of them, with the same between them in both languages.
fn joined(all: impl IntoIterator<Item = Sentence>, between: &str) -> Sentence {
    let all: Vec<Sentence> = all.into_iter().collect();
    Sentence::each(|lang| all.iter().map(|one| one.say(lang)).collect::<Vec<_>>().join(between))
}

fn said_of_person(person: &Responder) -> Said {
    let is_usual = person.language == Lang::default();
    let language = match person.language {
        _ if is_usual => "".into(),
        Lang::Zh => Sentence::new("中文", "zh"),
        Lang::En => Sentence::new("英文", "en"),
    };
    let duty = person.rota.duty.iter().map(Duty::to_string).collect::<Vec<_>>().join("; ");
    vec![
        (("角色", "role"), Sentence::new(person.role.zh(), person.role.name())),
        (("姓名", "name"), person.name.clone().into()),
        (("联系方式", "contacts"), said_of_contacts(&person.contacts)),
        (("消息的语言", "language"), language),
        (("每周班次", "duty"), duty.into()),
        (("一次性班次", "shifts"), said_of_shifts(&person.rota.shifts)),
        (("请假", "leaves"), said_of_leaves(&person.rota.leaves)),
        (ALL, format!("{:?}", person.rota).into()),
    ]
}

fn said_of_shifts(shifts: &[Shift]) -> Sentence {
    let one = |s: &Shift| {
        Sentence::each(|lang| {
            let instead = lang.say("，顶替 ", " instead of ");
            let swap = s.instead_of.as_ref().map_or(String::new(), |who| format!("{instead}{who}"));
            format!("{}{swap}", stretch(lang, s.from, s.to))
        })
    };
    joined(shifts.iter().map(one), "; ")
}

fn said_of_leaves(leaves: &[Leave]) -> Sentence {
    let one = |l: &Leave| {
        Sentence::each(|lang| format!("{} ({})", stretch(lang, l.from, l.to), l.told().say(lang)))
    };
    joined(leaves.iter().map(one), "; ")
}

fn stretch(lang: Lang, from: DateTime, to: DateTime) -> String {
    let shown = |at: DateTime| at.strftime("%Y-%m-%d %H:%M").to_string();
    format!("{} {} {}", shown(from), lang.say("至", "to"), shown(to))
}

fn said_of_consents(consents: &[Consent]) -> Sentence {
    let one = |c: &Consent| {
        let (zh, en, on) = (c.scope.zh(), c.scope, c.on);
        match c.withdrawn {
            None => both!("{zh}（{on}）", "{en} on {on}"),
            Some(day) => both!("{zh}（{on}，{day} 撤回）", "{en} on {on}, withdrawn on {day}"),
        }
    };
    joined(consents.iter().map(one), "; ")
}

fn said_of_calendar(calendar: &Calendar) -> Said {
    let days =
        |days: &BTreeSet<Date>| days.iter().map(Date::to_string).collect::<Vec<_>>().join(" ");
    vec![
        (("节假日", "holidays"), days(&calendar.holidays).into()),
        (("调休上班", "workdays"), days(&calendar.workdays).into()),
    ]
}

fn said_of_grid(grid: &Grid) -> Said {
    let parent = grid.parent.as_ref().map(Name::to_string).unwrap_or_default();
    vec![
        (("级别", "kind"), Sentence::new(grid.kind.zh(), grid.kind.name())),
        (("名称", "name"), grid.name.clone().into()),
        (("上级", "parent"), parent.into()),
    ]
}

fn said_of_contacts(contacts: &[Contact]) -> Sentence {
    let way = |c: &Contact, lang: Lang| match &*c.to {
        "" => c.channel.to_string(),
        // The subscription of a browser: whoever has it can send to it.
        to if to.starts_with('{') => {
            format!("{}{}", c.channel, lang.say("（手机浏览器）", " (a browser)"))
        }
        to => format!("{} {to}", c.channel),
    };
    let one = |c: &Contact| {
        let (zh, en) = (way(c, Lang::Zh), way(c, Lang::En));
        match c.verified {
            None => Sentence::new(zh, en),
            Some(day) => both!("{zh}（{day} 核实）", "{en} (verified on {day})"),
        }
    };
    joined(contacts.iter().map(one), " + ")
}

/// Nothing where there is none.
fn text(value: Option<String>) -> Sentence {
    value.unwrap_or_default().into()
}

fn said_of_home(home: &Home) -> Said {
    let people: Vec<&str> = home.responders.iter().map(|r| r.id.as_str()).collect();
    vec![
        (("名称", "name"), home.name.clone().into()),
        (("地址", "address"), home.address.clone().into()),
        (("电话", "phone"), text(home.phone.as_ref().map(ToString::to_string))),
        (("位置", "position"), text(home.position.as_ref().map(ToString::to_string))),
        (("时区", "zone"), home.zone.clone().into()),
        (("处置人员", "responders"), people.join(" + ").into()),
        (("询问方式", "ask"), said_of_contacts(&home.ask)),
        (("公共求助点", "post"), if home.is_post { Sentence::new("是", "yes") } else { "".into() }),
        (("巡访", "visits"), text(home.visits.as_ref().map(Name::to_string))),
        (("网格", "grid"), text(home.grid.as_ref().map(Name::to_string))),
        (("本人同意", "consents"), said_of_consents(&home.consents)),
        (ALL, format!("{:?}", home.consents).into()),
    ]
}

fn said_of_rule(rule: &Rule) -> Said {
    vec![
        (("级别", "level"), Sentence::new(rule.level.zh(), rule.level.name())),
        (("停用", "off"), text(rule.off.as_ref().map(|off| off.why.clone()))),
        (("须持续", "for"), rule.hold.to_string().into()),
        (("预警于", "warn after"), text(rule.warn.map(|warn| warn.after.to_string()))),
        (("报警于", "alarm after"), rule.alarm_after.to_string().into()),
        (("预案", "plan"), rule.plan.to_string().into()),
        (("结案后再报，隔", "again after"), rule.again_after.to_string().into()),
        (ALL, format!("{rule:?}").into()),
    ]
}

fn said_of_device(device: &Device) -> Said {
    let (mut mqtt, mut serial, mut unit) = (String::new(), String::new(), String::new());
    match &device.binding {
        Binding::Mqtt(address) => mqtt.clone_from(address),
        Binding::Serial(port) => serial.clone_from(port),
        Binding::Modbus { port, unit: at } => {
            (serial, unit) = (port.clone(), at.to_string());
        }
        Binding::Direct => {}
    }
    let mount = device.mount.map(|mount| Sentence::new(mount.zh(), mount.name()));
    let height = device.height.map(|cm| both!("{cm} 厘米", "{cm} cm"));
    vec![
        (("型号", "profile"), device.profile.clone().into()),
        (("房间", "room"), device.room.clone().into()),
        (("地址", "mqtt"), mqtt.into()),
        (("网关", "base"), text(device.base.clone())),
        (("串口", "serial"), serial.into()),
        (("单元", "unit"), unit.into()),
        (("安装方式", "mount"), mount.unwrap_or_else(|| "".into())),
        (("离地高度", "height"), height.unwrap_or_else(|| "".into())),
        (("静默于", "quiet after"), text(device.quiet_after.map(|s| s.to_string()))),
    ]
}
