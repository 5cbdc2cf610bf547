//! What happened, in the words of the people who read it. English is the notation of the stories;
//! Chinese is written here.

use crate::domain::observation::Kind;
use crate::domain::{
    Climb, Entry, Happening, Outcome, PersonId, Property, Reason, Refusal, Report, Role, Span,
    Stage, Value, Wish,
};
use crate::timeline;

use super::ask::Names;
use super::lang::Lang;

/// A line of an incident's story.
pub(super) fn entry(entry: &Entry, lang: Lang, names: &Names) -> String {
    match lang {
        Lang::Zh => entry_zh(entry, names),
        Lang::En => timeline::entry_text(entry),
    }
}

/// Why a rule holds.
pub(super) fn reason(reason: &Reason, lang: Lang) -> String {
    match lang {
        Lang::Zh => reason.zh(),
        Lang::En => reason.en(),
    }
}

/// How far an incident has come.
pub(super) const fn stage(stage: Stage, lang: Lang) -> &'static str {
    let en = match stage {
        Stage::EnRoute => "on the way",
        Stage::OnScene => "on scene",
        Stage::Detected
        | Stage::Warned
        | Stage::Alarmed
        | Stage::Accepted
        | Stage::Resolved
        | Stage::Closed => stage.name(),
    };
    lang.say(stage.zh(), en)
}

/// How it ended.
pub(super) const fn outcome(outcome: Outcome, lang: Lang) -> &'static str {
    let en = match outcome {
        Outcome::NoAccess => "no access",
        Outcome::FalseAlarm => "false alarm",
        Outcome::Safe
        | Outcome::Assisted
        | Outcome::Hospital
        | Outcome::Died
        | Outcome::Repaired
        | Outcome::Test
        | Outcome::Merged
        | Outcome::Refused
        | Outcome::Remote
        | Outcome::Void
        | Outcome::Cancelled
        | Outcome::Cleared => outcome.name(),
    };
    lang.say(outcome.zh(), en)
}

/// Why a move was not made.
pub(super) fn refusal(refusal: &Refusal, lang: Lang, names: &Names) -> String {
    if lang == Lang::En {
        return refusal.to_string();
    }
    match refusal {
        Refusal::NoIncident { n } => format!("此户没有编号 {n} 的事件"),
        Refusal::NoDevice { device } => format!("此户没有设备 {device}"),
        Refusal::NothingToTry { device } => format!("设备 {device} 没有可以测试的内容"),
        Refusal::NoPerson { by } => format!("{} 不是此户的处置人员", names.of(by)),
        Refusal::NoRule { rule } => format!("没有规则 {rule}"),
        Refusal::NotSilent { rule, level } => {
            format!("{rule} 是“{}”级，只有“提示”和“一般”可以静默", level.zh())
        }
        Refusal::NoResident => "公共求助点无人居住，不能登记外出、回家或巡访".to_owned(),
        Refusal::TooLong { most } => format!("时长须在 1 秒到 {} 之间", span(*most, lang)),
        Refusal::WrongStage { stage, .. } => {
            format!("事件现在是“{}”，不能这样操作", stage.zh())
        }
        Refusal::Taken { by } => {
            format!("{} 已签收；请对方转交或退回", names.of(by))
        }
        Refusal::NotOnScene => "还没有人到场".to_owned(),
        Refusal::NotForPeople { outcome } => format!("“{}”不能由人填写", outcome.zh()),
        Refusal::SamePerson { by } => {
            format!("{} 已办结；须由另一人核查", names.of(by))
        }
        Refusal::NotDirecting { by, .. } => {
            format!("{} 无权操作：须由社区、街道或值班长", names.of(by))
        }
        Refusal::OwnWish { by } => format!("{} 是申请人；须由另一人审批", names.of(by)),
        Refusal::NothingAsked => "没有待审批的申请".to_owned(),
        Refusal::MustNotWait { level } => {
            format!("“{}”事件在有人到场之前不能延期或挂账", level.zh())
        }
        Refusal::IntoLess { into, level } => {
            format!("事件 {into} 是“{}”级：请将它并入本事件", level.zh())
        }
        Refusal::TooLate { most } => {
            format!("结案已超过 {}：请另立事件", span(*most, lang))
        }
        Refusal::NotSummoned { by } => format!("没有对 {} 吹哨", names.of(by)),
        Refusal::NoDepartment { by } => format!("{} 不是部门", names.of(by)),
        Refusal::NotFinished { by } => format!("{} 尚未完成其部分", names.of(by)),
        Refusal::NotChecked { items } => format!("清单尚未查完：{items}"),
        Refusal::NoItem { item } => format!("清单中没有 {item}"),
        Refusal::NoCall { why } => format!("没有因 {why} 探访的规则"),
        Refusal::NotReported { rule, origin } => {
            format!("没有接受{}上报的 {rule}", origin.zh())
        }
        Refusal::StillOpen { n } => format!("事件 {n} 尚未办结，请先办结"),
        Refusal::NoScore { score } => format!("评分为 1 到 5，不是 {score}"),
    }
}

/// What became of a delivery, as the store calls it.
pub(super) fn delivery(state: &str, lang: Lang) -> &str {
    match state {
        "queued" => lang.say("待发", "waiting"),
        "sending" => lang.say("发送中", "being sent"),
        "sent" => lang.say("已发出", "sent"),
        "delivered" => lang.say("已送达", "delivered"),
        "seen" => lang.say("已读", "seen"),
        "failed" => lang.say("失败", "failed"),
        "unknown" => lang.say("不明", "unknown"),
        "superseded" => lang.say("无需再发", "no longer needed"),
        other => other,
    }
}

/// What is reported, in the language.
pub(super) fn property(property: Property, lang: Lang) -> String {
    lang.say(property.zh(), &property.name().replace('_', " ")).to_owned()
}

/// What a property is; nothing of a moment, which happened or did not.
pub(super) fn value(property: Property, value: Value, lang: Lang) -> String {
    match property.kind() {
        Kind::Moment => String::new(),
        Kind::Flag if value.is_true() => lang.say("是", "yes").to_owned(),
        Kind::Flag => lang.say("否", "no").to_owned(),
        Kind::Number { unit, .. } => format!("{value} {unit}"),
    }
}

/// Several roles, one after the other.
pub(super) fn roles(roles: &[Role], lang: Lang) -> String {
    let words = roles.iter().map(|role| lang.say(role.zh(), role.name()));
    words.collect::<Vec<_>>().join(lang.say("、", ", "))
}

/// A length of time.
pub(super) fn span(span: Span, lang: Lang) -> String {
    span.say(lang)
}

#[expect(clippy::too_many_lines, reason = "a line for each thing that can happen")]
fn entry_zh(entry: &Entry, names: &Names) -> String {
    let late = entry.late.map_or(String::new(), |l| format!("（迟 {}）", span(l, Lang::Zh)));
    let name = |id: &PersonId| names.of(id).to_owned();
    match &entry.what {
        Happening::Detected { reason, .. } => format!("发现{late}：{}", reason.zh()),
        Happening::Reopened { reason } => format!("再次出现{late}：{}", reason.zh()),
        Happening::Raised { reason, level, tell } => {
            format!("升为{}：{}；通知{}", level.zh(), reason.zh(), roles(tell, Lang::Zh))
        }
        Happening::HeldBack { until } => format!("今日提示已满，{until} 汇总通知"),
        Happening::Warned { ask: true } => format!("预警{late}：询问老人"),
        Happening::Warned { ask: false } => format!("预警{late}"),
        Happening::Alarmed { tell } => format!("报警{late}：通知{}", roles(tell, Lang::Zh)),
        Happening::Escalated { why, tell } => {
            format!("升级{late}（{}）：通知{}", climb(why, names), roles(tell, Lang::Zh))
        }
        Happening::Repeated { tell } => format!("再次通知{late}：{}", roles(tell, Lang::Zh)),
        Happening::Evidence { reason } => format!("又一迹象：{}", reason.zh()),
        Happening::ConditionOver => "传感器显示情况已过，仍须有人确认".to_owned(),
        Happening::ConditionBack => "情况再次出现".to_owned(),
        Happening::Told { to, channel, report } => {
            let person = to.parse::<PersonId>().ok();
            let to = person.as_ref().map_or(to.as_str(), |id| names.of(id));
            let to = if to == "resident" { "老人" } else { to };
            format!("经 {channel} 通知 {to}：{}", said(report))
        }
        Happening::Accepted { by } => format!("{} 签收", name(by)),
        Happening::EnRoute { by } => format!("{} 出发", name(by)),
        Happening::OnScene { by } => format!("{} 到场", name(by)),
        Happening::Resolved { by, outcome, note } => {
            format!("{} 办结：{}{}", name(by), outcome.zh(), words("，", note))
        }
        Happening::Verified { by } => format!("{} 核查通过", name(by)),
        Happening::Reworked { by, why } => format!("{} 要求返工{}", name(by), words("：", why)),
        Happening::HandedOver { by, to } => format!("{} 转交给 {}", name(by), name(to)),
        Happening::Returned { by, why } => format!("{} 退回{}", name(by), words("：", why)),
        Happening::Noted { by, text } => format!("{} 备注{}", name(by), words("：", text)),
        Happening::Assigned { by, to } => format!("{} 派单给 {}", name(by), name(to)),
        Happening::Joined { by } => format!("{} 也签收", name(by)),
        Happening::Asked { by, wish, why } => {
            format!("{} 申请{}{}", name(by), wish_zh(wish), words("：", why))
        }
        Happening::Granted { by, wish } => format!("{} 批准{}", name(by), wish_zh(wish)),
        Happening::Denied { by, why } => format!("{} 不批准{}", name(by), words("：", why)),
        Happening::Unparked => format!("挂账到期{late}，继续处置"),
        Happening::Merged { by, into } => format!("{} 并入事件 {into}", name(by)),
        Happening::TakenUp { by, why } => format!("{} 重新打开{}", name(by), words("：", why)),
        Happening::Whistled { by, lead, with, why } => {
            let with: Vec<String> = with.iter().map(name).collect();
            let with = words("，协办 ", &with.join("、"));
            format!("{} 吹哨：主办 {}{with}{}", name(by), name(lead), words("：", why))
        }
        Happening::ReportedIn { by, overdue } => {
            let overdue =
                overdue.map_or(String::new(), |o| format!("（超时 {}）", span(o, Lang::Zh)));
            format!("{} 报到{overdue}", name(by))
        }
        Happening::Finished { by, note } => format!("{} 完成协办{}", name(by), words("：", note)),
        Happening::Supervised { by: None, .. } => format!("总时限已过{late}，督办"),
        Happening::Supervised { by: Some(by), why } => {
            format!("{} 督办{}", name(by), words("：", why))
        }
        Happening::Called { by, number, said } => {
            format!("{} 已拨打 {number}{}", name(by), words("：", said))
        }
        Happening::Checked { by, item, found } => {
            format!("{} 检查 {item}：{}", name(by), found.zh())
        }
        Happening::Reviewed { by, score, text } => {
            format!("{} 回访：{score} 分{}", name(by), words("，", text))
        }
        Happening::Cancelled { device } => format!("老人在 {device} 上按键取消"),
        Happening::Closed { outcome, accepted_in, on_scene_in } => {
            let took = |what: &str, took: &Option<Span>| {
                took.map_or(String::new(), |t| format!("，{}{what}", span(t, Lang::Zh)))
            };
            let (accepted, there) = (took("签收", accepted_in), took("到场", on_scene_in));
            format!("结案：{}{accepted}{there}", outcome.zh())
        }
    }
}

fn wish_zh(wish: &Wish) -> String {
    match wish {
        Wish::Extend { lasts } => format!("延期 {}", span(*lasts, Lang::Zh)),
        Wish::Park { lasts } => format!("挂账 {}", span(*lasts, Lang::Zh)),
        Wish::Void => "作废".to_owned(),
    }
}

fn said(report: &Report) -> String {
    match report {
        Report::Sent => "已发出".to_owned(),
        Report::Delivered => "已送达".to_owned(),
        Report::Seen => "已读".to_owned(),
        Report::Failed { why, last: false } => format!("失败：{why}"),
        Report::Failed { why, last: true } => format!("被拒：{why}"),
        Report::Unknown { why } => format!("不明：{why}"),
    }
}

fn climb(why: &Climb, names: &Names) -> String {
    match why {
        Climb::Unanswered => "无人签收".to_owned(),
        Climb::Undelivered => "通知未送达".to_owned(),
        Climb::NobodyHolds => "此职无人担任".to_owned(),
        Climb::NobodyOnDuty => "此职无人在岗".to_owned(),
        Climb::NotArrived { by } => format!("{} 未按时到场", names.of(by)),
        Climb::NotResolved { by } => format!("{} 未按时办结", names.of(by)),
        Climb::NotVerified => "无人核查".to_owned(),
        Climb::Returned => "已退回".to_owned(),
        Climb::TooFew => "人手不够".to_owned(),
        Climb::NotReported { by } => format!("{} 未按时报到", names.of(by)),
    }
}

fn words(mark: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{mark}{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Time;

    #[test]
    fn a_story_reads_in_chinese() {
        let names = Names([("wang".parse().unwrap(), "王".to_owned())].into());
        let by: PersonId = "wang".parse().unwrap();
        let say = |what, late| entry(&Entry { at: Time(0), late, what }, Lang::Zh, &names);
        let tell = vec![Role::Family, Role::MicroGrid];
        assert_eq!(
            say(Happening::Alarmed { tell: tell.clone() }, Some(Span::minutes(65))),
            "报警（迟 1小时5分）：通知家属、微网格员"
        );
        let why = Climb::NotArrived { by: by.clone() };
        assert_eq!(
            say(Happening::Escalated { why, tell }, None),
            "升级（王 未按时到场）：通知家属、微网格员"
        );
        for (climb, zh) in [
            ("nobody-holds", "升级（此职无人担任）：通知网格员"),
            ("nobody-on-duty", "升级（此职无人在岗）：通知网格员"),
            // What an older record says.
            ("nobody", "升级（此职无人在岗）：通知网格员"),
        ] {
            let why = serde_json::from_value(serde_json::json!({ "climb": climb })).unwrap();
            let tell = vec![Role::Grid];
            assert_eq!(say(Happening::Escalated { why, tell }, None), zh);
        }
        let resolved =
            Happening::Resolved { by, outcome: Outcome::Assisted, note: "扶起".to_owned() };
        assert_eq!(say(resolved, None), "王 办结：已协助，扶起");
        let closed = Happening::Closed {
            outcome: Outcome::Safe,
            accepted_in: Some(Span::seconds(30)),
            on_scene_in: None,
        };
        assert_eq!(say(closed, None), "结案：平安，30秒签收");
        let report = Report::Failed { why: "busy".to_owned(), last: false };
        let told = |to: &str| Happening::Told {
            to: to.to_owned(),
            channel: "radio".parse().unwrap(),
            report: report.clone(),
        };
        assert_eq!(say(told("wang"), None), "经 radio 通知 王：失败：busy");
        assert_eq!(say(told("resident"), None), "经 radio 通知 老人：失败：busy");
    }
}
