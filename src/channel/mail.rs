//! E-mail, through somebody's SMTP server: for digests and for those who read it at a desk. Nobody is woken by
//! it.

use std::str::FromStr;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::http::{WITHIN, escaped};
use super::{Notice, Verdict, in_short};
use crate::secret::Secret;

/// How the line is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// From the first byte; port 465.
    Tls,
    /// After a word; port 587. A server that does not know the word is refused.
    StartTls,
    /// Not at all: for a server on the same machine.
    None,
}

impl Encryption {
    /// The port that it usually has.
    pub const fn port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::StartTls => 587,
            Self::None => 25,
        }
    }
}

impl FromStr for Encryption {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "tls" => Ok(Self::Tls),
            "starttls" => Ok(Self::StartTls),
            "none" => Ok(Self::None),
            _ => Err("one of tls, starttls, none is wanted"),
        }
    }
}

/// A mailbox to send from.
#[derive(Debug, Clone)]
pub struct Account {
    /// The server's name, as its certificate says it.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the line is encrypted.
    pub encryption: Encryption,
    /// Who logs in, if anybody has to, and with what.
    pub login: Option<(String, Secret)>,
    /// Whom it is from: `careloop <care@example.org>`.
    pub from: Mailbox,
}

/// A mailbox that cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the encryption of the mail server's line")]
pub struct MailError(#[source] Error);

/// Sends each notice as a mail.
#[derive(Debug)]
pub struct Mail {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mail {
    /// Prepares; connects to nothing.
    ///
    /// # Errors
    /// When the server's name can be no name in a certificate.
    pub fn new(account: Account) -> Result<Self, MailError> {
        let Account { server, port, encryption, login, from } = account;
        let parameters = || TlsParameters::new(server.clone()).map_err(MailError);
        let tls = match encryption {
            Encryption::Tls => Tls::Wrapper(parameters()?),
            Encryption::StartTls => Tls::Required(parameters()?),
            Encryption::None => Tls::None,
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server);
        let mut builder = builder.port(port).tls(tls).timeout(Some(WITHIN));
        if let Some((user, password)) = login {
            builder = builder.credentials(Credentials::new(user, password.reveal().to_owned()));
        }
        Ok(Self { server: builder.build(), from })
    }

    /// One attempt.
    pub(super) async fn tell(&self, notice: &Notice) -> Verdict {
        let to = match notice.to.parse::<Mailbox>() {
            Ok(to) => to,
            Err(e) => return Verdict::never(format!("`to` is no mail address: {e}")),
        };
        let message = Message::builder()
            // The same over all attempts: a mailbox that has it does not show it twice.
            .message_id(Some(format!("<{}@careloop>", escaped(&notice.delivery.to_string()))))
            .from(self.from.clone())
            .to(to)
            .subject(notice.heading())
            .header(ContentType::TEXT_PLAIN)
            .body(notice.text_and_link(usize::MAX));
        let message = match message {
            Ok(message) => message,
            Err(e) => return Verdict::never(format!("the mail cannot be made: {e}")),
        };
        let sending = self.server.send(message);
        match tokio::time::timeout(WITHIN + Duration::from_secs(2), sending).await {
            Ok(Ok(_)) => Verdict::Sent,
            Ok(Err(e)) => judge(&e),
            Err(_elapsed) => Verdict::Unknown { why: "no answer in time".to_owned() },
        }
    }
}

fn judge(error: &Error) -> Verdict {
    let why = in_short(&crate::tls::in_full(error));
    if error.is_permanent() || error.is_client() {
        Verdict::never(why)
    } else if error.is_timeout() || error.is_response() {
        // What it would have said may have been a yes.
        Verdict::Unknown { why }
    } else {
        Verdict::later(why)
    }
}
