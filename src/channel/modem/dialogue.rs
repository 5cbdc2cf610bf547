//! The dialogue with a modem: a command, its answer, and what the modem says by itself in between.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_serial::SerialStream;

/// An answer that a modem gives from its own memory.
const SOON: Duration = Duration::from_secs(5);
/// How long the network may take to take a message.
const SEND_WITHIN: Duration = Duration::from_secs(30);
/// A line is no longer; what is, is noise.
const LINE_MAX: usize = 1024;
/// How much of what it says by itself waits to be looked at.
const ASIDE_MAX: usize = 64;

/// What a modem says by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// A message came in and lies at this place.
    Stored(u32),
    /// What became of a message: a report in PDU mode.
    Report(String),
}

/// A command that was not carried out.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The port is gone, or nobody answers.
    #[error("{0}")]
    Line(String),
    /// The modem, or the network, says no: a code of 3GPP TS 27.005, if it gave one.
    #[error("{said}")]
    Refused {
        /// Of `+CMS ERROR`.
        code: Option<u32>,
        /// In its words.
        said: String,
    },
    /// It was sent, and nothing was said to it.
    #[error("the modem does not say whether it was sent")]
    Untold,
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Line(format!("the modem is gone: {error}"))
    }
}

/// The line to a modem.
pub(super) struct Dialogue {
    stream: SerialStream,
    read: Vec<u8>,
    aside: VecDeque<Said>,
    /// The next line is the report that was announced.
    report_follows: bool,
}

impl Dialogue {
    pub(super) fn new(stream: SerialStream) -> Self {
        Self { stream, read: Vec::new(), aside: VecDeque::new(), report_follows: false }
    }

    /// One command and what it answers, without the `OK`.
    pub(super) async fn ask(&mut self, command: &str) -> Result<Vec<String>, Trouble> {
        self.stream.write_all(format!("{command}\r").as_bytes()).await?;
        let silent = || Trouble::Line(format!("the modem does not answer {}", name(command)));
        timeout(SOON, self.answer()).await.map_err(|_elapsed| silent())?
    }

    /// One message: a command, the modem's `>`, the text, and the network's answer.
    pub(super) async fn send(&mut self, octets: usize, hex: &str) -> Result<u8, Trouble> {
        self.stream.write_all(format!("AT+CMGS={octets}\r").as_bytes()).await?;
        let silent = |_elapsed| Trouble::Line("the modem does not ask for the message".to_owned());
        timeout(SOON, self.prompt()).await.map_err(silent)??;
        self.stream.write_all(format!("{hex}\x1A").as_bytes()).await?;
        // **Invariant:** from here on, whatever is no clear no may have gone out (P9).
        // Test: `what_the_modem_does_not_say_may_have_gone_out`.
        let answer = match timeout(SEND_WITHIN, self.answer()).await {
            Ok(Err(Trouble::Line(_) | Trouble::Untold)) | Err(_) => return Err(Trouble::Untold),
            Ok(answer) => answer?,
        };
        let reference = answer.iter().find_map(|line| line.strip_prefix("+CMGS:"));
        reference.and_then(|reference| reference.trim().parse().ok()).ok_or(Trouble::Untold)
    }

    /// What it says by itself; waits for it.
    pub(super) async fn hear(&mut self) -> Result<Said, Trouble> {
        loop {
            if let Some(said) = self.aside.pop_front() {
                return Ok(said);
            }
            // What is no word of its own belongs to an answer nobody waits for any more.
            drop(self.line().await?);
        }
    }

    async fn answer(&mut self) -> Result<Vec<String>, Trouble> {
        let mut all = Vec::new();
        loop {
            let Some(line) = self.line().await? else { continue };
            let code = line.strip_prefix("+CMS ERROR:").map(|code| code.trim().parse().ok());
            match (line.as_str(), code) {
                ("OK", _) => return Ok(all),
                (_, Some(code)) => return Err(Trouble::Refused { code, said: line }),
                (said, None) if said == "ERROR" || said.starts_with("+CME ERROR:") => {
                    return Err(Trouble::Refused { code: None, said: line });
                }
                (_, None) => all.push(line),
            }
        }
    }

    async fn prompt(&mut self) -> Result<(), Trouble> {
        loop {
            let begins = self.read.iter().position(|b| !b.is_ascii_whitespace());
            if let Some(at) = begins
                && self.read.get(at) == Some(&b'>')
            {
                self.read.drain(..=at);
                return Ok(());
            }
            if self.read.contains(&b'\n') {
                if let Some(line) = self.take_line()
                    && line.contains("ERROR")
                {
                    let code = line.strip_prefix("+CMS ERROR:").and_then(|c| c.trim().parse().ok());
                    return Err(Trouble::Refused { code, said: line });
                }
                continue;
            }
            self.more().await?;
        }
    }

    /// The next line that belongs to an answer; `None` for one that the modem says by itself.
    async fn line(&mut self) -> Result<Option<String>, Trouble> {
        while !self.read.contains(&b'\n') {
            self.more().await?;
        }
        Ok(self.take_line())
    }

    async fn more(&mut self) -> Result<(), Trouble> {
        if LINE_MAX < self.read.len() {
            self.read.clear();
        }
        match self.stream.read_buf(&mut self.read).await? {
            0 => Err(Trouble::Line("the modem is gone".to_owned())),
            _ => Ok(()),
        }
    }

    fn take_line(&mut self) -> Option<String> {
        let end = self.read.iter().position(|b| *b == b'\n')?;
        let line: Vec<u8> = self.read.drain(..=end).collect();
        let line = String::from_utf8_lossy(&line).trim().to_owned();
        if line.is_empty() {
            return None;
        }
        if std::mem::take(&mut self.report_follows) {
            self.put_aside(Said::Report(line));
            return None;
        }
        if line.starts_with("+CDS:") {
            self.report_follows = true;
            return None;
        }
        if let Some(place) = line.strip_prefix("+CMTI:") {
            let place = place.rsplit(',').next().and_then(|place| place.trim().parse().ok());
            place.into_iter().for_each(|place| self.put_aside(Said::Stored(place)));
            return None;
        }
        Some(line)
    }

    fn put_aside(&mut self, said: Said) {
        if ASIDE_MAX <= self.aside.len() {
            self.aside.pop_front();
        }
        self.aside.push_back(said);
    }
}

/// A command without what follows it: a PIN is nobody's business.
fn name(command: &str) -> &str {
    command.split(['=', '?']).next().unwrap_or(command)
}
