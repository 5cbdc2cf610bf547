//! A line of text on a screen. It shows what others keep out of logs, on purpose: it is the demo.

use std::fmt;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use super::{Notice, Verdict};

/// Writes each notice as one line.
pub struct Console {
    writer: Mutex<Box<dyn Write + Send>>,
}

impl Console {
    /// Lines go to this writer, which should not block for long.
    pub fn new(writer: Box<dyn Write + Send>) -> Self {
        Self { writer: Mutex::new(writer) }
    }

    /// One attempt. Nobody says whether somebody reads it, so it is sent, not delivered.
    pub(super) fn tell(&self, notice: &Notice) -> Verdict {
        // A resident's name must not be able to move the cursor.
        let shown = |text: &str| text.replace(char::is_control, " ");
        let line = match notice.to.as_str() {
            "" => format!("{}\n", shown(&notice.text)),
            to => format!("{}: {}\n", shown(to), shown(&notice.text)),
        };
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        match writer.write_all(line.as_bytes()).and_then(|()| writer.flush()) {
            Ok(()) => Verdict::Sent,
            Err(e) => Verdict::later(format!("cannot write to the console: {e}")),
        }
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").finish_non_exhaustive()
    }
}
