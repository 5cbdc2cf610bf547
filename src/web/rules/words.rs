//! A rule in plain words: what it looks for.

use toml::{Table, Value};

use crate::domain::observation::Kind;
use crate::domain::{Lang, Metric, Place, Property, Span};
use crate::rule::dial::written;
use crate::rule::{Cue, Rule};

use crate::web::told;

/// What a rule looks for, in a sentence; `source` is the rule as it is written.
pub(super) fn looks_for(rule: &Rule, source: &Table, lang: Lang) -> String {
    let detect = source.get("detect").and_then(Value::as_table);
    let judge = detect.into_iter().flatten().find_map(|(kind, v)| Some((kind, v.as_table()?)));
    let Some((kind, table)) = judge else { return rule.looks_for.clone() };
    Judge { table, lang }.say(kind).unwrap_or_else(|| rule.looks_for.clone())
}

/// A judge, as it is written.
struct Judge<'t> {
    table: &'t Table,
    lang: Lang,
}

impl Judge<'_> {
    fn say(&self, kind: &str) -> Option<String> {
        let lang = self.lang;
        let when = self.between();
        Some(match kind {
            "emergency" => {
                let of = self.properties("of").join(lang.say("、", ", "));
                match lang {
                    Lang::Zh => format!("传感器报告{of}，一次即认"),
                    Lang::En => format!("a sensor says {of}: it is believed at once"),
                }
            }
            "threshold" => self.threshold()?,
            "rate" => self.rate()?,
            "count" => {
                let (of, times, within) =
                    (self.cue("of")?, self.text("times")?, self.span("within")?);
                match lang {
                    Lang::Zh => format!("{within}内“{of}”{times} 次{when}"),
                    Lang::En => format!("“{of}”, {times} times within {within}{when}"),
                }
            }
            "absence" => {
                let of = self.property("of")?;
                match lang {
                    Lang::Zh => format!("本应“{of}”却没有{when}"),
                    Lang::En => format!("“{of}” should be set, and is not{when}"),
                }
            }
            "dwell" => self.dwell()?,
            "inactivity" => self.inactivity()?,
            "deviation" => self.deviation()?,
            "sequence" => self.sequence()?,
            "score" => self.score()?,
            "expression" => {
                let when = self.text("when")?;
                match lang {
                    Lang::Zh => format!("条件成立：{when}"),
                    Lang::En => format!("this holds: {when}"),
                }
            }
            "supervision" => self.supervision()?,
            "visit" => self.visit()?,
            "reported" => {
                let by = self.text("by")?;
                match lang {
                    Lang::Zh => format!("由人上报（{by}），没有传感器发现"),
                    Lang::En => format!("a person reports it ({by}); no sensor finds it"),
                }
            }
            _ => return None,
        })
    }

    fn text(&self, key: &str) -> Option<String> {
        self.table.get(key).map(written)
    }

    fn span(&self, key: &str) -> Option<String> {
        Some(told::span(self.text(key)?.parse::<Span>().ok()?, self.lang))
    }

    fn property(&self, key: &str) -> Option<String> {
        Some(told::property(self.text(key)?.parse().ok()?, self.lang))
    }

    fn list(&self, key: &str) -> Vec<String> {
        let items = self.table.get(key).and_then(Value::as_array);
        items.into_iter().flatten().map(written).collect()
    }

    fn properties(&self, key: &str) -> Vec<String> {
        let named = |name: String| name.parse().map_or(name, |of| told::property(of, self.lang));
        self.list(key).into_iter().map(named).collect()
    }

    fn cue(&self, key: &str) -> Option<String> {
        Some(cue(&self.text(key)?, self.lang))
    }

    fn number(&self, key: &str, unit: &str) -> Option<String> {
        Some(format!("{} {unit}", self.text(key)?).trim().to_owned())
    }

    fn between(&self) -> String {
        let lang = self.lang;
        self.text("between").map_or(String::new(), |window| match lang {
            Lang::Zh => format!("，时段 {window}"),
            Lang::En => format!(", between {window}"),
        })
    }

    /// `above 115 bpm or below 45 bpm`
    fn limits(&self, unit: &str) -> String {
        let lang = self.lang;
        let above = self.number("above", unit).map(|n| lang.say("高于 ", "above ").to_owned() + &n);
        let below = self.number("below", unit).map(|n| lang.say("低于 ", "below ").to_owned() + &n);
        above.into_iter().chain(below).collect::<Vec<_>>().join(lang.say(" 或", " or "))
    }

    fn threshold(&self) -> Option<String> {
        let property: Property = self.text("of")?.parse().ok()?;
        let (of, limits) = (told::property(property, self.lang), self.limits(unit(property)));
        let fresh = self.span("fresh")?;
        Some(match self.lang {
            Lang::Zh => format!("{of}{limits}（{fresh}之内的读数才算）"),
            Lang::En => format!("{of} {limits}; a reading counts for {fresh}"),
        })
    }

    fn rate(&self) -> Option<String> {
        let property: Property = self.text("of")?.parse().ok()?;
        let (of, within, unit) =
            (told::property(property, self.lang), self.span("within")?, unit(property));
        let rises = self.number("rises", unit);
        let (how, by) = match rises {
            Some(by) => (self.lang.say("上升", "rises"), by),
            None => (self.lang.say("下降", "falls"), self.number("falls", unit)?),
        };
        Some(match self.lang {
            Lang::Zh => format!("{of}在{within}内{how} {by} 或更多"),
            Lang::En => format!("{of} {how} by {by} or more within {within}"),
        })
    }

    fn dwell(&self) -> Option<String> {
        let place = self.text("in")?;
        let long = self.span("longer_than")?;
        let place = match (place.as_str(), place.parse::<Place>()) {
            ("bed", _) => self.lang.say("床上", "in bed").to_owned(),
            ("out", _) => self.lang.say("外出", "out of the house").to_owned(),
            (_, Ok(room)) => match self.lang {
                Lang::Zh => format!("{}内", room.zh()),
                Lang::En => format!("in the {room}"),
            },
            (_, Err(_)) => place,
        };
        let night = self.span("at_night").zip(self.text("night"));
        let night = night.map_or(String::new(), |(long, night)| match self.lang {
            Lang::Zh => format!("，夜间（{night}）超过{long}"),
            Lang::En => format!(", at night ({night}) for more than {long}"),
        });
        Some(match self.lang {
            Lang::Zh => format!("{place}超过{long}{night}"),
            Lang::En => format!("{place} for more than {long}{night}"),
        })
    }

    fn inactivity(&self) -> Option<String> {
        let of = self.properties("of").join(self.lang.say("、", ", "));
        let own = self.text("own").map_or(String::new(), |own| match self.lang {
            Lang::Zh => format!("；时限按本户习惯学得，误报至多 {own}"),
            Lang::En => format!("; for how long is learnt from the home, with {own} false alarms"),
        });
        let when = self.between();
        Some(match self.lang {
            Lang::Zh => format!("传感器正常，却没有任何动静（{of}）{when}{own}"),
            Lang::En => format!("no sign of life while sensors are alive ({of}){when}{own}"),
        })
    }

    fn deviation(&self) -> Option<String> {
        let of = self.text("of")?;
        let metric = of.parse::<Metric>();
        let of = metric.map_or(of, |m| self.lang.say(m.zh(), &m.en()).to_owned());
        let limits = self.limits("");
        let least = self.text("at_least").map_or(String::new(), |n| match self.lang {
            Lang::Zh => format!("，且不少于 {n}"),
            Lang::En => format!(", and at least {n}"),
        });
        Some(match self.lang {
            Lang::Zh => format!("{of}与本人平时相差 {limits} 个离差{least}"),
            Lang::En => format!("{of} {limits} deviations off what is usual for her{least}"),
        })
    }

    fn sequence(&self) -> Option<String> {
        let (first, when) = (self.cue("first")?, self.between());
        if let Some((then, within)) = self.cue("then").zip(self.span("within")) {
            return Some(match self.lang {
                Lang::Zh => format!("“{first}”之后{within}内“{then}”{when}"),
                Lang::En => format!("“{first}”, and “{then}” within {within}{when}"),
            });
        }
        let spans = self.list("after");
        let said = |text: &String| text.parse().map_or(text.clone(), |s| told::span(s, self.lang));
        let spans = spans.iter().map(said).collect::<Vec<_>>().join(self.lang.say("、", ", "));
        let without: Vec<String> =
            self.list("without").iter().map(|text| cue(text, self.lang)).collect();
        let without = without.join(self.lang.say("、", ", "));
        Some(match self.lang {
            Lang::Zh => format!("“{first}”之后{spans}内没有：{without}{when}"),
            Lang::En => format!("“{first}”, and for {spans} after it none of: {without}{when}"),
        })
    }

    fn score(&self) -> Option<String> {
        let table = self.text("table")?;
        let below = self.text("below").map_or(String::new(), |n| match self.lang {
            Lang::Zh => format!("，低于 {n}"),
            Lang::En => format!(" and below {n}"),
        });
        let wants = match (self.text("at_least"), self.text("any_part"), self.lang) {
            (Some(n), _, Lang::Zh) => format!("总分 {n} 或以上{below}"),
            (Some(n), _, Lang::En) => format!("{n} points or more{below}"),
            (None, Some(n), Lang::Zh) => format!("任一单项 {n} 分"),
            (None, Some(n), Lang::En) => format!("{n} points in any one part"),
            (None, None, _) => return None,
        };
        Some(match self.lang {
            Lang::Zh => format!("评分表 {table}：{wants}"),
            Lang::En => format!("by the chart {table}: {wants}"),
        })
    }

    fn supervision(&self) -> Option<String> {
        let lang = self.lang;
        let of = self.text("of")?;
        let below = self.text("below").unwrap_or_default();
        let what = match of.as_str() {
            "quiet" => lang.say("设备不再上报", "a device does not speak").to_owned(),
            "fault" => lang.say("设备自报故障", "a device says that it is broken").to_owned(),
            "down" => lang.say("设备失联或故障", "a device is silent or broken").to_owned(),
            "tamper" => lang.say("设备被拆动", "a device was opened or moved").to_owned(),
            "blind" => {
                lang.say("设备在线但无读数", "a device speaks and measures nothing").to_owned()
            }
            "clock" => match lang {
                Lang::Zh => format!("设备时钟相差超过{}", self.span("beyond")?),
                Lang::En => {
                    format!("a device's clock is off by more than {}", self.span("beyond")?)
                }
            },
            "flapping" => match lang {
                Lang::Zh => {
                    format!("设备{}内掉线 {} 次", self.span("within")?, self.text("times")?)
                }
                Lang::En => format!(
                    "a device goes and comes {} times within {}",
                    self.text("times")?,
                    self.span("within")?
                ),
            },
            "battery" => format!("{} {below} %", lang.say("电量低于", "a battery below")),
            "signal" => format!("{} {below} dBm", lang.say("信号低于", "a signal below")),
            _ => format!("{of} {} {below}", lang.say("低于", "below")),
        };
        let only = match self.text("only").as_deref() {
            Some("life") => lang.say("（关乎生命的设备）", " (devices a life may hang on)"),
            Some("hub") => lang.say("（网关自身）", " (the hub's own)"),
            Some("home") => lang.say("（住户的设备）", " (devices of homes)"),
            Some(_) | None => "",
        };
        Some(format!("{what}{only}"))
    }

    fn visit(&self) -> Option<String> {
        let lang = self.lang;
        if let Some((tier, every)) = self.text("tier").zip(self.text("every")) {
            return Some(match lang {
                Lang::Zh => format!("“{tier}”类住户距上次探访 {every} 天"),
                Lang::En => {
                    format!("{every} days since the latest visit, of residents of tier {tier}")
                }
            });
        }
        if let Some(n) = self.text("unanswered") {
            return Some(match lang {
                Lang::Zh => format!("连续 {n} 次无人应门"),
                Lang::En => format!("nobody opened {n} times in a row"),
            });
        }
        if self.table.contains_key("found") {
            return Some(lang.say("探访发现异常", "a visit found something wrong").to_owned());
        }
        let after = self.text("after")?;
        Some(match lang {
            Lang::Zh => format!("以下事件之后须探访：{after}"),
            Lang::En => format!("a visit is called for after: {after}"),
        })
    }
}

/// `in_bed false`, for people.
fn cue(text: &str, lang: Lang) -> String {
    let Ok(cue) = text.parse::<Cue>() else { return text.to_owned() };
    let property = told::property(cue.sign.property, lang);
    let value = cue
        .sign
        .value
        .map_or(String::new(), |value| format!(" {}", told::value(cue.sign.property, value, lang)));
    let place = cue.place.map_or(String::new(), |place| match lang {
        Lang::Zh => format!("（{}）", place.zh()),
        Lang::En => format!(" in the {place}"),
    });
    format!("{property}{value}{place}")
}

pub(super) const fn unit(property: Property) -> &'static str {
    match property.kind() {
        Kind::Number { unit, .. } => unit,
        Kind::Flag | Kind::Moment => "",
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::Book;

    use super::*;

    #[test]
    fn every_shipped_rule_is_said_in_plain_words_and_every_dial_has_a_name() {
        let rules = include_str!("../../../config/rules.toml");
        let plans = include_str!("../../../config/plans.toml");
        let book = Book::read(("rules.toml", rules), ("plans.toml", plans)).unwrap();
        for rule in &book.rules {
            let source = book.source(&rule.name).unwrap();
            for lang in [Lang::Zh, Lang::En] {
                let said = looks_for(rule, source, lang);
                assert!(said != rule.looks_for && !said.contains(" = "), "{}: {said}", rule.name);
            }
            for one in crate::rule::dial::dials(source) {
                let last = one.key.rsplit('.').next().unwrap().to_owned();
                let (zh, _) = super::super::names::of_dial(&one.key, source, Lang::Zh);
                assert!(zh != last, "{}: {}", rule.name, one.key);
            }
        }
        let said = |name: &str, lang| {
            let rule = book.rules.iter().find(|rule| rule.name.as_str() == name).unwrap();
            looks_for(rule, book.source(&rule.name).unwrap(), lang)
        };
        assert_eq!(
            said("heart-rate", Lang::En),
            "heart rate above 115 bpm or below 45 bpm; a reading counts for 3m"
        );
        assert_eq!(
            said("bathroom-stay", Lang::Zh),
            "卫生间内超过1小时，夜间（22:00-06:00）超过30分"
        );
    }
}
