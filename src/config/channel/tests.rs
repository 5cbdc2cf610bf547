//! What is read, and what is said to be wrong.

use super::*;
use crate::form::Sheet;

/// What is read, or what is said to be wrong.
fn read(text: &str) -> Result<ChannelKind, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("key"), " K1\n").unwrap();
    std::fs::write(folder.path().join("empty"), "\n").unwrap();
    std::fs::write(folder.path().join("body"), "{\n  {name}}").unwrap();
    let text = format!("name = \"group\"\n{text}");
    let sheet = Sheet::new("gateway.toml", &text);
    let channel = read_channel(sheet.form(), folder.path(), &[]);
    let wrong: Vec<_> = sheet.problems().iter().map(ToString::to_string).collect();
    match channel.filter(|_| wrong.is_empty()) {
        Some(channel) => Ok(channel.kind),
        None => Err(wrong.join("\n").replace(&folder.path().display().to_string(), "DIR")),
    }
}

#[test]
fn a_robot_is_where_its_service_is_and_its_key_is_in_a_file() {
    let Ok(ChannelKind::Robot(kind, account)) = read("kind = \"wecom-robot\"\nkey_file = \"key\"")
    else {
        panic!("it is right")
    };
    assert_eq!((kind, account.url.reveal()), (robot::Kind::Wecom, "https://qyapi.weixin.qq.com"));
    assert_eq!(account.key.unwrap().reveal(), "K1");
    let own = "kind = \"ntfy\"\nurl = \"http://10.0.0.2:8080\"";
    let Ok(ChannelKind::Robot(_, account)) = read(own) else { panic!("it is right") };
    assert_eq!(account.url.reveal(), "http://10.0.0.2:8080");
}

#[test]
fn what_is_missing_is_said_with_what_it_is_called_there() {
    for (text, wrong) in [
        (
            "kind = \"dingtalk-robot\"",
            "gateway.toml:1:1: `key_file` is missing: it names a file with the `access_token` of the \
             robot's webhook address",
        ),
        ("kind = \"gotify\"\nkey_file = \"key\"", "gateway.toml:1:1: `url` is missing"),
        (
            "kind = \"feishu-robot\"\nkey_file = \"empty\"",
            "gateway.toml:1:1: `key_file`: DIR/empty is empty",
        ),
        (
            "kind = \"bark\"\nurl = \"api.day.app\"",
            "gateway.toml:1:1: `api.day.app` is not an address such as `https://…`",
        ),
        (
            "kind = \"bark\"\nsecret_file = \"key\"",
            "gateway.toml:3:1: there is no key `secret_file` here",
        ),
        (
            "kind = \"whatsapp\"",
            "gateway.toml:2:1: there is no kind `whatsapp`: one of console, mqtt, webhook, wecom-app, wecom-call, wechat, mail, modem, web-push, \
             wecom-robot, \
             dingtalk-robot, feishu-robot, ntfy, bark, gotify, aliyun-sms, aliyun-voice, \
             tencent-sms, tencent-voice",
        ),
        (
            "kind = \"aliyun-sms\"\nkey_id = \"LTAI\"\nkey_file = \"key\"\nsign = \"社区守护\"\n\
             template = \"SMS_1\"\nparams = [\"code={name}\", \"{case}\"]",
            "gateway.toml:7:1: Aliyun wants a name of the template before each, as in `code={case}`\n\
                 gateway.toml:7:1: `code={name}`: there is no place `{name}` here, only {case}, {level}: names, \
                 reasons and addresses are for the pages",
        ),
        (
            "kind = \"wechat\"\napp = \"wx1\"\nkey_file = \"key\"\ntemplate = \"T\"\npage = \"p?id={name}\"",
            "gateway.toml:1:1: `fields` says what stands in each field of the template, as in `thing1={what}`\n\
             gateway.toml:6:14: `page`: there is no place `{name}` here, only {case}: names, reasons and \
             addresses are for the pages",
        ),
        (
            "kind = \"webhook\"\nurl = \"https://a.example\"\nbody = \"body\"\ngood = [\"0\"]",
            "gateway.toml:4:1: `body`: DIR/body:2:3: there is no place `{name}` here, only {case}, {level}, {what}, \
             {since}, {text}, {to}, {delivery}, {urgency}, {rank}, {home}, {at}: names, reasons and addresses are \
             for the pages\n\
             gateway.toml:5:1: `code` says where the verdict stands in the answer, `good` which are a yes: \
             code = \"/code\", good = [\"0\"]",
        ),
        (
            "kind = \"mqtt\"\ntopic = \"z/{to}/set\"\npayload = '{\"on\": }'",
            "gateway.toml:4:12: `payload`: it begins as JSON and is none: expected value at line 1 column 8",
        ),
        (
            "kind = \"mail\"\nserver = \"mx.example\"\nencryption = \"none\"\nfrom = \"me\"\nuser = \"u\"",
            "gateway.toml:1:1: `user` and `password_file` belong together\n\
             gateway.toml:4:1: only a server on this machine is spoken to without encryption\n\
             gateway.toml:5:1: `me` is no mail address: Invalid input",
        ),
        (
            "kind = \"tencent-voice\"\nkey_id = \"AKID\"\ntemplate = \"1\"",
            "gateway.toml:1:1: `app` is missing\n\
             gateway.toml:1:1: `key_file` is missing: it names a file with the secret half of the key",
        ),
    ] {
        assert_eq!(read(text).unwrap_err(), wrong);
    }
}
