//! Text messages and calls, against far sides that speak as the companies do (`china.md` §5.8, §5.9).

use careloop::channel::http::Line;
use careloop::channel::phone::{Account, Kind};
use careloop::channel::{Channel, Notice, Phone, Verdict};
use careloop::domain::{Span, Time};
use serde_json::json;

use crate::far_side::{Does, FarSide, Request, template};

fn phone(kind: Kind, url: &str) -> Channel {
    let account = Account {
        url: url.parse().unwrap(),
        key_id: "AKIDtest".to_owned(),
        key: "testsecret".parse().unwrap(),
        app: "1400000000".to_owned(),
        sign: "社区守护".to_owned(),
        show: String::new(),
        template: "SMS_1".to_owned(),
        params: vec![
            ("code".to_owned(), template("{case}")),
            ("level".to_owned(), template("{level}")),
        ],
    };
    let line = Line::new(None, std::time::Duration::from_millis(600)).unwrap();
    Channel::Phone(Phone::new(line, kind, account).unwrap())
}

async fn tell(kind: Kind, does: Does<'_>) -> (Verdict, Request) {
    let notice = Notice {
        to: "13800000000".to_owned(),
        body: json!({ "level": "urgent", "home": { "name": "王家" }, "title": { "zh": "疑似跌倒" } }),
        text: "紧急报警，疑似跌倒，王家".to_owned(),
        at: Time(1_700_000_000_000),
        delivery: "h1-7/3".parse().unwrap(),
    };
    let far_side = FarSide::open().await;
    far_side.hears(&phone(kind, &far_side.url()), &notice, does).await
}

/// The fields of a form, unescaped.
fn field(request: &Request, name: &str) -> String {
    let all = request.body.split('&').filter_map(|field| field.split_once('='));
    let value = all.filter(|(key, _)| *key == name).map(|(_, value)| value).next().unwrap();
    percent_encoding::percent_decode_str(value).decode_utf8().unwrap().into_owned()
}

#[tokio::test]
async fn a_text_message_of_aliyun_is_a_signed_form_with_a_short_code_and_nothing_else() {
    let (verdict, request) =
        tell(Kind::AliyunSms, Does::Says(r#"{"Code":"OK","BizId":"1"}"#)).await;
    assert_eq!((verdict, request.line.as_str()), (Verdict::Sent, "POST / HTTP/1.1"));
    assert_eq!(request.headers["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(field(&request, "TemplateParam"), r#"{"code":"h1-7","level":"紧急"}"#);
    assert_eq!(field(&request, "Timestamp"), "2023-11-14T22:13:20Z");
    assert_eq!(field(&request, "SignatureNonce"), "h1-7/3-1700000000000");
    assert_eq!(field(&request, "Signature").len(), 28);
    assert!(
        !request.body.contains(&"王家".bytes().map(|b| format!("%{b:02X}")).collect::<String>())
    );
}

#[tokio::test]
async fn a_call_of_aliyun_says_it_three_times() {
    let (verdict, request) =
        tell(Kind::AliyunVoice, Does::Says(r#"{"Code":"OK","CallId":"c"}"#)).await;
    assert_eq!(verdict, Verdict::Sent);
    assert_eq!(field(&request, "Action"), "SingleCallByTts");
    assert_eq!(
        (field(&request, "CalledNumber"), field(&request, "PlayTimes")),
        ("13800000000".to_owned(), "3".to_owned())
    );
}

#[tokio::test]
async fn tencent_is_told_the_same_in_json() {
    let ok = r#"{"Response":{"SendStatusSet":[{"Code":"Ok","SerialNo":"1"}],"RequestId":"r"}}"#;
    let (verdict, request) = tell(Kind::TencentSms, Does::Says(ok)).await;
    assert_eq!(verdict, Verdict::Sent);
    let body = request.json();
    assert_eq!(body["PhoneNumberSet"], json!(["+8613800000000"]));
    assert_eq!(body["TemplateParamSet"], json!(["h1-7", "紧急"]));
    assert_eq!(request.headers["x-tc-action"], "SendSms");
    let signed = &request.headers["authorization"];
    assert!(
        signed.starts_with("TC3-HMAC-SHA256 Credential=AKIDtest/2023-11-14/sms/tc3_request, "),
        "{signed}"
    );
    let taken = r#"{"Response":{"SendStatus":{"CallId":"c","SessionContext":"h1-7/3"}}}"#;
    let (verdict, request) = tell(Kind::TencentVoice, Does::Says(taken)).await;
    assert_eq!((verdict, request.headers["x-tc-action"].as_str()), (Verdict::Sent, "SendTtsVoice"));
}

#[tokio::test]
async fn what_a_code_means_decides() {
    let number =
        |code: &str| format!(r#"{{"Response":{{"SendStatusSet":[{{"Code":"{code}"}}]}}}}"#);
    let whole = |code: &str| format!(r#"{{"Response":{{"Error":{{"Code":"{code}"}}}}}}"#);
    let aliyun = |code: &str| format!(r#"{{"Code":"{code}","Message":"x"}}"#);
    for (kind, says, wait) in [
        (Kind::AliyunSms, aliyun("isv.BUSINESS_LIMIT_CONTROL"), Some(Span::minutes(1))),
        (Kind::AliyunSms, aliyun("isv.DAY_LIMIT_CONTROL"), Some(Span::hours(6))),
        (Kind::AliyunSms, aliyun("isv.MOBILE_NUMBER_ILLEGAL"), None),
        (Kind::AliyunSms, aliyun("isv.PARAM_NOT_SUPPORT_URL"), None),
        (Kind::AliyunSms, aliyun("isp.SYSTEM_ERROR"), Some(Span::seconds(5))),
        (Kind::AliyunSms, aliyun("SignatureDoesNotMatch"), None),
        (Kind::AliyunSms, "{}".to_owned(), None),
        (Kind::AliyunVoice, aliyun("isv.BUSINESS_LIMIT_CONTROL"), Some(Span::minutes(1))),
        (Kind::TencentSms, number("LimitExceeded.PhoneNumberOneHourLimit"), Some(Span::hours(1))),
        (Kind::TencentSms, number("LimitExceeded.PhoneNumberDailyLimit"), Some(Span::hours(6))),
        (
            Kind::TencentSms,
            number("LimitExceeded.PhoneNumberSameContentDailyLimit"),
            Some(Span::hours(6)),
        ),
        (Kind::TencentSms, whole("LimitExceeded.DeliveryFrequencyLimit"), Some(Span::minutes(1))),
        (Kind::TencentSms, whole("UnsupportedTemplateVariable"), None),
        (Kind::TencentSms, r#"{"Response":{"SendStatusSet":[],"RequestId":"r"}}"#.to_owned(), None),
        (Kind::TencentVoice, whole("LimitExceeded.DeliveryFrequencyLimit"), Some(Span::minutes(1))),
        (Kind::TencentVoice, r#"{"Response":{"SendStatus":{}}}"#.to_owned(), None),
        (Kind::AliyunVoice, aliyun("isv.AMOUNT_NOT_ENOUGH"), None),
        (Kind::AliyunVoice, "no JSON".to_owned(), None),
        (
            Kind::TencentSms,
            number("LimitExceeded.PhoneNumberThirtySecondLimit"),
            Some(Span::minutes(1)),
        ),
        (Kind::TencentSms, number("FailedOperation.PhoneNumberInBlacklist"), None),
        (Kind::TencentSms, whole("AuthFailure.SignatureFailure"), None),
        (Kind::TencentVoice, whole("RequestLimitExceeded"), Some(Span::seconds(5))),
    ] {
        let (verdict, _) = tell(kind, Does::Says(&says)).await;
        let Verdict::Failed { why, last, again_in } = verdict else { panic!("{says}") };
        assert_eq!((last, again_in), (wait.is_none(), wait), "{says}");
        assert!(!why.contains("testsecret"), "{why}");
    }
}

#[tokio::test]
async fn what_may_have_rung_is_not_rung_again() {
    let (verdict, _) = tell(Kind::AliyunVoice, Does::HangUp).await;
    assert!(matches!(verdict, Verdict::Unknown { .. }), "{verdict:?}");
    assert!(!phone(Kind::AliyunVoice, "http://127.0.0.1:9").may_repeat());
}
