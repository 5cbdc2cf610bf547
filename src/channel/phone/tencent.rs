//! Tencent: JSON, signed by a key that holds for one day and one service (TC3-HMAC-SHA256).

use data_encoding::HEXLOWER;
use ring::{digest, hmac};
use serde_json::{Value, json};

use super::{Account, Kind, Post};
use crate::channel::Notice;
use crate::channel::http::below;
use crate::domain::Time;

/// The type of the body, as it is signed.
const JSON: &str = "application/json; charset=utf-8";

pub(super) fn post(kind: Kind, account: &Account, notice: &Notice) -> Post {
    let number = match notice.to.starts_with('+') {
        true => notice.to.clone(),
        false => format!("+86{}", notice.to),
    };
    let params: Vec<String> = account.params(notice).map(|(_, text)| text).collect();
    let session = notice.delivery.to_string();
    let (service, version, action, body) = if kind.calls() {
        let body = json!({
            "TemplateId": account.template, "CalledNumber": number, "VoiceSdkAppid": account.app,
            "TemplateParamSet": params, "PlayTimes": 3, "SessionContext": session,
        });
        ("vms", "2020-09-02", "SendTtsVoice", body)
    } else {
        let body = json!({
            "PhoneNumberSet": [number], "SmsSdkAppId": account.app, "TemplateId": account.template,
            "SignName": account.sign, "TemplateParamSet": params, "SessionContext": session,
        });
        ("sms", "2021-01-11", "SendSms", body)
    };
    let url = account.url.reveal();
    let host = url.split_once("://").map_or(url, |(_, host)| host);
    let host = host.split_once('/').map_or(host, |(host, _)| host);
    let body = body.to_string();
    let signed = authorization(account, service, host, notice.at, &body);
    Post { url: below(&account.url, "/"), headers: Vec::new(), body: body.into_bytes() }
        .with("content-type", JSON.to_owned())
        .with("authorization", signed)
        .with("x-tc-action", action.to_owned())
        .with("x-tc-version", version.to_owned())
        .with("x-tc-region", "ap-guangzhou".to_owned())
        .with("x-tc-timestamp", notice.at.0.div_euclid(1000).to_string())
}

fn authorization(account: &Account, service: &str, host: &str, at: Time, body: &str) -> String {
    let names = "content-type;host";
    let request =
        format!("POST\n/\n\ncontent-type:{JSON}\nhost:{host}\n\n{names}\n{}", sha256(body));
    let date = at.timestamp().strftime("%Y-%m-%d").to_string();
    let scope = format!("{date}/{service}/tc3_request");
    let seconds = at.0.div_euclid(1000);
    let text = format!("TC3-HMAC-SHA256\n{seconds}\n{scope}\n{}", sha256(&request));
    let start = format!("TC3{}", account.key.reveal()).into_bytes();
    let steps = [date.as_str(), service, "tc3_request", &text];
    let sign = steps.iter().fold(start, |key, step| mac(&key, step));
    let (id, sign) = (&account.key_id, HEXLOWER.encode(&sign));
    format!("TC3-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={sign}")
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

fn sha256(text: &str) -> String {
    HEXLOWER.encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

/// Of the whole, or else of the one number.
pub(super) fn code(said: &Value) -> Option<&str> {
    let response = said.get("Response")?;
    if let Some(error) = response.get("Error") {
        return error.get("Code")?.as_str();
    }
    if let Some(number) = response.get("SendStatusSet").and_then(|all| all.get(0)) {
        return number.get("Code")?.as_str();
    }
    // A call has only that it was taken.
    response.get("SendStatus")?.get("CallId").map(|_| "Ok")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of `china.md` §5.9, made by another implementation.
    #[test]
    fn it_signs_as_the_service_does() {
        let account = Account {
            url: String::new().into(),
            key_id: "AKIDtest".to_owned(),
            key: "testsecret".to_owned().into(),
            app: String::new(),
            sign: String::new(),
            show: String::new(),
            template: String::new(),
            params: Vec::new(),
        };
        let body = concat!(
            r#"{"PhoneNumberSet":["+8613800000000"],"SmsSdkAppId":"1400000000","TemplateId":"1","#,
            r#""SignName":"社区守护","TemplateParamSet":["A1"],"SessionContext":"ob-1"}"#
        );
        let at = Time(1_700_000_000_000);
        let signed = authorization(&account, "sms", "sms.tencentcloudapi.com", at, body);
        assert_eq!(
            signed,
            "TC3-HMAC-SHA256 Credential=AKIDtest/2023-11-14/sms/tc3_request, \
             SignedHeaders=content-type;host, \
             Signature=e20f68b8b1574fe165d2f45372462fec2d314495d0012a21fba87a0b990dba83"
        );
    }
}
