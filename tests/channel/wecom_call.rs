//! A call of WeCom, against a far side that lets it ring (`china.md` §5.4).

use std::time::Duration;

use careloop::channel::http::Line;
use careloop::channel::wecom_call::Account;
use careloop::channel::{Channel, Notice, Verdict, WecomCall};
use careloop::domain::{Span, Time};
use serde_json::json;

use crate::far_side::{FarSide, Request};

const TOKEN: &str = r#"{"errcode":0,"errmsg":"ok","access_token":"T1","expires_in":7200}"#;
const RINGS: &str = r#"{"errcode":0,"states":[{"code":0,"callid":"c1","userid":"zhangsan"}]}"#;

fn call(url: &str) -> Channel {
    let (url, key) = (url.parse().unwrap(), "s&c".parse().unwrap());
    let account = Account { url, corp: "ww1".to_owned(), key };
    let line = Line::new(None, Duration::from_millis(600)).unwrap();
    Channel::WecomCall(WecomCall::new(line, account, Duration::from_millis(20)).unwrap())
}

/// One attempt at a far side that gives a token and says this, and what it was asked.
async fn tell(says: &[&str]) -> (Verdict, Vec<Request>) {
    let far_side = FarSide::open().await;
    let notice = Notice {
        to: "zhangsan".to_owned(),
        body: json!({ "level": "urgent" }),
        text: "紧急报警，编号 h1-7".to_owned(),
        at: Time(1_700_000_000_000),
        delivery: "h1-7/3".parse().unwrap(),
    };
    let says: Vec<&str> = [TOKEN].iter().chain(says).copied().collect();
    far_side.hears_all(&call(&far_side.url()), &notice, &says).await
}

fn state(talked: u8, reason: u8) -> String {
    format!(
        r#"{{"errcode":0,"istalked":{talked},"calltime":1700000000,"talktime":0,"reason":{reason}}}"#
    )
}

#[tokio::test]
async fn who_takes_the_call_has_heard_it() {
    let (ringing, busy, heard) = (state(0, 1), r#"{"errcode":-1}"#, state(1, 0));
    let (verdict, asked) = tell(&[RINGS, &ringing, busy, &ringing, &heard]).await;
    assert_eq!(verdict, Verdict::Delivered);
    assert_eq!(asked[1].line, "POST /cgi-bin/pstncc/call?access_token=T1 HTTP/1.1");
    assert_eq!(asked[1].json(), json!({ "callee_userid": ["zhangsan"] }));
    assert_eq!(asked[2].line, "POST /cgi-bin/pstncc/getstates?access_token=T1 HTTP/1.1");
    assert_eq!(asked[5].json(), json!({ "callee_userid": "zhangsan", "callid": "c1" }));
}

#[tokio::test]
async fn who_does_not_take_it_is_told_by_another_way_and_not_called_again_at_once() {
    let (soon, later) = (Some(Span::minutes(3)), Some(Span::minutes(8)));
    for (reason, again_in) in [
        (4, soon),
        (5, None),
        (6, None),
        (7, soon),
        (8, soon),
        (9, None),
        (10, None),
        (11, soon),
        (12, soon),
        (13, later),
        (15, later),
        (16, soon),
        (17, soon),
        (20, soon),
        (99, soon),
    ] {
        let (verdict, _) = tell(&[RINGS, &state(0, 1), &state(0, reason)]).await;
        let Verdict::Failed { why, last, again_in: is } = verdict else { panic!("{reason}") };
        assert_eq!((last, is), (again_in.is_none(), again_in), "{reason}: {why}");
        assert!(why.starts_with("nobody took the call: "), "{why}");
    }
}

#[tokio::test]
async fn a_call_that_was_not_made_is_told_as_it_is() {
    for (says, last) in [
        (r#"{"errcode":301049,"errmsg":"not linked"}"#, true),
        (r#"{"errcode":301050,"errmsg":"not enabled"}"#, true),
        (r#"{"errcode":301051,"errmsg":"balance"}"#, true),
        (r#"{"errcode":0,"states":[{"code":1,"userid":"zhangsan"}]}"#, true),
        (r#"{"errcode":0,"states":[]}"#, true),
        (r#"{"errcode":45009}"#, false),
        (r#"{"errcode":-1}"#, false),
        ("<html>", true),
    ] {
        let (verdict, _) = tell(&[says]).await;
        let Verdict::Failed { last: is, why, .. } = verdict else { panic!("{says}: {verdict:?}") };
        assert_eq!(is, last, "{says}: {why}");
    }
}

#[tokio::test]
async fn whether_it_was_heard_is_unknown_where_the_service_does_not_say() {
    let (verdict, _) = tell(&[RINGS, r#"{"errcode":60020,"errmsg":"ip"}"#]).await;
    assert!(matches!(verdict, Verdict::Unknown { .. }), "{verdict:?}");
    // Nobody answers any more: it may have rung all the same.
    let (verdict, _) = tell(&[RINGS, &state(0, 1)]).await;
    assert!(matches!(verdict, Verdict::Unknown { .. }), "{verdict:?}");
    assert!(!call("http://127.0.0.1:9").may_repeat());
}
