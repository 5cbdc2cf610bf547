//! Aliyun: a form, signed by HMAC-SHA1 over all of its fields in order (signature version 1.0).

use data_encoding::BASE64;
use ring::hmac;
use serde_json::{Map, Value, json};

use super::{Account, Kind, Post};
use crate::channel::Notice;
use crate::channel::http::{below, escaped};

pub(super) fn post(kind: Kind, account: &Account, notice: &Notice) -> Post {
    let params: Map<String, Value> =
        account.params(notice).map(|(name, text)| (name.to_owned(), json!(text))).collect();
    let params = Value::Object(params).to_string();
    // What comes twice with the same nonce is refused.
    let nonce = format!("{}-{}", notice.delivery, notice.at.0);
    let timestamp = notice.at.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut fields: Vec<(&str, &str)> = if kind.calls() {
        vec![
            ("Action", "SingleCallByTts"),
            ("CalledNumber", &notice.to),
            ("CalledShowNumber", &account.show),
            ("PlayTimes", "3"),
            ("TtsCode", &account.template),
            ("TtsParam", &params),
        ]
    } else {
        vec![
            ("Action", "SendSms"),
            ("PhoneNumbers", &notice.to),
            ("SignName", &account.sign),
            ("TemplateCode", &account.template),
            ("TemplateParam", &params),
        ]
    };
    fields.extend([
        ("AccessKeyId", account.key_id.as_str()),
        ("Format", "JSON"),
        ("RegionId", "cn-hangzhou"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", &nonce),
        ("SignatureVersion", "1.0"),
        ("Timestamp", &timestamp),
        ("Version", "2017-05-25"),
    ]);
    let fields = in_order(fields);
    let sign = signature(&fields, account.key.reveal());
    let body = format!("{fields}&Signature={}", escaped(&sign));
    let form = "application/x-www-form-urlencoded".to_owned();
    Post {
        url: below(&account.url, "/"),
        headers: vec![("content-type", form)],
        body: body.into_bytes(),
    }
}

fn in_order(mut fields: Vec<(&str, &str)>) -> String {
    fields.retain(|(_, value)| !value.is_empty());
    fields.sort_unstable();
    let one = |(key, value): &(&str, &str)| format!("{}={}", escaped(key), escaped(value));
    fields.iter().map(one).collect::<Vec<_>>().join("&")
}

fn signature(fields: &str, secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, format!("{secret}&").as_bytes());
    let text = format!("POST&%2F&{}", escaped(fields));
    BASE64.encode(hmac::sign(&key, text.as_bytes()).as_ref())
}

pub(super) fn code(said: &Value) -> Option<&str> {
    said.get("Code")?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of `china.md` §5.8, made by another implementation.
    #[test]
    fn it_signs_as_the_service_does() {
        let fields = in_order(vec![
            ("Version", "2017-05-25"),
            ("AccessKeyId", "testid"),
            ("Action", "SendSms"),
            ("Format", "JSON"),
            ("OutId", "ob-1"),
            ("PhoneNumbers", "13800000000"),
            ("RegionId", "cn-hangzhou"),
            ("SignName", "社区守护"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", "nonce-1"),
            ("SignatureVersion", "1.0"),
            ("TemplateCode", "SMS_1"),
            ("TemplateParam", r#"{"code":"A1~*"}"#),
            ("Timestamp", "2025-01-01T00:00:00Z"),
        ]);
        assert!(escaped(&fields).contains("A1~%252A"), "{fields}");
        assert_eq!(signature(&fields, "testsecret"), "+kGCrc0mN/V8oCGAWCcSVElu52c=");
    }
}
