//! Nothing that is said of a failure holds a key, a token, a signature or a number: not at the most verbose, and
//! not where the far side repeats all that it was asked.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::house::{House, Texts, until};
use crate::programs::{PRESSED, publish};

/// Keys as services give them.
const KEYS: &[(&str, &str)] = &[
    ("wecom", "693a91f6-7aoc-4bc4-97a0-0ec2sifa5aaa"),
    ("dingtalk", "4a8f27d6e12c4b11b7a1f0f7e5a3c2d1"),
    ("dingtalk-sign", "SEC5f0c2b1a9d8e7f6a5b4c3d2e1f0a9b8c"),
    ("feishu", "0b7f8e6d-5c4b-4a39-8281-7f6e5d4c3b2a"),
    ("feishu-sign", "Xq3mB7vR9tK2nW5yZ8pL"),
    ("ntfy", "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"),
    ("gotify", "AKIx9fYhT2m7c_Q"),
    ("aliyun", "k3yQ9vXb2LmN8pRt4sWz6uHj1cFg7D"),
    ("tencent", "Gu5t9xGARNpq86cd98joQYCN3Cozk1qA"),
    ("corp", "8fKz2Qp7RtY4vB9nM3xW6cLs1dHj5gTa"),
    ("wechat", "f1e2d3c4b5a697887766554433221100"),
    ("mail", "Passw0rd-of-the-mailbox"),
    ("platform", "7hR2kLq9Zx4Vb8Nm1Ws6"),
    ("bearer", "eyJ0b2tlbiI6IjEyMzQ1Njc4OTAifQ"),
];
const PHONE: &str = "13812345678";
const OPENID: &str = "oGZUI0egBJY1zhBYw2KhdUfwVJJE";
const TOKEN: &str = "9aK_3xQmT7vB2nLpR5wYcZ8dHs1jGf4u";
const ENDPOINT: &str = "/wpush/v2/gAAAAABkq3x9Yt7Zc2VbN5mQ";

/// Refuses everything, with all that it was asked; now the head, now the body. Gives tokens.
async fn refuse(mut line: TcpStream, asked: Arc<Mutex<Vec<String>>>) {
    let mut read = Vec::new();
    let request = loop {
        if line.read_buf(&mut read).await.unwrap_or(0) == 0 {
            return;
        }
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|l| l.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.parse().unwrap());
        if head.len() + 4 + length <= read.len() {
            break text;
        }
    };
    let nth = {
        let mut asked = asked.lock().unwrap();
        asked.push(request.clone());
        asked.len()
    };
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let repeated = if nth % 2 == 0 { head } else { body };
    let gives = head.contains("/gettoken?") || head.contains("/stable_token ");
    let said = if gives {
        serde_json::json!({ "errcode": 0, "access_token": TOKEN, "expires_in": 7200 })
    } else {
        let code = "isv.MOBILE_NUMBER_ILLEGAL";
        serde_json::json!({
            "Code": code, "Message": repeated, "errcode": 40058, "code": 40058, "errmsg": repeated,
            "Response": { "Error": { "Code": "AuthFailure.SignatureFailure", "Message": repeated } },
        })
    };
    let said = said.to_string();
    // A push service says it in the status, all others in the body.
    let status = if head.contains(ENDPOINT) { "410 Gone" } else { "200 OK" };
    let said = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{said}", said.len());
    drop(line.write_all(said.as_bytes()).await);
}

/// A mail server that repeats the password it refuses.
async fn refuse_mail(line: TcpStream) {
    let mut line = BufReader::new(line);
    drop(line.get_mut().write_all(b"220 mail.example ESMTP\r\n").await);
    let mut command = String::new();
    while line.read_line(&mut command).await.unwrap_or(0) != 0 {
        let said = match command.trim_end() {
            hello if hello.starts_with("EHLO") => "250-mail.example\r\n250 AUTH PLAIN".to_owned(),
            other => format!("535 5.7.8 refused: {other}"),
        };
        drop(line.get_mut().write_all(format!("{said}\r\n").as_bytes()).await);
        command.clear();
    }
}

fn channels(web: &str, mail: u16) -> String {
    let phone = |kind: &str, key: &str, more: &str| {
        format!(
            "kind = \"{kind}\"\nkey_id = \"AKID\"\nkey_file = \"{key}\"\ntemplate = \"T\"\n{more}"
        )
    };
    let all = [
        "kind = \"wecom-robot\"\nkey_file = \"wecom\"".to_owned(),
        "kind = \"dingtalk-robot\"\nkey_file = \"dingtalk\"\nsecret_file = \"dingtalk-sign\"".to_owned(),
        "kind = \"feishu-robot\"\nkey_file = \"feishu\"\nsecret_file = \"feishu-sign\"".to_owned(),
        "kind = \"ntfy\"\nkey_file = \"ntfy\"".to_owned(),
        "kind = \"bark\"".to_owned(),
        "kind = \"gotify\"\nkey_file = \"gotify\"".to_owned(),
        phone("aliyun-sms", "aliyun", "sign = \"社区守护\"\nparams = [\"code={case}\"]"),
        phone("aliyun-voice", "aliyun", ""),
        phone("tencent-sms", "tencent", "sign = \"社区守护\"\napp = \"1400000000\""),
        phone("tencent-voice", "tencent", "app = \"1400000000\""),
        "kind = \"wecom-app\"\ncorp = \"ww1\"\nagent = 1\nkey_file = \"corp\"".to_owned(),
        "kind = \"wecom-call\"\ncorp = \"ww1\"\nkey_file = \"corp\"".to_owned(),
        "kind = \"wechat\"\napp = \"wx1\"\nkey_file = \"wechat\"\ntemplate = \"T\"\nfields = [\"thing1={what}\"]"
            .to_owned(),
        "kind = \"webhook\"\nsecret_file = \"platform\"\ntoken_file = \"bearer\"".to_owned(),
    ];
    let mut text = String::new();
    for (nth, channel) in all.iter().enumerate() {
        text += &format!("\n[[channel]]\nname = \"c{nth}\"\n{channel}\nurl = \"{web}\"\n");
    }
    text += &format!(
        "\n[[channel]]\nname = \"mail\"\nkind = \"mail\"\nserver = \"127.0.0.1\"\nport = {mail}\n\
         encryption = \"none\"\nuser = \"care\"\npassword_file = \"mail\"\nfrom = \"care@example.org\"\n"
    );
    text +=
        "\n[[channel]]\nname = \"modem\"\nkind = \"modem\"\nport = \"/dev/careloop/no-modem\"\n";
    text += "\n[[channel]]\nname = \"push\"\nkind = \"web-push\"\nkey_file = \"push\"\ncontact = \"mailto:a@b.c\"\n";
    text
}

/// Everybody is reached by everything but the screen, which shows what others keep back.
fn contacts(texts: &mut Texts, web: &str) {
    let keys = r#""keys":{"p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4","auth":"BTBZMqHH6r4Tts7J_aSIgg"}"#;
    let push =
        format!("{{ channel = \"push\", to = '{{\"endpoint\":\"{web}{ENDPOINT}\",{keys}}}' }}");
    let mut all = vec![push, format!("{{ channel = \"modem\", to = \"{PHONE}\" }}")];
    all.push("{ channel = \"mail\", to = \"zhangsan@example.org\" }".to_owned());
    for nth in 0..14 {
        let to = if nth == 12 { OPENID } else { PHONE };
        all.push(format!("{{ channel = \"c{nth}\", to = \"{to}\" }}"));
    }
    let all = format!("contacts = [{}]", all.join(", "));
    texts.swap("register.toml", "contacts = [{ channel = \"screen\" }]", &all);
}

#[tokio::test]
async fn no_secret_is_in_the_log_of_a_run_in_which_every_channel_fails() {
    let web = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mail = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", web.local_addr().unwrap());
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let (all, mut world) = (Arc::clone(&asked), JoinSet::new());
    let port = mail.local_addr().unwrap().port();
    world.spawn(async move {
        let mut lines = JoinSet::new();
        loop {
            tokio::select! {
                line = web.accept() => drop(lines.spawn(refuse(line.unwrap().0, Arc::clone(&all)))),
                line = mail.accept() => drop(lines.spawn(refuse_mail(line.unwrap().0))),
            }
        }
    });
    let key = std::process::Command::new("openssl")
        .args(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .output()
        .unwrap();
    let pem = String::from_utf8(key.stdout).unwrap();
    let house = House::with(|texts| {
        texts.hurry();
        texts.add("gateway.toml", &channels(&url, port));
        for (file, key) in KEYS {
            texts.put(file, (*key).to_owned());
        }
        texts.put("push", pem.clone());
        contacts(texts, &url);
    });
    let daemon = house.start_with(&[("CARELOOP_LOG", "trace")]).await;
    publish(daemon.mqtt, "zigbee2mqtt/help-button", PRESSED, &[]).await;
    let names: Vec<String> = (0..14).map(|nth| format!("c{nth}")).collect();
    let every = names.iter().map(String::as_str).chain(["mail", "modem", "push"]);
    for name in every {
        // Twice: one far side repeats the head, the other the body.
        let failed = format!("channel={name} verdict=");
        until(name, || (2 <= daemon.said().matches(&failed).count()).then_some(())).await;
    }
    let record: Vec<String> =
        house.incidents().iter().flat_map(|shown| house.lines(&shown.id)).collect();
    let (_, said) = daemon.end("-TERM").await;
    let all = said + &record.join("\n");
    assert!(
        all.contains("40058") && all.contains("MOBILE_NUMBER_ILLEGAL"),
        "codes are said: {all}"
    );
    let signed = asked.lock().unwrap().join("\n");
    let mut secrets: Vec<&str> = KEYS.iter().map(|(_, key)| *key).collect();
    secrets.extend([PHONE, OPENID, TOKEN, ENDPOINT, "zhangsan", "AGNhcmUAUGFzc3cwcmQtb2Y"]);
    secrets.extend(pem.lines().filter(|line| !line.starts_with("---")));
    // Signatures, as they went out.
    for before in ["sign=", "\"sign\":\"", "Signature=", "careloop-signature: v1=", "vapid t="] {
        let of = signed.split(before).skip(1);
        let found: Vec<&str> =
            of.map(|rest| rest.split(['"', '&', ' ', '\r', ',']).next().unwrap()).collect();
        assert!(!found.is_empty(), "{before} was sent");
        secrets.extend(found);
    }
    for secret in secrets {
        assert!(8 <= secret.len(), "{secret}");
        let line = all.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
