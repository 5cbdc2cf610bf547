//! The figures of a month as tables.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::domain::{Group, Lang, Level, Outcome, Role, Span, visits_zh};

use super::{Cell, Column, Fates, Kpi, Promised, RequestsOf, Share, Spread, Table, csv, markdown};

impl Kpi {
    /// To read, to print and to paste.
    pub fn markdown(&self, lang: Lang) -> String {
        let title = format!("{} {}", lang.say("月度报表", "Report of the month"), self.month);
        let grid = self.grid.as_ref().map(|g| format!("{}: {g}", lang.say("网格", "grid")));
        let made = format!("{} {}", lang.say("截至", "as of"), self.made_at);
        let note = lang.say(
            "当月首次发现的事件按其全部经过计算；全部结案之前数字仍可能变化。全部数字由已封存的记录算出。",
            "An incident belongs to the month in which it was first found, and counts with its whole story: \
             figures may change until all are closed. All of it is computed from the sealed record.",
        );
        let about: Vec<String> = grid.into_iter().chain([made, note.to_owned()]).collect();
        markdown(&title, &about, &self.tables(), lang)
    }

    /// For programs that read tables.
    pub fn csv(&self) -> String {
        csv(&self.tables())
    }

    /// All of it.
    pub fn tables(&self) -> Vec<Table> {
        vec![
            self.overview(),
            self.times(),
            promised("answered", "签收目标", "Answered within", &self.answered),
            promised(
                "arrived",
                "到场目标（自签收）",
                "On the scene within, from the answer",
                &self.arrived,
            ),
            self.on_time(),
            counted("by-level", "按级别", "By level", &self.found.by_level, |l: &Level| {
                Column::new(l.name(), l.zh(), l.name())
            }),
            counted("by-group", "按类别", "By group", &self.found.by_group, |g: &Group| {
                Column::new(g.name(), g.zh(), g.name())
            }),
            counted("by-rule", "按规则", "By rule", &self.found.by_rule, name),
            counted("by-grid", "按网格", "By grid", &self.found.by_grid, name),
            shares(
                "false-by-rule",
                "误报率（按规则）",
                "False alarms by rule",
                &self.false_alarms.by_rule,
            ),
            shares(
                "false-by-device",
                "误报率（按设备）",
                "False alarms by device",
                &self.false_alarms.by_device,
            ),
            counted(
                "escalations",
                "升级（按被通知的角色）",
                "Escalations, by whom they told",
                &self.escalations,
                |key: &String| roles(key),
            ),
            self.channels(),
            self.visits(),
            counted(
                "visits-by-outcome",
                "巡访结果",
                "Visits by outcome",
                &self.visits.by_outcome,
                |o: &Outcome| Column::new(o.name(), o.zh(), o.name()),
            ),
            self.requests(),
            self.desk_work(),
        ]
    }

    fn overview(&self) -> Table {
        let count = |key, zh, en, n| (Column::new(key, zh, en), vec![Cell::Count(n)]);
        let share = |key, zh, en, share| (Column::new(key, zh, en), vec![Cell::Share(share)]);
        let rows = vec![
            count(
                "found",
                "事件（不含巡访和诉求）",
                "incidents found, but visits and requests",
                self.found.total,
            ),
            count("alarms", "其中报警", "of them alarmed", self.alarms),
            count(
                "set-aside",
                "并案或作废（不计入以下各率）",
                "merged or void, in no rate below",
                self.set_aside,
            ),
            share("closed-loop", "闭环率", "closed-loop rate", self.closed_loop),
            share("false-alarms", "误报率", "false alarms", self.false_alarms.all),
            count("reopened", "再次出现", "came back by themselves", self.reopened),
            count("reworked", "返工", "sent back by the second person", self.reworked),
            count("repeats", "末级重复通知", "repeats of the last rung", self.repeats),
            count("open-at-end", "期末未结案", "open at the end", self.open_at_end),
            count("overdue-at-end", "期末超时", "overdue at the end", self.overdue_at_end),
        ];
        let columns = vec![Column::new("value", "数值", "value")];
        table(Column::new("overview", "总览", "Overview"), columns, rows)
    }

    fn times(&self) -> Table {
        let row = |key, zh, en, spread: &Spread| {
            let cells = vec![
                Cell::Count(spread.count()),
                Cell::Span(spread.percentile(50)),
                Cell::Span(spread.percentile(90)),
                Cell::Span(spread.max()),
                Cell::Count(spread.unmeasured),
            ];
            (Column::new(key, zh, en), cells)
        };
        let rows = vec![
            row("tell", "通知送出", "until somebody was told", &self.to_tell),
            row("accept", "签收", "until somebody answered", &self.to_accept),
            row("arrive", "到场", "until somebody was there", &self.to_arrive),
            row("resolve", "办结", "until the outcome", &self.to_resolve),
            row("close", "结案", "until the close", &self.to_close),
        ];
        let columns = vec![
            Column::new("count", "次数", "count"),
            Column::new("p50", "P50", "P50"),
            Column::new("p90", "P90", "P90"),
            Column::new("max", "最长", "longest"),
            Column::new("unmeasured", "无法计时", "not measured"),
        ];
        table(Column::new("times", "自报警起用时", "From the alarm"), columns, rows)
    }

    fn on_time(&self) -> Table {
        let row = |key, zh, en, share: Share| (Column::new(key, zh, en), vec![Cell::Share(share)]);
        let steps = self.on_time;
        let rows = vec![
            row("accept", "签收", "answer", steps.accept),
            row("arrive", "到场", "arrival", steps.arrive),
            row("resolve", "办结", "outcome", steps.resolve),
            row("verify", "核查", "second person", steps.verify),
        ];
        let columns = vec![Column::new("share", "按时", "in time")];
        table(Column::new("on-time", "按时率（按预案时限）", "In time by the plan"), columns, rows)
    }

    fn channels(&self) -> Table {
        let columns = vec![
            Column::new("sent", "已发出", "sent"),
            Column::new("delivered", "已送达", "delivered"),
            Column::new("failed", "失败", "failed"),
            Column::new("unknown", "不明", "unknown"),
            Column::new("waiting", "待发", "waiting"),
            Column::new("withdrawn", "无需再发", "no longer needed"),
        ];
        let row = |(channel, fates): (&String, &Fates)| {
            let Fates { sent, delivered, failed, unknown, waiting, withdrawn } = *fates;
            let cells = [sent, delivered, failed, unknown, waiting, withdrawn].map(Cell::Count);
            (Column::same(channel), cells.to_vec())
        };
        let rows = self.deliveries.iter().map(row).collect();
        table(Column::new("deliveries", "通知渠道", "Messages by channel"), columns, rows)
    }
}

impl Kpi {
    fn visits(&self) -> Table {
        let visits = &self.visits;
        let count = |key, zh, en, n| (Column::new(key, zh, en), vec![Cell::Count(n)]);
        let share = |key, zh, en, share| (Column::new(key, zh, en), vec![Cell::Share(share)]);
        let mut rows = vec![share("rate", "月探访率", "monthly visit rate", visits.rate)];
        rows.extend(visits.by_tier.iter().map(|(tier, share)| {
            let (zh, en) = (format!("其中{}", visits_zh(tier.as_str())), format!("of them {tier}"));
            (Column { key: format!("rate-{tier}"), zh, en }, vec![Cell::Share(*share)])
        }));
        let remote = visits.remote_only;
        rows.extend([
            count("remote-only", "仅远程监测", "only shown by sensors", remote),
            count("visits", "当月巡访", "visits of the month", visits.total),
            share("on-time", "按时", "in time", visits.on_time),
            count("open-at-end", "期末未完成", "open at the end", visits.open_at_end),
        ]);
        let columns = vec![Column::new("value", "数值", "value")];
        table(Column::new("visits", "巡访", "Visits"), columns, rows)
    }

    fn requests(&self) -> Table {
        let row = |name: Column, of: &RequestsOf| {
            let cells = vec![
                Cell::Count(of.total),
                Cell::Count(of.set_aside),
                Cell::Share(of.on_time),
                Cell::Mean(of.satisfaction.mean()),
                Cell::Share(of.satisfaction.content),
            ];
            (name, cells)
        };
        let mut rows: Vec<_> =
            self.requests.by_rule.iter().map(|(rule, of)| row(name(rule), of)).collect();
        rows.push(row(Column::new("all", "合计", "all"), &self.requests.all));
        let columns = vec![
            Column::new("count", "件数", "count"),
            Column::new("set-aside", "并案或作废", "merged or void"),
            Column::new("on-time", "按时办结", "in time"),
            Column::new("mean", "满意度均分", "satisfaction"),
            Column::new("content", "满意（4–5 分）", "content, 4 and 5"),
        ];
        table(Column::new("requests", "诉求", "Requests"), columns, rows)
    }

    fn desk_work(&self) -> Table {
        let desk = &self.desk;
        let count = |key, zh, en, n| (Column::new(key, zh, en), vec![Cell::Count(n)]);
        let share = |key, zh, en, share| (Column::new(key, zh, en), vec![Cell::Share(share)]);
        let rows = vec![
            count("taken-up", "重新处理", "taken up again", desk.taken_up),
            share("reported-in", "部门按时报到", "departments there in time", desk.reported_in),
            count("pressed", "人工督办", "pressed by a person", desk.pressed),
            count("passed", "超期督办", "passed the limit of the whole", desk.passed),
            share("content", "满意（4–5 分）", "content, 4 and 5", desk.satisfaction.content),
            (
                Column::new("mean", "满意度均分", "satisfaction"),
                vec![Cell::Mean(desk.satisfaction.mean())],
            ),
            count(
                "open-requests",
                "期末未办结诉求",
                "requests open at the end",
                self.requests.open_at_end,
            ),
        ];
        let columns = vec![Column::new("value", "数值", "value")];
        table(Column::new("desk", "处置（各类事件）", "The desk, all kinds"), columns, rows)
    }
}

fn table(title: Column, columns: Vec<Column>, rows: Vec<(Column, Vec<Cell>)>) -> Table {
    Table { title, of: Column::new("of", "项目", "what"), columns, rows }
}

fn promised(key: &str, zh: &str, en: &str, all: &[Promised]) -> Table {
    let row = |promised: &Promised| {
        let within = Span::seconds(promised.within_s);
        let key = format!("{}s", promised.within_s);
        let name = Column { key, zh: within.say(Lang::Zh), en: within.say(Lang::En) };
        let wanted = Cell::Percent(promised.wanted);
        (name, vec![Cell::Share(promised.share), wanted, Cell::Flag(promised.is_met)])
    };
    let columns = vec![
        Column::new("share", "实际", "reached"),
        Column::new("wanted", "目标", "target"),
        Column::new("met", "达标", "met"),
    ];
    table(Column::new(key, zh, en), columns, all.iter().map(row).collect())
}

fn counted<K>(
    key: &str,
    zh: &str,
    en: &str,
    all: &BTreeMap<K, usize>,
    name: impl Fn(&K) -> Column,
) -> Table {
    let rows = all.iter().map(|(key, n)| (name(key), vec![Cell::Count(*n)])).collect();
    table(Column::new(key, zh, en), vec![Column::new("count", "次数", "count")], rows)
}

fn shares<K: Display>(key: &str, zh: &str, en: &str, all: &BTreeMap<K, Share>) -> Table {
    // The worst first: that is what somebody must look at.
    let mut all: Vec<_> = all.iter().collect();
    all.sort_by_key(|(_, share)| std::cmp::Reverse(share.hits));
    let row = |(key, share): &(&K, &Share)| (name(*key), vec![Cell::Share(**share)]);
    let columns = vec![Column::new("share", "误报", "called false")];
    table(Column::new(key, zh, en), columns, all.iter().map(row).collect())
}

fn name<K: Display>(key: &K) -> Column {
    Column::same(&key.to_string())
}

/// `family+grid`, as the roles are called.
fn roles(key: &str) -> Column {
    let of = |name: &str| name.parse::<Role>().map_or(name.to_owned(), |role| role.zh().to_owned());
    let zh: Vec<String> = key.split('+').map(of).collect();
    Column { key: key.to_owned(), zh: zh.join("、"), en: key.replace('+', ", ") }
}
