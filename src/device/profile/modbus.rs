//! How to talk to a model on a Modbus RTU line: `[modbus]`.

use std::str::FromStr;

use super::Place;
use super::line::Parity;
use super::report::Report;
use crate::device::modbus::{Function, Poll};
use crate::domain::Span;
use crate::form::Form;

/// How a line that several units share must be set, and what is asked of this model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modbus {
    /// Bits per second; the same for all units of a line.
    pub baud: u32,
    /// The parity bit; the same for all units of a line.
    pub parity: Parity,
    /// How often it is asked; never more often than every 100 ms.
    pub every: Span,
    /// What it is asked, in this order.
    pub poll: Vec<Poll>,
}

/// Which poll a report stands in the reply to: `holding/0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Register {
    function: Function,
    from: u16,
}

impl Modbus {
    /// Reads the table; what it leaves out is taken from the profile this one is `like`.
    pub(super) fn read(mut form: Form<'_, '_>, base: Option<&Self>) -> Self {
        let baud = form.may("baud").or_else(|| base.map(|b| b.baud)).unwrap_or(9600);
        let parity = form.may("parity").or_else(|| base.map(|b| b.parity)).unwrap_or(Parity::None);
        let every =
            form.may("every").or_else(|| base.map(|b| b.every)).unwrap_or(Span::seconds(10));
        if baud == 0 {
            form.wrong("`baud` is not 0".to_owned());
        }
        if every < Span(100) {
            form.wrong("`every` is at least 100ms".to_owned());
        }
        let polls = form.forms("poll");
        let is_own = !polls.is_empty();
        let mut poll: Vec<Poll> = polls.into_iter().filter_map(read_poll).collect();
        if !is_own {
            poll = base.map(|b| b.poll.clone()).unwrap_or_default();
        }
        if poll.is_empty() && !is_own {
            form.wrong(
                "`poll` says what is asked: `[{ function = \"holding\", from = 0, count = 2 }]`"
                    .to_owned(),
            );
        }
        let named = |p: &Poll| Register { function: p.function, from: p.from };
        let mut names: Vec<Register> = Vec::new();
        for poll in &poll {
            if names.contains(&named(poll)) {
                form.wrong(format!("`poll`: `{poll}` is there twice"));
            }
            names.push(named(poll));
        }
        form.done();
        Self { baud, parity, every, poll }
    }

    /// What a unit is asked, in these places of the list.
    fn find(&self, register: Register) -> Option<usize> {
        let named = |p: &Poll| Register { function: p.function, from: p.from };
        self.poll.iter().position(|poll| named(poll) == register)
    }
}

fn read_poll(mut form: Form<'_, '_>) -> Option<Poll> {
    let function: Option<Function> = form.needs("function");
    let (from, count): (Option<u16>, Option<u16>) = (form.needs("from"), form.may("count"));
    let count = count.unwrap_or(1);
    if let Some(function) = function
        && !(1..=function.most()).contains(&count)
    {
        form.wrong(format!("`count` is from 1 to {} for `{function}`", function.most()));
    }
    if from.is_some_and(|from| u16::MAX - from < count.saturating_sub(1)) {
        form.wrong("there is no register above 65535".to_owned());
    }
    form.done();
    Some(Poll { function: function?, from: from?, count })
}

impl Modbus {
    /// In the replies to which polls a report stands, by their places in the list.
    pub(super) fn replies(&self, report: &Report) -> Result<Vec<usize>, String> {
        let at = &report.at;
        if !report.frames.is_empty() {
            return Err(format!("{at}: replies have no `frame`: say in the reply to which `poll`"));
        }
        if !matches!(at, Place::Bytes { .. }) {
            return Err(format!("{at} is in no reply of a unit: write bytes such as `i16be[0]`"));
        }
        let mut places = Vec::new();
        for register in &report.polls {
            let place = self.find(*register).ok_or_else(|| {
                let Register { function, from } = register;
                format!("`{function}/{from}` is not asked: `[modbus]` has no such `poll`")
            })?;
            places.push(place);
        }
        match (places.as_slice(), self.poll.as_slice()) {
            ([], [_]) => places.push(0),
            ([], _) => return Err(format!("{at}: in the reply to which `poll`?")),
            ([..], _) => {}
        }
        Ok(places)
    }
}

impl FromStr for Register {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not what is asked of a unit, such as `holding/0`");
        let (function, from) = text.split_once('/').ok_or_else(wrong)?;
        let hex = from.strip_prefix("0x").map(|digits| u16::from_str_radix(digits, 16));
        let from = hex.unwrap_or_else(|| from.parse());
        Ok(Self { function: function.parse()?, from: from.ok().ok_or_else(wrong)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::Profile;

    const HEAD: &str = "vendor = \"A\"\nmodel = \"B\"\nabout = \"C\"\nsource = \"D\"\n";
    const REPORT: &str = "[[report]]\nat = \"u16be[0]\"\nproperty = \"temperature\"\n";
    const EXAMPLE: &str = "[[example]]\nabout = \"it\"\nfrom = \"here\"\n\
        hex = \"010300000002c40b 0103040292ff9b5a3d\"\nmeans = [\"temperature 65.8 °C\"]\n";

    fn wrong(text: &str) -> Vec<String> {
        let problems = Profile::parse("x/y", text, None).map(|p| p.name).unwrap_err();
        problems.iter().map(|p| p.message.to_string()).collect()
    }

    #[test]
    fn what_cannot_be_asked_is_refused() {
        let poll = "[modbus]\npoll = [{ function = \"holding\", from = 0, count = 2 }]\n";
        let report = REPORT.replace("[0]\"", "[0]\"\ndivide = 10");
        let sound = format!("{HEAD}{poll}{report}{EXAMPLE}");
        assert!(Profile::parse("x/y", &sound, None).is_ok(), "{:?}", wrong(&sound));
        for (from, to, told) in [
            (
                "\"holding\"",
                "\"write\"",
                "`function`: `write` is no function that reads; there are \
              `coil`, `discrete`, `holding`, `input`",
            ),
            ("count = 2", "count = 126", "`count` is from 1 to 125 for `holding`"),
            ("count = 2", "count = 0", "`count` is from 1 to 125 for `holding`"),
            ("from = 0,", "from = 65535,", "there is no register above 65535"),
            ("[modbus]", "[modbus]\nbaud = 0", "`baud` is not 0"),
            ("[modbus]", "[modbus]\nevery = \"50ms\"", "`every` is at least 100ms"),
            (
                "[modbus]",
                "[mqtt]\ntopic = \"a/{device}\"\n[modbus]",
                "what speaks `[modbus]` has neither `[mqtt]` nor `[serial]`",
            ),
            (
                "divide",
                "frame = \"83/01\"\ndivide",
                "`u16be[0]`: replies have no `frame`: say in the reply to which `poll`",
            ),
            (
                "divide",
                "poll = \"holding/1\"\ndivide",
                "`holding/1` is not asked: `[modbus]` has no such `poll`",
            ),
            (
                "divide",
                "poll = \"83/01\"\ndivide",
                "`poll`: `83` is no function that reads; there are \
              `coil`, `discrete`, `holding`, `input`",
            ),
            ("u16be[0]", "/t", "`/t` is in no reply of a unit: write bytes such as `i16be[0]`"),
            (
                "2 }]",
                "2 }, { function = \"input\", from = 0 }]",
                "`u16be[0]`: in the reply to which `poll`?",
            ),
            (
                "2 }]",
                "2 }, { function = \"holding\", from = 0 }]",
                "`poll`: `holding/0` is there twice",
            ),
        ] {
            assert!(sound.contains(from), "{from}");
            let told_now = wrong(&sound.replacen(from, to, 1));
            assert!(told_now.iter().any(|t| t == told), "{to}: {told_now:?}");
        }
        let none = format!("{HEAD}[modbus]\nbaud = 9600\n{report}");
        assert!(wrong(&none).iter().any(|t| t.starts_with("`poll` says what is asked")));
        let elsewhere = format!(
            "{HEAD}[mqtt]\ntopic = \"a/{{device}}\"\n\
            [[report]]\nat = \"/t\"\nproperty = \"temperature\"\npoll = \"holding/0\"\n"
        );
        assert_eq!(wrong(&elsewhere)[0], "`/t`: `poll` goes with `[modbus]`");
    }

    #[test]
    fn a_profile_like_another_takes_over_what_it_does_not_say() {
        let poll =
            "[modbus]\nevery = \"3s\"\npoll = [{ function = \"holding\", from = 0, count = 2 }]\n";
        let report = REPORT.replace("[0]\"", "[0]\"\ndivide = 10");
        let base = Profile::parse("x/y", &format!("{HEAD}{poll}{report}{EXAMPLE}"), None).unwrap();
        let slow = format!("like = \"x/y\"\n{HEAD}[modbus]\nbaud = 4800\n{EXAMPLE}");
        let slow = Profile::parse("x/z", &slow, Some(&base)).unwrap().modbus.unwrap();
        let base = base.modbus.unwrap();
        assert_eq!(slow, Modbus { baud: 4800, ..base });
    }
}
