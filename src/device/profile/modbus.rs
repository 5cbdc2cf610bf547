//! How to talk to a model on a Modbus RTU line: `[modbus]`.

use std::str::FromStr;

use super::line::Parity;
use super::report::Report;
use super::{Place, Plan, Profile};
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

impl Profile {
    /// Sorts a report of a Modbus model by what is asked.
    pub(super) fn compile_poll(
        &mut self,
        modbus: &Modbus,
        n: usize,
        report: &Report,
    ) -> Result<(), String> {
        let at = &report.at;
        if !report.frames.is_empty() {
            return Err(format!("{at}: replies have no `frame`: say in the reply to which `poll`"));
        }
        if matches!(at, Place::Json(_)) {
            return Err(format!("{at} is in no reply of a unit: write bytes such as `i16be[0]`"));
        }
        let mut places = Vec::new();
        for register in &report.polls {
            let place = modbus.find(*register).ok_or_else(|| {
                let Register { function, from } = register;
                format!("`{function}/{from}` is not asked: `[modbus]` has no such `poll`")
            })?;
            places.push(place);
        }
        match (places.as_slice(), modbus.poll.as_slice()) {
            ([], [_]) => places.push(0),
            ([], _) => return Err(format!("{at}: in the reply to which `poll`?")),
            ([..], _) => {}
        }
        self.polls.resize_with(modbus.poll.len(), Plan::default);
        for place in places {
            if let Some(plan) = self.polls.get_mut(place) {
                plan.add(n, report);
            }
        }
        Ok(())
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
