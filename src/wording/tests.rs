use super::*;

#[test]
fn whoever_has_a_language_is_told_in_it_and_others_in_both() {
    let what = Title::new("疑似跌倒".to_owned(), "possible fall".to_owned());
    let filling = Filling {
        group: Group::Safety,
        level: Level::Urgent,
        what: &what,
        case: "h1-7",
        since: "03:12",
        minutes: 4,
    };
    let wording = Wording::shipped();
    let line = |language| wording.line(language, Purpose::Escalation, &filling);
    let zh = "紧急报警 4 分钟无人签收，现转您处理：疑似跌倒，03:12 起，编号 h1-7";
    let en =
        "urgent alarm, nobody accepted for 4 min, now yours: possible fall, since 03:12, case h1-7";
    assert_eq!(line(Some(Lang::Zh)), zh);
    assert_eq!(line(Some(Lang::En)), en);
    assert_eq!(line(None), format!("{zh} · {en}"));
    let reply = |purpose| wording.reply(Some(Lang::Zh), purpose, &filling);
    assert_eq!(reply(Purpose::Alarm).as_deref(), Some("回复 1 签收"));
    assert_eq!(reply(Purpose::Digest), None, "nobody accepts a digest");
}

#[test]
fn what_is_wrong_with_a_text_is_said_where_it_is() {
    let (file, shipped) = FILES[0];
    let long = format!("alarm = \"{{case}}{}\"", "长".repeat(120));
    for (old, new, wrong) in [
        (
            "repeat = \"{level}报警",
            "repeat = \"{name}报警",
            "texts/zh.toml:15:11: `repeat`: there is no place `{name}` here, only {level}, {what}, {case}, \
             {since}, {minutes}: names, reasons and addresses are for the pages",
        ),
        (
            "{level}报警，请签收并上门：{what}，{since} 起，编号 {case}",
            "请上门",
            "`alarm`: {case} is missing",
        ),
        ("{minutes} 分钟后", "{minutes 分钟后", "`ask`: a place is a word in braces"),
        ("alarm = ", "# alarm = ", "`alarm` is missing"),
        ("overdue = ", "overdo = ", "there is no key `overdo` here"),
        ("[line]", "[lines]", "[line] is missing"),
        ("今日提示汇总：{what}", "今日{since}{what}", "`digest`: there is no place `{since}` here"),
        ("reply = \"回复 1 签收\"", "reply = \"\"", "`reply`: it says nothing"),
        ("回复 1 签收", "回复\\n1", "`reply`: it is one line"),
        ("alarm = \"{level}", &format!("{long} #"), "`alarm`: it has 126 characters"),
    ] {
        assert!(shipped.contains(old), "{old}");
        let text = shipped.replacen(old, new, 1);
        let all = Wording::read((file, &text), FILES[1]).expect_err(new);
        let all: Vec<_> = all.iter().map(ToString::to_string).collect();
        assert!(all.iter().any(|one| one.contains(wrong)), "{wrong}: {all:?}");
    }
}
