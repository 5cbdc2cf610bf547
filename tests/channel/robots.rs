//! Robots and push services, against far sides that speak as they do (`china.md` §5): what they are sent, and
//! what their answers mean.

use careloop::channel::http::Line;
use careloop::channel::robot::{Account, Kind};
use careloop::channel::{Channel, Notice, Robot, Verdict};
use careloop::domain::Span;
use serde_json::{Value, json};

use crate::far_side::{Does, FarSide, Request};

/// 2023-11-14T22:13:20Z, the time of the vectors.
const AT: i64 = 1_700_000_000_000;

fn notice(to: &str, level: &str) -> Notice {
    Notice {
        to: to.to_owned(),
        body: json!({ "level": level }),
        text: "紧急报警，疑似跌倒，编号 A0001".to_owned(),
        at: careloop::domain::Time(AT),
        delivery: "h1-7/3".parse().unwrap(),
    }
}

fn robot(kind: Kind, url: &str, key: &str, secret: Option<&str>) -> Channel {
    let account = Account {
        url: url.parse().unwrap(),
        key: (!key.is_empty()).then(|| key.parse().unwrap()),
        secret: secret.map(|secret| secret.parse().unwrap()),
    };
    let line = Line::new(None, std::time::Duration::from_millis(600)).unwrap();
    Channel::Robot(Robot::new(line, kind, account).unwrap())
}

/// One attempt of a new robot.
async fn tell(
    kind: Kind,
    key: &str,
    secret: Option<&str>,
    to: &str,
    says: &str,
) -> (Verdict, Request) {
    let far_side = FarSide::open().await;
    let channel = robot(kind, &far_side.url(), key, secret);
    far_side.hears(&channel, &notice(to, "urgent"), Does::Says(says)).await
}

const OK: &str = r#"{"errcode":0,"errmsg":"ok"}"#;

#[tokio::test]
async fn a_wecom_group_reads_the_text_and_whoever_is_meant_is_called() {
    let (verdict, request) = tell(Kind::Wecom, "K", None, "13800000000", OK).await;
    assert_eq!(verdict, Verdict::Sent);
    assert_eq!(request.line, "POST /cgi-bin/webhook/send?key=K HTTP/1.1");
    let text = json!({
        "content": "紧急报警，疑似跌倒，编号 A0001",
        "mentioned_list": [], "mentioned_mobile_list": ["13800000000"],
    });
    assert_eq!(request.json(), json!({ "msgtype": "text", "text": text }));
    let (_, request) = tell(Kind::Wecom, "K", None, "@all", OK).await;
    assert_eq!(request.json()["text"]["mentioned_list"], json!(["@all"]));
}

#[tokio::test]
async fn a_dingtalk_robot_signs_and_names_whom_it_calls() {
    let (verdict, request) =
        tell(Kind::Dingtalk, "T", Some("SECtest0001"), "13800000000", OK).await;
    assert_eq!(verdict, Verdict::Sent);
    let sign = "iK9eW9jtGBT4TttaiEbfCz5U5QFsyS%2FRb%2Fr8GW%2BV%2Fx4%3D";
    let line = format!("POST /robot/send?access_token=T&timestamp={AT}&sign={sign} HTTP/1.1");
    assert_eq!(request.line, line);
    let body = request.json();
    assert_eq!(body["text"]["content"], "紧急报警，疑似跌倒，编号 A0001 @13800000000");
    assert_eq!(
        body["at"],
        json!({ "atMobiles": ["13800000000"], "atUserIds": [], "isAtAll": false })
    );
    let (_, unsigned) = tell(Kind::Dingtalk, "T", None, "", OK).await;
    assert_eq!(unsigned.line, "POST /robot/send?access_token=T HTTP/1.1");
}

#[tokio::test]
async fn a_feishu_robot_signs_in_the_body() {
    let ok = r#"{"code":0,"msg":"success","data":{}}"#;
    let (verdict, request) = tell(Kind::Feishu, "T", Some("feishusecret"), "@all", ok).await;
    assert_eq!(verdict, Verdict::Sent);
    assert_eq!(request.line, "POST /open-apis/bot/v2/hook/T HTTP/1.1");
    let body = request.json();
    assert_eq!(body["timestamp"], "1700000000");
    assert_eq!(body["sign"], "5Wc8F8b2vZlNjoVFpK6BAaovMobglP4Rm1FzmEq/rCU=");
    let text = body["content"]["text"].as_str().unwrap();
    assert!(text.ends_with(r#"<at user_id="all">所有人</at>"#), "{text}");
    let (verdict, _) = tell(Kind::Feishu, "T", None, "", r#"{"StatusCode":0}"#).await;
    assert_eq!(verdict, Verdict::Sent, "an older robot");
}

#[tokio::test]
async fn a_phone_rings_as_loud_as_it_is_urgent() {
    let (verdict, request) = tell(Kind::Ntfy, "", None, "grid-3", r#"{"id":"x"}"#).await;
    assert_eq!((verdict, request.line.as_str()), (Verdict::Sent, "POST / HTTP/1.1"));
    assert_eq!(
        (&request.json()["topic"], &request.json()["priority"]),
        (&json!("grid-3"), &json!(5))
    );
    assert!(!request.headers.contains_key("authorization"));
    let (verdict, request) = tell(Kind::Bark, "", None, "abc", r#"{"code":200}"#).await;
    assert_eq!((verdict, request.line.as_str()), (Verdict::Sent, "POST /push HTTP/1.1"));
    let body = request.json();
    assert_eq!(
        (&body["level"], &body["call"], &body["id"]),
        (&json!("critical"), &json!("1"), &json!("h1-7/3"))
    );
    let (verdict, request) = tell(Kind::Gotify, "tok", None, "", r#"{"id":7}"#).await;
    assert_eq!((verdict, request.line.as_str()), (Verdict::Sent, "POST /message HTTP/1.1"));
    assert_eq!(request.headers["x-gotify-key"], "tok");
    assert_eq!(request.json()["priority"], 10);
}

#[tokio::test]
async fn two_hundred_ok_is_not_success() {
    let later = |seconds| Some(Span::seconds(seconds));
    for (kind, says, last, again_in) in [
        (Kind::Wecom, r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#, false, later(65)),
        (Kind::Wecom, r#"{"errcode":-1,"errmsg":"system busy"}"#, false, None),
        (Kind::Wecom, r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#, true, None),
        (Kind::Wecom, r#"{"errcode":45033,"errmsg":"api concurrent limit"}"#, false, later(65)),
        (Kind::Wecom, r#"{"errcode":40008}"#, true, None),
        (Kind::Wecom, r#"{"errcode":44004,"errmsg":"empty content"}"#, true, None),
        (Kind::Wecom, r#"{"errcode":45002,"errmsg":"content size out of limit"}"#, true, None),
        (Kind::Dingtalk, r#"{"errcode":-1,"errmsg":"系统繁忙"}"#, false, None),
        (Kind::Dingtalk, r#"{"errcode":400101,"errmsg":"access_token?"}"#, true, None),
        (Kind::Dingtalk, "{}", true, None),
        (Kind::Feishu, r#"{"code":9499,"msg":"Bad Request"}"#, true, None),
        (Kind::Feishu, r#"{"code":19022,"msg":"Ip Not Allowed"}"#, true, None),
        (Kind::Feishu, r#"{"StatusCode":19001,"StatusMessage":"x"}"#, true, None),
        (Kind::Feishu, "{}", true, None),
        (Kind::Bark, r#"{"code":500,"message":"push failed"}"#, false, None),
        (Kind::Bark, "{}", true, None),
        (Kind::Gotify, r#"{"error":"Unauthorized"}"#, true, None),
        (Kind::Dingtalk, r#"{"errcode":130101,"errmsg":"send too fast"}"#, false, later(600)),
        (Kind::Dingtalk, r#"{"errcode":310000,"errmsg":"sign not match"}"#, true, None),
        (Kind::Feishu, r#"{"code":11232,"msg":"frequency limited"}"#, false, later(60)),
        (Kind::Feishu, r#"{"code":19021,"msg":"sign match fail"}"#, true, None),
        (Kind::Feishu, r#"{"code":19024,"msg":"Key Words Not Found"}"#, true, None),
        (Kind::Bark, r#"{"code":400,"message":"failed to get device token"}"#, true, None),
        (Kind::Ntfy, r#"{"error":"no"}"#, true, None),
        (Kind::Wecom, "<html>welcome to the proxy</html>", true, None),
        (Kind::Wecom, "{}", true, None),
    ] {
        let (verdict, _) = tell(kind, "K", None, "x", says).await;
        let Verdict::Failed { why, last: is, again_in: wait } = &verdict else {
            panic!("{says}: {verdict:?}")
        };
        assert_eq!((*is, *wait), (last, again_in), "{says}");
        let said: String = says.chars().take(12).collect();
        assert!(why.contains(&said), "{says}: {why}");
    }
}

#[tokio::test]
async fn a_robot_that_must_be_silent_is_not_asked_again_before() {
    let far_side = FarSide::open().await;
    let channel = robot(Kind::Dingtalk, &far_side.url(), "T", None);
    let first = notice("", "urgent");
    let blocked = r#"{"errcode":130101}"#;
    let (verdict, _) = far_side.hears(&channel, &first, Does::Says(blocked)).await;
    assert!(matches!(verdict, Verdict::Failed { last: false, .. }), "{verdict:?}");
    let soon = Notice { at: first.at + Span::minutes(4), ..first.clone() };
    let Verdict::Failed { last: false, again_in, .. } = channel.tell(&soon).await else {
        panic!("nobody listens")
    };
    assert_eq!(again_in, Some(Span::minutes(6)));
    let later = Notice { at: first.at + Span::minutes(10), ..first };
    let (verdict, _) = far_side.hears(&channel, &later, Does::Says(OK)).await;
    assert_eq!(verdict, Verdict::Sent);
}

#[tokio::test]
async fn places_are_kept_for_what_is_serious() {
    let far_side = FarSide::open().await;
    let channel = robot(Kind::Wecom, &far_side.url(), "K", None);
    for _ in 0..15 {
        let (verdict, _) = far_side.hears(&channel, &notice("", "info"), Does::Says(OK)).await;
        assert_eq!(verdict, Verdict::Sent);
    }
    let Verdict::Failed { last: false, again_in, .. } = channel.tell(&notice("", "info")).await
    else {
        panic!("its messages are used up")
    };
    assert_eq!(again_in, Some(Span::seconds(62)), "a minute, by when they arrive");
    for _ in 0..5 {
        let (verdict, _) = far_side.hears(&channel, &notice("", "urgent"), Does::Says(OK)).await;
        assert_eq!(verdict, Verdict::Sent);
    }
    let all: Value = json!(format!("{:?}", channel.tell(&notice("", "urgent")).await));
    assert!(all.as_str().unwrap().contains("used up"), "{all}");
    let text = format!("{channel:?}");
    assert!(!text.contains('K') || text.contains("(secret)"), "no key in {text}");
}

#[tokio::test]
async fn what_http_says_of_a_robot_is_believed_too() {
    for (status, last, again_in) in [
        ("429 Too Many Requests\r\nretry-after: 30", false, Some(Span::seconds(30))),
        ("500 Oh", false, None),
        ("502 Bad Gateway", false, None),
        ("401 Unauthorized", true, None),
        ("403 Forbidden", true, None),
        ("413 Too Large", true, None),
    ] {
        for kind in Kind::ALL {
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            let far_side = FarSide::open().await;
            let channel = robot(kind, &far_side.url(), "K", None);
            let notice = notice("x", "urgent");
            let (verdict, _) = far_side.hears(&channel, &notice, Does::Answer(&answer)).await;
            let Verdict::Failed { last: is, again_in: wait, .. } = verdict else {
                panic!("{status}: {verdict:?}")
            };
            assert_eq!((is, wait), (last, again_in), "{status} of {}", kind.name());
        }
    }
    for kind in Kind::ALL {
        let far_side = FarSide::open().await;
        let channel = robot(kind, &far_side.url(), "K", None);
        let (verdict, _) = far_side.hears(&channel, &notice("x", "urgent"), Does::HangUp).await;
        assert!(matches!(verdict, Verdict::Unknown { .. }), "{}: {verdict:?}", kind.name());
    }
}

#[tokio::test]
async fn where_people_can_get_to_the_page_a_message_leads_there() {
    let link = "https://care.example/incidents/h1-7";
    for (kind, says, at) in [
        (Kind::Ntfy, r#"{"id":"x"}"#, "/click"),
        (Kind::Bark, r#"{"code":200}"#, "/url"),
        (Kind::Gotify, r#"{"id":1}"#, "/extras/client::notification/click/url"),
        (Kind::Wecom, OK, "/text/content"),
        (Kind::Dingtalk, OK, "/text/content"),
        (Kind::Feishu, r#"{"code":0}"#, "/content/text"),
    ] {
        let far_side = FarSide::open().await;
        let channel = robot(kind, &far_side.url(), "K", None);
        let mut notice = notice("t", "urgent");
        notice.body["link"] = json!(link);
        let (verdict, request) = far_side.hears(&channel, &notice, Does::Says(says)).await;
        assert_eq!(verdict, Verdict::Sent, "{kind:?}");
        let said = request.json();
        let there = said.pointer(at).and_then(Value::as_str).unwrap_or_default();
        assert!(there.contains(link), "{kind:?}: {said}");
    }
}
