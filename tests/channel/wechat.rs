//! A subscribe message of WeChat, against a far side that counts subscriptions (`china.md` §5.7).

use careloop::channel::http::Line;
use careloop::channel::wechat::Account;
use careloop::channel::{Channel, Notice, Verdict, Wechat};
use careloop::domain::Time;
use serde_json::json;

use crate::far_side::{FarSide, Request, template};

const TOKEN: &str = r#"{"access_token":"T1","expires_in":7200}"#;
const SENT: &str = r#"{"errcode":0,"errmsg":"ok"}"#;

fn notice() -> Notice {
    let title = "卫生间滞留时间超过平时的两倍以上而且没有回应";
    Notice {
        to: "OPENID".to_owned(),
        body: json!({
            "level": "urgent", "title": { "zh": title }, "since_local": "2026-01-31 02:10",
            "home": { "name": "王家" },
        }),
        text: "紧急报警，编号 h1-7".to_owned(),
        at: Time(1_700_000_000_000),
        delivery: "h1-7/3".parse().unwrap(),
    }
}

fn channel(url: &str) -> Channel {
    let field = |name: &str, text: &str| (name.to_owned(), template(text));
    let account = Account {
        url: url.parse().unwrap(),
        app: "wx1".to_owned(),
        key: "appsecret".parse().unwrap(),
        template: "TPL".to_owned(),
        page: template("pages/incident?id={case}"),
        fields: vec![
            field("thing1", "{what}"),
            field("time2", "{since}"),
            field("phrase3", "{level}"),
            field("character_string4", "{case}"),
        ],
    };
    let line = Line::new(None, std::time::Duration::from_millis(600)).unwrap();
    Channel::Wechat(Wechat::new(line, account).unwrap())
}

async fn tell(says: &[&str]) -> (Verdict, Vec<Request>) {
    let far_side = FarSide::open().await;
    far_side.hears_all(&channel(&far_side.url()), &notice(), says).await
}

#[tokio::test]
async fn a_subscribed_message_fits_its_template_and_names_nobody() {
    let (verdict, asked) = tell(&[TOKEN, SENT]).await;
    assert_eq!(verdict, Verdict::Sent);
    assert_eq!(asked[0].line, "POST /cgi-bin/stable_token HTTP/1.1");
    assert_eq!(
        asked[0].json(),
        json!({ "grant_type": "client_credential", "appid": "wx1", "secret": "appsecret" })
    );
    assert_eq!(asked[1].line, "POST /cgi-bin/message/subscribe/send?access_token=T1 HTTP/1.1");
    let body = asked[1].json();
    assert_eq!((&body["touser"], &body["template_id"]), (&json!("OPENID"), &json!("TPL")));
    assert_eq!(body["page"], "pages/incident?id=h1-7");
    let thing = "卫生间滞留时间超过平时的两倍以上而且没有";
    assert_eq!(thing.chars().count(), 20);
    let data = json!({
        "thing1": { "value": thing }, "time2": { "value": "2026-01-31 02:10" },
        "phrase3": { "value": "紧急" }, "character_string4": { "value": "h1-7" },
    });
    assert_eq!(body["data"], data);
    assert!(!asked[1].body.contains("王家"));
}

#[tokio::test]
async fn without_a_subscription_another_way_is_wanted() {
    for (says, last) in [
        (r#"{"errcode":43101,"errmsg":"user refuse to accept the msg"}"#, true),
        (r#"{"errcode":43107,"errmsg":"blocked"}"#, true),
        (r#"{"errcode":43108,"errmsg":"at once"}"#, false),
        (r#"{"errcode":40003,"errmsg":"invalid openid"}"#, true),
        (r#"{"errcode":40037,"errmsg":"invalid template_id"}"#, true),
        (r#"{"errcode":41030,"errmsg":"invalid page"}"#, true),
        (r#"{"errcode":47003,"errmsg":"argument invalid"}"#, true),
        (r#"{"errcode":45009,"errmsg":"limit"}"#, false),
        (r#"{"errcode":-1,"errmsg":"busy"}"#, false),
        ("<html>", true),
    ] {
        let (verdict, _) = tell(&[TOKEN, says]).await;
        let Verdict::Failed { last: is, why, .. } = verdict else { panic!("{says}") };
        assert_eq!(is, last, "{says}: {why}");
    }
    let (verdict, _) = tell(&[TOKEN, r#"{"errcode":43101}"#]).await;
    let Verdict::Failed { why, .. } = verdict else { panic!("{verdict:?}") };
    assert!(why.contains("no subscription left"), "{why}");
}

#[tokio::test]
async fn no_second_subscription_is_spent_on_what_may_have_arrived() {
    assert!(!channel("http://127.0.0.1:9").may_repeat());
    let no = r#"{"errcode":40125,"errmsg":"invalid appsecret","access_token":"T9"}"#;
    let (verdict, _) = tell(&[no]).await;
    let Verdict::Failed { last: true, why, .. } = verdict else { panic!("{verdict:?}") };
    assert!(why.contains("40125") && !why.contains("T9") && !why.contains("wx1"), "{why}");
    let gone = r#"{"errcode":40001,"errmsg":"invalid credential"}"#;
    let (verdict, asked) = tell(&[TOKEN, gone, TOKEN, SENT]).await;
    assert_eq!((verdict, asked.len()), (Verdict::Sent, 4));
}
