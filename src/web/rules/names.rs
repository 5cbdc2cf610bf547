//! What the things that people adjust are called, and what is wrong with what is written there.

use toml::Table;

use crate::domain::{Lang, Sentence};
use crate::rule::dial::{self, Dial, Wanted};

use super::words::unit;

/// What a thing that is adjusted is called, and its unit.
pub(super) fn of_dial(key: &str, source: &Table, lang: Lang) -> (String, &'static str) {
    let last = key.rsplit('.').next().unwrap_or(key);
    let word = match (key, last) {
        ("set", _) => ("不同之处", "otherwise"),
        ("off", _) => ("不查找", "off"),
        ("off.by", _) => ("不查找，由谁决定", "off, by"),
        ("off.on", _) => ("不查找，自", "off, since"),
        ("off.why", _) => ("不查找，原因", "off, because"),
        ("detect.for", _) => ("须持续", "it must hold for"),
        ("detect.recover", _) => ("解除后须持续", "it must be over for"),
        ("warn.after", _) => ("预警于开始后", "warning after it began"),
        ("warn.again_after", _) => ("取消后再次预警", "warning again after a cancel"),
        ("alarm.after", _) => {
            ("报警于开始后（空：发现即报）", "alarm after it began (empty: at once)")
        }
        ("alarm.raise_after", _) => ("再有迹象时重新通知，隔", "a further sign tells again after"),
        ("alarm.plan", _) => ("预案", "plan"),
        ("close.again_after", _) => ("结案后再报，隔", "alarm again after it was closed"),
        ("close.reopen_within", _) => {
            ("自行解除后视为同一事件", "the same incident if back within")
        }
        (_, "above") => ("高于", "above"),
        (_, "below") => ("低于", "below"),
        (_, "deadband") => ("回差", "must come back by"),
        (_, "fresh") => ("读数有效期", "a reading counts for"),
        (_, "rises") => ("上升", "rises by"),
        (_, "falls") => ("下降", "falls by"),
        (_, "within") => ("时间之内", "within"),
        (_, "samples") => ("至少读数个数", "readings at least"),
        (_, "times") => ("次数", "times"),
        (_, "longer_than") => ("超过", "longer than"),
        (_, "at_night") => ("夜间超过", "at night longer than"),
        (_, "night") => ("夜间时段", "night is"),
        (_, "between") => ("时段", "between"),
        (_, "at_least") => ("不少于", "at least"),
        (_, "at_most") => ("不多于", "at most"),
        (_, "spread") => ("最小离差", "least spread"),
        (_, "any_part") => ("任一单项", "any one part"),
        (_, "after") => ("之后", "after"),
        (_, "settles") => ("开始后先等", "settles for"),
        (_, "own") => ("误报至多", "false alarms at most"),
        (_, "when") => ("条件", "this holds"),
        (_, "every") => ("每隔天数", "every so many days"),
        (_, "at") => ("时刻", "at"),
        (_, "remote") => ("远程可代替的天数", "days by sensors that count"),
        (_, "beyond") => ("相差超过", "off by more than"),
        (_, "unanswered") => ("连续无人应门", "unanswered in a row"),
        (_, other) => (other, other),
    };
    let judge = key.rsplit_once('.').and_then(|(path, _)| path.strip_prefix("detect."));
    let judge = judge.and_then(|kind| source.get("detect")?.get(kind)?.get("of")?.as_str());
    let is_value = ["above", "below", "deadband", "rises", "falls"].contains(&last);
    let unit = judge.and_then(|of| of.parse().ok()).filter(|_| is_value).map_or("", unit);
    (lang.say(word.0, word.1).to_owned(), unit)
}

/// What is wrong with what is written in a form of dials: each is called as it is there.
pub(in crate::web) fn in_form(
    dials: &[Dial],
    called: impl Fn(&Dial, Lang) -> String,
    told: &Sentence,
) -> Sentence {
    let last = |dial: &Dial| dial.key.rsplit('.').next().unwrap_or_default().to_owned();
    let named = |told: Sentence, dial: &Dial| {
        let last_of = last(dial);
        let alike = || dials.iter().filter(|other| last(other) == last_of);
        let all = |lang: Lang| {
            let mut all: Vec<String> = alike().map(|dial| called(dial, lang)).collect();
            all.dedup();
            all.join(lang.say("”或“", "” or “"))
        };
        told.naming(&last_of, &all(Lang::Zh), &all(Lang::En))
    };
    dials.iter().fold(told.clone(), named)
}

/// What is written in a dial and is none of what it takes.
pub(super) fn mistyped(
    dials: &[Dial],
    called: impl Fn(&Dial, Lang) -> String,
    wanted: &Wanted,
) -> Vec<Sentence> {
    let told = |(key, why): (String, Sentence)| {
        let dial = dials.iter().find(|dial| dial.key == key)?;
        Some(Sentence::each(|lang| {
            format!("{}{}{}", called(dial, lang), lang.say("：", ": "), why.say(lang))
        }))
    };
    dial::mistyped(dials, wanted).into_iter().filter_map(told).collect()
}
