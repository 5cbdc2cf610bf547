//! Which report stands in which message: by topic, by sort of frame, by how a line begins.

use super::text::Mask;
use super::{Place, Plan, Profile, Report, topic};
use crate::device::Framing;
use crate::domain::observation::Kind;
use crate::form::Sheet;

/// In which messages a report comes.
#[derive(Debug, Default)]
struct Messages {
    topics: Vec<String>,
    /// Sorts of frame.
    selectors: Vec<u16>,
    /// How lines begin.
    masks: Vec<Mask>,
    /// Replies of a Modbus unit.
    polls: Vec<usize>,
}

impl Profile {
    /// Sorts the reports by the message they stand in.
    pub(super) fn compile(&mut self, sheet: &Sheet<'_>) {
        for (n, report) in self.reports.iter().enumerate() {
            let messages = match self.messages(report) {
                Ok(messages) => messages,
                Err(why) => {
                    // One taken over is wrong in its own file.
                    if let Some(mark) = &report.mark {
                        sheet.wrong_at_mark(mark, why);
                    }
                    continue;
                }
            };
            for topic in messages.topics {
                add(&mut self.topics, topic, n, report);
            }
            for mask in messages.masks {
                add(&mut self.lines, mask, n, report);
            }
            for poll in messages.polls {
                let count = self.modbus.as_ref().map_or(0, |modbus| modbus.poll.len());
                self.polls.resize_with(count, Plan::default);
                if let Some(plan) = self.polls.get_mut(poll) {
                    plan.add(n, report);
                }
            }
            for selector in messages.selectors {
                self.frames.entry(selector).or_default().add(n, report);
            }
        }
        for (n, report) in self.reports.iter().enumerate() {
            let is_said = self.reports.iter().take(n).any(|earlier| earlier.is_same(report));
            if let Some(mark) = report.mark.as_ref().filter(|_| is_said) {
                let (says, at) = (&report.says, &report.at);
                sheet.wrong_at_mark(mark, format!("`{says}` at {at} is reported twice"));
            }
        }
        self.find_signs();
        let plans = self.topics.iter_mut().map(|(_, plan)| plan);
        let plans = plans.chain(self.frames.values_mut()).chain(&mut self.polls);
        for plan in plans.chain(self.lines.iter_mut().map(|(_, plan)| plan)) {
            plan.claim = self.claim.as_ref().map(|claim| plan.slot(&claim.at));
        }
    }

    /// Finds where frames say what is true or false, or open and close a gate.
    fn find_signs(&mut self) {
        let Some(line) = &mut self.line else { return };
        line.signs.clear();
        for (selector, plan) in &self.frames {
            let signs = line.signs.entry(*selector).or_default();
            for report in plan.reports.iter().filter_map(|wired| self.reports.get(wired.report)) {
                let is_number = report
                    .property()
                    .is_some_and(|property| matches!(property.kind(), Kind::Number { .. }));
                let own = (!is_number).then_some(&report.at);
                let gates = report.when.iter().chain(&report.unless).map(|gate| &gate.at);
                for place in own.into_iter().chain(gates) {
                    if !signs.contains(place) {
                        signs.push(place.clone());
                    }
                }
            }
        }
    }

    /// In which messages a report comes.
    fn messages(&self, report: &Report) -> Result<Messages, String> {
        let framing = self.line.as_ref().map(|line| line.framing);
        let mut messages = Messages::default();
        if let Some(modbus) = &self.modbus {
            messages.polls = modbus.replies(report)?;
            return Ok(messages);
        }
        if !report.polls.is_empty() {
            return Err(format!("{}: `poll` goes with `[modbus]`", report.at));
        }
        match (&report.at, framing) {
            (Place::Line { .. }, Some(Framing::Lines)) => {
                messages.masks =
                    report.frames.iter().map(|text| Mask::from(text.as_str())).collect();
                if messages.masks.is_empty() {
                    messages.masks.push(Mask::default());
                }
            }
            (Place::Line { .. }, _) => {
                return Err(format!("{} is in no line: `framing` is not `lines`", report.at));
            }
            (Place::Bytes { .. }, Some(framing)) if !framing.is_text() => {
                messages.selectors = match (framing.is_single(), report.frames.as_slice()) {
                    (true, []) => vec![0],
                    (true, _) => {
                        return Err(format!("`frame`: those of `{framing}` are all of one sort"));
                    }
                    (false, []) => return Err(format!("{}: in which `frame`?", report.at)),
                    (false, frames) => {
                        frames.iter().map(|text| selector(text)).collect::<Result<_, _>>()?
                    }
                };
            }
            (Place::Bytes { .. }, _) => {
                return Err(format!("{} is in no frame: `[serial]` has none", report.at));
            }
            (Place::Json(_), _) => {
                if framing == Some(Framing::JsonLines) && report.topics.is_empty() {
                    messages.selectors.push(0);
                }
                if let Some(mqtt) = &self.mqtt {
                    let main = || std::iter::once(&mqtt.topic).chain(&mqtt.also).cloned().collect();
                    messages.topics =
                        if report.topics.is_empty() { main() } else { report.topics.clone() };
                    for topic in &messages.topics {
                        topic::check(topic, !mqtt.identity.is_empty())?;
                    }
                } else if messages.selectors.is_empty() {
                    return Err(format!("{} is in no message: `[mqtt]` is missing", report.at));
                }
            }
        }
        Ok(messages)
    }
}

/// Adds a report to the plan of these messages.
fn add<K: PartialEq>(plans: &mut Vec<(K, Plan)>, key: K, n: usize, report: &Report) {
    if let Some((_, plan)) = plans.iter_mut().find(|(known, _)| *known == key) {
        return plan.add(n, report);
    }
    let mut plan = Plan::default();
    plan.add(n, report);
    plans.push((key, plan));
}

/// Reads a sort of frame, `83/01`, `0E02`.
fn selector(text: &str) -> Result<u16, String> {
    let digits = text.replace('/', "");
    u16::from_str_radix(&digits, 16).map_err(|_not_a_sort| {
        format!("`frame`: `{text}` is not a sort of frame such as `83/01` or `0E02`")
    })
}
