//! An application of WeCom, against a far side that gives tokens and gives them up (`china.md` §5.3).

use careloop::channel::http::Line;
use careloop::channel::wecom_app::Account;
use careloop::channel::{Channel, Notice, Verdict, WecomApp};
use careloop::domain::{Span, Time};
use serde_json::json;

use crate::far_side::{Does, FarSide};

fn notice(minute: i64) -> Notice {
    Notice {
        to: "zhangsan".to_owned(),
        body: json!({ "level": "serious" }),
        text: "严重报警，编号 h1-7".to_owned(),
        at: Time(1_700_000_000_000) + Span::minutes(minute),
        delivery: "h1-7/3".parse().unwrap(),
    }
}

fn app(url: &str) -> Channel {
    let (url, key) = (url.parse().unwrap(), "s&c".parse().unwrap());
    let account = Account { url, corp: "ww1".to_owned(), key, agent: 1_000_002 };
    let line = Line::new(None, std::time::Duration::from_millis(600)).unwrap();
    Channel::WecomApp(WecomApp::new(line, account).unwrap())
}

const TOKEN: &str = r#"{"errcode":0,"errmsg":"ok","access_token":"T1","expires_in":7200}"#;
const TAKEN: &str = r#"{"errcode":0,"errmsg":"ok","invaliduser":"","msgid":"m"}"#;

#[tokio::test]
async fn one_token_serves_for_two_hours() {
    let far_side = FarSide::open().await;
    let channel = app(&far_side.url());
    let (verdict, asked) = far_side.hears_all(&channel, &notice(0), &[TOKEN, TAKEN]).await;
    assert_eq!(verdict, Verdict::Sent);
    assert_eq!(asked[0].line, "GET /cgi-bin/gettoken?corpid=ww1&corpsecret=s%26c HTTP/1.1");
    assert_eq!(asked[1].line, "POST /cgi-bin/message/send?access_token=T1 HTTP/1.1");
    let body = asked[1].json();
    assert_eq!((&body["touser"], &body["agentid"]), (&json!("zhangsan"), &json!(1_000_002)));
    assert_eq!(body["enable_duplicate_check"], 1);
    let (verdict, request) = far_side.hears(&channel, &notice(110), Does::Says(TAKEN)).await;
    assert_eq!(verdict, Verdict::Sent);
    assert!(request.line.starts_with("POST "), "the token is still good: {}", request.line);
    let (verdict, asked) = far_side.hears_all(&channel, &notice(116), &[TOKEN, TAKEN]).await;
    assert_eq!((verdict, asked.len()), (Verdict::Sent, 2));
}

#[tokio::test]
async fn a_token_that_is_given_up_early_is_renewed_once() {
    let far_side = FarSide::open().await;
    let channel = app(&far_side.url());
    let gone = r#"{"errcode":42001,"errmsg":"access_token expired"}"#;
    let says = [TOKEN, gone, TOKEN, TAKEN];
    let (verdict, asked) = far_side.hears_all(&channel, &notice(0), &says).await;
    assert_eq!((verdict, asked.len()), (Verdict::Sent, 4));
    let (verdict, _) = far_side.hears_all(&channel, &notice(1), &[gone, TOKEN, gone]).await;
    assert!(matches!(verdict, Verdict::Failed { last: false, .. }), "{verdict:?}");
}

#[tokio::test]
async fn what_it_does_not_take_is_told_as_it_is() {
    for (says, last) in [
        (r#"{"errcode":0,"invaliduser":"zhangsan"}"#, true),
        (r#"{"errcode":0,"invaliduser":"","unlicenseduser":"zhangsan"}"#, true),
        (r#"{"errcode":60111,"errmsg":"userid not found"}"#, true),
        (r#"{"errcode":45033,"errmsg":"concurrent limit"}"#, false),
        ("{}", true),
        (r#"{"errcode":81013,"errmsg":"all invalid"}"#, true),
        (r#"{"errcode":60020,"errmsg":"not allow to access from your ip"}"#, true),
        (r#"{"errcode":45009,"errmsg":"limit"}"#, false),
        (r#"{"errcode":-1,"errmsg":"system busy"}"#, false),
        ("<html>", true),
    ] {
        let far_side = FarSide::open().await;
        let channel = app(&far_side.url());
        let (verdict, _) = far_side.hears_all(&channel, &notice(0), &[TOKEN, says]).await;
        let Verdict::Failed { last: is, why, .. } = verdict else { panic!("{says}") };
        assert_eq!(is, last, "{says}: {why}");
    }
    let far_side = FarSide::open().await;
    let channel = app(&far_side.url());
    let no = r#"{"errcode":40013,"errmsg":"invalid corpid","access_token":"T9"}"#;
    let (verdict, _) = far_side.hears(&channel, &notice(0), Does::Says(no)).await;
    let Verdict::Failed { last: true, why, .. } = verdict else { panic!("{verdict:?}") };
    assert!(why.contains("40013") && !why.contains("T9") && !why.contains("s&c"), "{why}");
}
