//! E-mail, against a server that speaks SMTP line by line.

use careloop::channel::mail::{Account, Encryption};
use careloop::channel::{Channel, Mail, Notice, Verdict};
use careloop::domain::Time;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::far_side::soon;

/// One mail to a server that answers each command by this, and what it was told.
async fn tell(to: &str, answer: impl Fn(&str) -> Option<&'static str>) -> (Verdict, Vec<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let account = Account {
        server: "127.0.0.1".to_owned(),
        port: listener.local_addr().unwrap().port(),
        encryption: Encryption::None,
        login: None,
        from: "careloop <care@example.org>".parse().unwrap(),
    };
    let channel = Channel::Mail(Mail::new(account).unwrap());
    let notice = Notice {
        to: to.to_owned(),
        body: json!({ "level": "info", "heading": "提示 h1-7" }),
        text: "提示汇总，编号 h1-7".to_owned(),
        at: Time(1_700_000_000_000),
        delivery: "h1-7/3".parse().unwrap(),
    };
    let server = async {
        let (line, _) = listener.accept().await.unwrap();
        let mut line = BufReader::new(line);
        let mut told = Vec::new();
        let mut says = Some("220 mail.example ESMTP");
        let mut in_text = false;
        while let Some(answer_now) = says {
            if !answer_now.is_empty() {
                line.get_mut().write_all(format!("{answer_now}\r\n").as_bytes()).await.unwrap();
            }
            let mut command = String::new();
            if line.read_line(&mut command).await.unwrap() == 0 {
                break;
            }
            let command = command.trim_end().to_owned();
            says = match (in_text, command.as_str()) {
                (true, ".") => answer("."),
                (true, _) => Some(""),
                (false, command) => answer(command),
            };
            let begins = says.is_some_and(|says| says.starts_with("354"));
            in_text = begins || in_text && command != ".";
            told.push(command);
        }
        told
    };
    let (verdict, told) = tokio::join!(
        async {
            let verdict = soon(channel.tell(&notice)).await;
            drop(channel);
            verdict
        },
        server
    );
    (verdict, told)
}

fn willing(command: &str) -> Option<&'static str> {
    Some(match command.split([' ', ':']).next().unwrap() {
        "EHLO" => "250 mail.example",
        "DATA" => "354 go on",
        "QUIT" => "221 bye",
        _ => "250 ok",
    })
}

#[tokio::test]
async fn a_mail_says_how_urgent_and_which_case_and_no_more_in_its_subject() {
    let (verdict, told) = tell("li@example.org", willing).await;
    assert_eq!(verdict, Verdict::Sent);
    assert!(told.contains(&"MAIL FROM:<care@example.org>".to_owned()), "{told:#?}");
    assert!(told.contains(&"RCPT TO:<li@example.org>".to_owned()), "{told:#?}");
    assert!(told.contains(&"Message-ID: <h1-7%2F3@careloop>".to_owned()), "{told:#?}");
    assert!(told.iter().any(|line| line.starts_with("Subject: =?utf-8?b?")), "{told:#?}");
}

#[tokio::test]
async fn a_server_that_refuses_is_believed() {
    for (refuses, says, last) in [
        ("RCPT", "550 no such person", true),
        ("MAIL", "451 try again later", false),
        ("DATA", "554 no", true),
        (".", "452 full", false),
    ] {
        let (verdict, _) = tell("li@example.org", |command| {
            if command.starts_with(refuses) { Some(says) } else { willing(command) }
        })
        .await;
        let Verdict::Failed { why, last: is, .. } = verdict else { panic!("{says}: {verdict:?}") };
        assert_eq!(is, last, "{says}: {why}");
    }
}

#[tokio::test]
async fn who_hangs_up_after_the_text_may_have_it() {
    let hangs_up = |command: &str| if command == "." { None } else { willing(command) };
    let (verdict, _) = tell("li@example.org", hangs_up).await;
    assert!(matches!(verdict, Verdict::Unknown { .. }), "{verdict:?}");
}
