//! Whoever reads Chinese reads why a form was refused, and what it changed, in Chinese: no word of it is English but
//! names, and what was typed. A field is called what it is called in the form.

use std::collections::BTreeSet;

use crate::kept::{Kept, Page};

/// What the register and the rules call people, homes, channels, plans; and how things are written, as forms say it.
const NAMES: &str = "li chen ma sun wang wu zhao daughter screen radio platform sms urgent grid technical visits \
     workdays restdays daily mon tue wed thu fri sat sun case level what since minutes careloop \
     family micro-grid community street department technician supervisor zh alarm week hub the";

/// What of a page answers a form.
fn banners(page: &Page) -> String {
    let told = |part: &str| {
        let part = part.split_once('>').map_or("", |(_, rest)| rest);
        let end = ["</div>", "\n"].iter().filter_map(|end| part.find(end)).min();
        let part = part.get(..end.unwrap_or(part.len())).unwrap_or(part);
        part.replace("<p>", " ").replace("</p>", " ")
    };
    let main = page.text.split_once("<h1>").map_or("", |(_, main)| main);
    main.split("class=\"banner").skip(1).map(told).collect()
}

/// Words of two letters or more of the alphabet.
fn latin(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| 1 < word.len()).collect()
}

/// What speaks against the answer to a form, which is to be Chinese and to say all of this.
async fn sent(
    hub: &Kept,
    (who, path): (&str, &str),
    fields: &[(&str, &str)],
    says: &[&str],
) -> Vec<String> {
    let page = hub.form(path, who, fields).await;
    let told = banners(&page);
    let lacking = says.iter().filter(|part| !told.contains(**part));
    let mut wrong: Vec<String> = lacking.map(|part| format!("does not say {part}")).collect();
    let typed = fields.iter().flat_map(|(_, value)| latin(value));
    let known: BTreeSet<&str> = typed.chain(latin(NAMES)).collect();
    wrong.extend(latin(&told).difference(&known).map(|word| format!("says {word}")));
    if told.contains('`') {
        wrong.push("says the key of a file".to_owned());
    }
    // What stands in “…” and was not typed is a field.
    for part in told.split('“').skip(1) {
        let name = part.split_once('”').map_or(part, |(name, _)| name);
        let is_typed = fields.iter().any(|(_, value)| value.contains(name));
        let is_expected = says.iter().any(|says| says.contains(&format!("“{name}”")));
        if !is_typed && !is_expected && page.text.matches(name).count() < 2 {
            wrong.push(format!("nothing in the form is called {name}"));
        }
    }
    wrong
        .into_iter()
        .map(|why| format!("{path} {fields:?} {why}: {} {told}", page.status))
        .collect()
}

/// Where to, what is filled in, and what is said.
type Form<'f> = (&'f str, Vec<(&'f str, &'f str)>, &'f [&'f str]);

/// Sends every form, and says all that is wrong with the answers at once.
async fn walk(hub: &Kept, who: &str, forms: Vec<Form<'_>>) {
    let mut wrong = Vec::new();
    for (path, fields, says) in forms {
        wrong.extend(sent(hub, (who, path), &fields, says).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_people_is_in_the_language_of_the_page() {
    let hub = Kept::start().await;
    let ma = hub.enter("ma").await.replace("_lang=en", "_lang=zh");
    let new = |id, name, home, channel| {
        let of = [("id", id), ("name", name), ("home", home), ("channel", channel)];
        [&of[..], &[("role", "grid"), ("language", "zh")]].concat()
    };
    let named =
        |way| vec![("name", "孙姐"), ("role", "grid"), ("language", "en"), ("channel-1", way)];
    let saved = ["已保存并生效", "人员 sun：", "角色 社区 → 网格员", "消息的语言 英文"];
    let (verified, trial) = ("/people/sun/verified", "/people/sun/trial");
    let code = vec![("channel", "screen"), ("code", "1234")];
    let seen = vec![("channel", "screen")];
    let token = vec![("name", "a b"), ("may", "read"), ("for", "30d")];
    let forms = vec![
        ("/people", new("x y", "钱", "h1", "screen"), &["编号", "不能用"][..]),
        ("/people", new("", "钱", "h1", "screen"), &["编号", "没有填写"]),
        ("/people", new("qian", "", "h1", "screen"), &["姓名", "没有填写"]),
        ("/people", new("qian", "钱", "h9", "screen"), &["您不负责住户"]),
        ("/people", new("qian", "钱", "h1", "pigeon"), &["没有“pigeon”这一通道"]),
        ("/people", new("qian", "钱", "h1", "a b"), &["通道", "不能用"]),
        ("/people", new("qian", "钱", "h1", ""), &["至少要有一种联系方式"]),
        ("/people", new("li", "李", "h1", "screen"), &["已有编号为 li 的人"]),
        ("/people/sun", named("screen"), &saved),
        ("/people/sun", named("pigeon"), &["没有“pigeon”这一通道"]),
        ("/people/sun", named(""), &["至少留一种联系方式"]),
        (verified, code.clone(), &["没有通过 screen 发给 sun 的有效验证码"]),
        (verified, vec![("channel", "sms")], &["没有登记 sms"]),
        (verified, seen.clone(), &["已保存并生效", "核实"]),
        (trial, seen.clone(), &["验证码"]),
        (trial, seen, &["刚刚已通过 screen"]),
        (verified, code, &["不是发出的验证码，还可以试"]),
        (trial, vec![("channel", "")], &["通道"]),
        ("/tokens", token.clone(), &["给哪个程序", "不能用"]),
        ("/tokens", token[..1].to_vec(), &["可以做什么", "没有填写"]),
    ];
    walk(&hub, &ma, forms).await;
    hub.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_shifts_and_homes_is_in_the_language_of_the_page() {
    let hub = Kept::start().await;
    let li = hub.enter("li").await.replace("_lang=en", "_lang=zh");
    let (early, late) = ("2036-12-24T18:00", "2036-12-27T08:00");
    let shift =
        |who, from, to, other| [("who", who), ("from", from), ("to", to), ("instead_of", other)];
    let leave = |from, to, why| [("do", "leave"), ("from", from), ("to", to), ("why", why)];
    let consent = |purpose, on| {
        let of = [("do", "consent"), ("scope", "location"), ("giver", "本人")];
        [&of[..], &[("purpose", purpose), ("on", on)]].concat()
    };
    let quiet = |lasts, why| [("say", "silence"), ("rule", "cold"), ("for", lasts), ("why", why)];
    let forms = vec![
        ("/rota", shift("sun", late, early, "").to_vec(), &["不晚于开始"][..]),
        ("/rota", shift("sun", "soon", late, "").to_vec(), &["“从”：“soon”不是日期和时刻"]),
        ("/rota", shift("sun", early, late, "sun").to_vec(), &["sun 不能顶替自己"]),
        ("/rota", shift("", early, late, "").to_vec(), &["“谁来”", "没有填写"]),
        ("/rota", shift("nobody", early, late, "").to_vec(), &["不负责您的住户"]),
        ("/rota", shift("sun", early, late, "li").to_vec(), &["一次性班次", "至", "顶替 li"]),
        ("/rota/sun", leave(late, early, "病假").to_vec(), &["不晚于开始"]),
        ("/rota/sun", leave(early, late, "").to_vec(), &["“原因”", "没有填写"]),
        ("/rota/sun", leave(early, "", "病假").to_vec(), &["“到”", "不是日期和时刻"]),
        ("/rota/sun", leave(early, late, "病假").to_vec(), &["请假", "至", "病假"]),
        ("/rota/sun", vec![("do", "back"), ("at", "2036-01-01T00:00")], &["没有请假"]),
        ("/rota/sun", vec![("do", "duty"), ("duty", "workdays 8-18")], &["每周班次", "不是班次"]),
        ("/rota/sun", vec![("do", "duty"), ("duty", "someday 08:00-09:00")], &["不是日子"]),
        ("/rota/sun", vec![("do", "duty"), ("duty", "daily 08:00-08:00")], &["开始即结束"]),
        ("/rota/sun", vec![("do", "duty"), ("duty", "daily 08:00-09:00")], &["每周班次"]),
        ("/homes/h1/consents", consent("", "2026-11-02"), &["“用途”", "没有填写"]),
        ("/homes/h1/consents", consent("走失寻找", "soon"), &["哪一天", "不是日期"]),
        ("/homes/h1/consents", consent("走失寻找", "2036-11-02"), &["已保存并生效", "本人同意"]),
        (
            "/homes/h1/consents",
            vec![("do", "withdraw"), ("scope", "location")],
            &["早于同意的日期"],
        ),
        ("/homes/h1/say", quiet("8h", "").to_vec(), &["“原因”", "没有填写"]),
        ("/homes/h1/say", quiet("long", "吵").to_vec(), &["多久", "不是时长"]),
        ("/homes/h1/say", quiet("90d", "吵").to_vec(), &["没有保存"]),
    ];
    walk(&hub, &li, forms).await;
    hub.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_rules_plans_and_texts_is_in_the_language_of_the_page() {
    let hub = Kept::start().await;
    let ma = hub.enter("ma").await.replace("_lang=en", "_lang=zh");
    let oxygen = "/rules/oxygen";
    let below = "detect.threshold.below";
    let (text, long) = ("/texts/zh/alarm", "字".repeat(121));
    let forms = vec![
        (oxygen, vec![(below, "warm")], &["低于：“warm”不是数字"][..]),
        (oxygen, vec![(below, "900")], &["不可能越过 900"]),
        (oxygen, vec![(below, "")], &["“高于”或“低于”至少填一个"]),
        (oxygen, vec![("detect.threshold.deadband", "-3")], &["“回差”不能是"]),
        (oxygen, vec![("alarm.after", "soon")], &["报警于开始后", "“soon”不是时长"]),
        (oxygen, vec![("alarm.after", "1s")], &["早于"]),
        (oxygen, vec![("close.again_after", "0s")], &["结案后再报", "短于一秒"]),
        (oxygen, vec![("close.again_after", "")], &["结案后再报", "没有填写"]),
        ("/rules/bathroom-stay", vec![("detect.dwell.night", "late")], &["夜间时段", "不是时段"]),
        (
            "/rules/no-activity-own",
            vec![("detect.inactivity.own", "often")],
            &["误报至多", "不能用"],
        ),
        ("/rules/long-lie", vec![("detect.sequence.after", "5m, 4m")], &["之后", "一个比一个长"]),
        ("/plans/urgent", vec![("rungs.1.after", "soon")], &["第 2 步 报警后：时长须为整数"]),
        ("/plans/urgent", vec![("rungs.1.after", "0s")], &["第 2 步 报警后：须晚于前一步"]),
        ("/plans/urgent", vec![("rungs.1.tell", "nobody")], &["第 2 步 通知：请从列出的人中选择"]),
        ("/plans/urgent", vec![("rungs.1.tell", "")], &["第 2 步 通知：至少选一种人"]),
        (
            "/plans/urgent",
            vec![("rungs.3.repeat", "")],
            &["第 4 步 无人签收则重复，每隔：请填写时长"],
        ),
        ("/plans/urgent", vec![("answers", "9")], &["须签收人数：须为 1 至 5 的整数"]),
        ("/plans/urgent", vec![("arrive_within", "")], &["到场，自签收：请填写时长"]),
        (text, vec![("do", "look"), ("text", "")], &["文本是空的"]),
        (text, vec![("do", "look"), ("text", &long)], &["有 121 个字"]),
        (text, vec![("do", "look"), ("text", "{name}跌倒")], &["这里没有“{name}”"]),
        (text, vec![("do", "look"), ("text", "出事了")], &["找不到事件"]),
        (text, vec![("do", "force"), ("text", "{case}")], &["“为什么改”", "没有填写"]),
        (text, vec![("do", "force"), ("text", "{name}"), ("why", "试")], &["这里没有“{name}”"]),
        (text, vec![("do", "force"), ("text", "事件 {case}"), ("why", "试")], &["已保存并生效"]),
    ];
    walk(&hub, &ma, forms).await;
    hub.end().await;
}
