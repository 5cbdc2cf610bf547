//! A plan is made otherwise by ticking and choosing, seen beside the one in force, and brought back.

use crate::kept::Kept;

const PLANS: &str = include_str!("../../config/plans.toml");

/// The form of `urgent` as a browser sends it; `turns` are typed over it, `gone` are the boxes that are not ticked.
fn form<'f>(turns: &[(&'f str, &'f str)], gone: &[&str]) -> Vec<(&'f str, &'f str)> {
    let all = [
        ("rungs.0.after", "0"),
        ("rungs.0.after.unit", "s"),
        ("rungs.0.tell", ""),
        ("rungs.0.tell.family", "yes"),
        ("rungs.0.tell.micro-grid", "yes"),
        ("rungs.1.after", "1"),
        ("rungs.1.after.unit", "m"),
        ("rungs.1.tell", ""),
        ("rungs.1.tell.grid", "yes"),
        ("rungs.2.after", "2"),
        ("rungs.2.after.unit", "m"),
        ("rungs.2.tell", ""),
        ("rungs.2.tell.community", "yes"),
        ("rungs.3.after", "4"),
        ("rungs.3.after.unit", "m"),
        ("rungs.3.tell", ""),
        ("rungs.3.tell.street", "yes"),
        ("rungs.3.repeat", "60"),
        ("rungs.3.repeat.unit", "s"),
        ("arrive_within", "15"),
        ("arrive_within.unit", "m"),
        ("resolve_within", "2"),
        ("resolve_within.unit", "h"),
        ("verify_within", "1"),
        ("verify_within.unit", "d"),
        ("report_within", ""),
        ("report_within.unit", "h"),
        ("close_within", "24"),
        ("close_within.unit", "h"),
        ("answers", ""),
    ];
    let stays = |(key, _): &&(&str, &str)| {
        !gone.contains(key) && !turns.iter().any(|(other, _)| other == key)
    };
    all.iter().filter(stays).chain(turns).copied().collect()
}

/// What is shown beside the plan in force.
fn shown(page: &str) -> String {
    let shown = page.split("name=\"shown\" value=\"").nth(1).expect("it is shown");
    shown.split('"').next().expect("its digest").to_owned()
}

/// What the form that puts it in force sends with it.
fn hidden(page: &str) -> Vec<(String, String)> {
    let force = page.split("/force\">").nth(1).and_then(|form| form.split("<label>").next());
    let fields = force.expect("it can be put in force").split("<input type=\"hidden\" name=\"");
    let field = |text: &str| {
        let (key, rest) = text.split_once("\" value=\"")?;
        Some((key.to_owned(), rest.split('"').next()?.to_owned()))
    };
    fields.filter_map(field).collect()
}

/// Puts in force what a page shows.
async fn force(hub: &Kept, who: &str, page: &str, why: &str) {
    let mut fields = hidden(page);
    fields.push(("why".to_owned(), why.to_owned()));
    let fields: Vec<_> = fields.iter().map(|(key, text)| (&**key, &**text)).collect();
    let forced = hub.form("/plans/urgent/force", who, &fields).await;
    assert_eq!(forced.status, 303, "{}", forced.text);
}

/// The lines that the other text has not.
fn lines<'t>(of: &'t str, other: &str) -> Vec<&'t str> {
    of.lines().filter(|line| !other.lines().any(|known| known == *line)).collect()
}

#[tokio::test]
async fn whom_a_rung_tells_is_ticked_and_how_long_is_a_number_with_a_unit() {
    let hub = Kept::start().await;
    let ma = hub.enter("ma").await;
    let zh = ma.replace("careloop_lang=en", "careloop_lang=zh");
    let page = hub.get("/plans/urgent", &zh).await;
    page.says(&[
        "<h1>预案 紧急</h1>",
        "name=\"rungs.1.tell.grid\" value=\"yes\" checked><span>网格员</span>",
        "name=\"rungs.1.tell.family\" value=\"yes\"><span>家属</span>",
        "name=\"rungs.1.after\" value=\"60\"",
        "<option value=\"s\" selected>秒</option>",
        "<option value=\"m\">分钟</option>",
        "name=\"close_within\" value=\"24\"",
    ]);
    let seen = page.text.split("<main").nth(1).expect("the page's own part");
    for (n, text) in seen.split('<').filter_map(|tag| tag.split_once('>')).enumerate() {
        let is_key = |word: &&str| word.contains('_') || careloop_role(word);
        let words = text.1.split(|c: char| !c.is_alphanumeric() && !"_-".contains(c));
        let found: Vec<_> = words.filter(is_key).collect();
        assert!(found.is_empty(), "{n}: {found:?}: {}", text.1);
    }
    // Sent as it stands, whatever the unit, it is what it was.
    let same = hub.form("/plans/urgent", &ma, &form(&[], &[])).await;
    same.is_refused(400, "Nothing would be otherwise");

    let turns =
        [("rungs.1.after", "90"), ("rungs.1.after.unit", "s"), ("rungs.3.tell.supervisor", "yes")];
    let page = hub.form("/plans/urgent", &ma, &form(&turns, &[])).await;
    page.says(&["<strong>60 s</strong>", "<strong>90 s</strong>", "street, supervisor"]);
    // Not without a reason, and not what nobody was shown.
    let digest = shown(&page.text);
    let why = [("shown", &*digest), ("why", " ")];
    let without = [form(&turns, &[]), why.to_vec()].concat();
    hub.form("/plans/urgent/force", &ma, &without).await.is_refused(400, "Say why");
    let other = [("rungs.1.after", "80"), ("shown", &*digest), ("why", "x")];
    let other = form(&[&turns[1..], &other[..]].concat(), &[]);
    let other = hub.form("/plans/urgent/force", &ma, &other).await;
    other.is_refused(400, "that is not what was shown");
    assert_eq!(hub.file("plans.toml"), PLANS);

    force(&hub, &ma, &page.text, "people are slow").await;
    let after = hub.file("plans.toml");
    assert_eq!(
        lines(&after, PLANS),
        [
            "  { tell = [\"grid\"],                 after = \"90s\" },",
            "  { tell = [\"street\", \"supervisor\"],               after = \"4m\", repeat = \"60s\" },",
        ]
    );
    hub.get("/plans/urgent", &zh).await.says(&[
        "<p>people are slow</p>",
        "<span class=\"what\">第 2 步 报警后</span><span>1分 → <strong>1分30秒</strong>",
        "<span class=\"what\">第 4 步 通知</span><span>街道 → <strong>街道、值班长</strong>",
    ]);
    hub.end().await;
}

/// As it is written in files.
fn careloop_role(word: &str) -> bool {
    careloop::domain::Role::ALL.iter().any(|role| role.name() == word)
}

#[tokio::test]
async fn what_cannot_be_is_said_by_the_name_of_its_field() {
    let hub = Kept::start().await;
    let zh = hub.enter("ma").await.replace("careloop_lang=en", "careloop_lang=zh");
    for (turns, gone, said) in [
        (&[][..], &["rungs.1.tell.grid"][..], "第 2 步 通知：至少选一种人"),
        (&[("rungs.1.after", "0")], &[], "第 2 步 报警后：须晚于前一步"),
        (&[("arrive_within", "")], &[], "到场，自签收：请填写时长"),
        (&[("arrive_within", "soon")], &[], "到场，自签收：时长须为整数"),
        (&[("rungs.3.repeat", "0")], &[], "每隔：至少一秒"),
        (&[("answers", "9")], &[], "须签收人数：须为 1 至 5 的整数"),
        (&[("rungs.2.tell", "nobody")], &[], "第 3 步 通知：请从列出的人中选择"),
    ] {
        let page = hub.form("/plans/urgent", &zh, &form(turns, gone)).await;
        page.is_refused(400, said);
        if let Some((key, typed)) = turns.first().filter(|(key, _)| !key.ends_with(".tell")) {
            let stays = format!("name=\"{key}\" value=\"{typed}\"");
            assert!(page.text.contains(&stays), "{said}: what was typed stays");
        }
        assert!(!page.text.contains("plans.toml"), "{said}");
    }
    hub.end().await;
}

#[tokio::test]
async fn what_a_plan_was_comes_back_the_way_it_went() {
    let hub = Kept::start().await;
    let ma = hub.enter("ma").await;
    let turns = [("rungs.0.tell.grid", "yes"), ("close_within", "")];
    let page = hub.form("/plans/urgent", &ma, &form(&turns, &[])).await;
    force(&hub, &ma, &page.text, "the grid wants to know").await;
    let (first, of) = (hub.file("plans.toml"), [("answers", "2")]);
    let page = hub.get("/plans/urgent", &ma).await.text;
    assert_eq!(page.matches("?undo=").count(), 1, "{page}");
    let link = page
        .split("href=\"")
        .find_map(|rest| rest.split('"').next().filter(|l| l.contains("?undo=")))
        .expect("a way back")
        .to_owned();
    // Meanwhile something else is changed, which stays.
    let other = hub.form("/plans/urgent", &ma, &of).await;
    force(&hub, &ma, &other.text, "two must come").await;
    assert_ne!(hub.file("plans.toml"), first);

    let back = hub.get(&link, &ma).await;
    back.says(&[
        "As it would be is as it was before the change of",
        "name=\"rungs.0.tell\" value=\"family, micro-grid\"",
        "name=\"close_within\" value=\"24h\"",
        "Why (it goes on record)",
    ]);
    // The desk sees it, and does not put it in force.
    let li = hub.enter("li").await;
    let seen = hub.get(&link, &li).await;
    seen.says(&["A supervisor puts it in force"]);
    let not = [("shown", &*shown(&back.text)), ("why", "x")];
    assert_eq!(hub.form("/plans/urgent/force", &li, &not).await.status, 403);

    force(&hub, &ma, &back.text, "the grid knows now").await;
    let after = hub.file("plans.toml");
    let other = ["answers = 2", "close_within = \"24h\""];
    assert_eq!(lines(&after, PLANS), other, "all is as it was but for the change in between");
    assert!(hub.has_deed(&["plan urgent by ma (the grid knows now)", "rungs/1/tell"]));
    // What stands so already is no more to be put back.
    let page = hub.get("/plans/urgent", &ma).await.text;
    assert!(!page.contains(&link), "{page}");
    hub.end().await;
}
