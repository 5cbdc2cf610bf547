//! Which browser the stories are told in: `CARELOOP_BROWSER=firefox cargo test --test browser`. What differs from one
//! to another is here, and nowhere else.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::hub::free_port;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Chromium,
    /// Also needs `geckodriver`, which is on no distribution's list: `cargo install geckodriver`.
    Firefox,
    /// Of GTK, which is as near to an iPhone's as Linux gets.
    WebKit,
}

/// Where Debian puts the browser that its driver drives; `CARELOOP_MINIBROWSER` says otherwise.
const MINIBROWSER: &str = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
/// Its tools are wider than a phone.
const NARROW: &str = "* { min-width: 0; border: 0; padding: 0; margin: 0; }\n";

/// Of that screen. Where no one manages windows, the keys go to what the pointer is over, and it is here.
pub const MIDDLE: (u32, u32) = (1024, 768);

/// What drives a browser, and the screen that it is on; both end when dropped.
pub struct Driver {
    pub port: u16,
    child: Child,
    screen: Option<Child>,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Ends the browser with it.
        drop(Command::new("pkill").args(["-P", &self.child.id().to_string()]).status());
        for child in std::iter::once(&mut self.child).chain(&mut self.screen) {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

impl Kind {
    pub fn wanted() -> Self {
        match std::env::var("CARELOOP_BROWSER").as_deref() {
            Err(_) | Ok("" | "chromium") => Self::Chromium,
            Ok("firefox") => Self::Firefox,
            Ok("webkit") => Self::WebKit,
            Ok(other) => panic!(
                "CARELOOP_BROWSER is `{other}`, which is none of chromium, firefox and webkit"
            ),
        }
    }

    /// Whether a story has to be left out, for only these can do what it needs; says so, also where nobody listens to
    /// a test that passes.
    pub fn leaves_out(self, can: &[Self], what: &str) -> bool {
        let cannot = !can.contains(&self);
        if cannot {
            drop(writeln!(std::io::stderr(), "left out: {self:?} has no {what}"));
        }
        cannot
    }

    const fn needs(self) -> &'static str {
        match self {
            Self::Chromium => "chromium and chromedriver (tests/run installs them)",
            Self::Firefox => "`apt install firefox-esr` and `cargo install geckodriver`",
            Self::WebKit => "`apt install webkit2gtk-driver xvfb`",
        }
    }

    /// A driver, by its own port; what it writes goes into this folder.
    pub fn drive(self, folder: &Path) -> Driver {
        let port = free_port().to_string();
        let (mut command, says, screen) = match self {
            Self::Chromium => {
                let mut command = Command::new("chromedriver");
                command.arg("--port=0");
                (command, "started successfully on port ", None)
            }
            Self::Firefox => {
                let mut command = Command::new("geckodriver");
                command.args(["--port=0", "--allow-system-access", "--profile-root"]).arg(folder);
                (command, "Listening on 127.0.0.1:", None)
            }
            Self::WebKit => {
                let (screen, display) = self.screen();
                let gtk = folder.join("gtk-3.0");
                std::fs::create_dir(&gtk).expect("a folder can be made");
                std::fs::write(gtk.join("gtk.css"), NARROW).expect("there is room");
                // It does not say when it listens: the shell says the port, and whoever asks has patience.
                let mut command = Command::new("sh");
                command.args(["-c", "echo port $0; exec WebKitWebDriver --port=$0", &port]);
                command.env("DISPLAY", display).env("XDG_CONFIG_HOME", folder);
                // What it keeps goes with the test, and its cage is of no use to what comes from ourselves.
                command.env("XDG_DATA_HOME", folder).env("XDG_CACHE_HOME", folder);
                command.env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1");
                (command, "port ", Some(screen))
            }
        };
        let mut child = self.start(command.stderr(Stdio::null()));
        let mut lines = said(&mut child);
        let port = lines.find_map(|line| {
            let (_, port) = line.split_once(says)?;
            port.trim_end_matches('.').parse().ok()
        });
        let Some(port) = port else { panic!("{self:?} needs {}", self.needs()) };
        std::thread::spawn(move || lines.for_each(drop));
        Driver { port, child, screen }
    }

    /// A screen that nobody sees, and its name.
    fn screen(self) -> (Child, String) {
        let mut command = Command::new("Xvfb");
        let size = format!("{}x{}x24", 2 * MIDDLE.0, 2 * MIDDLE.1);
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", &size]);
        let mut screen = self.start(command.stderr(Stdio::null()));
        let display = said(&mut screen).next().expect("the screen says its number");
        (screen, format!(":{display}"))
    }

    fn start(self, command: &mut Command) -> Child {
        let child = command.stdout(Stdio::piped()).spawn();
        child.unwrap_or_else(|error| {
            panic!("{:?}: {error}; {self:?} needs {}", command.get_program(), self.needs())
        })
    }

    /// What a driver is asked for: a browser that is its own, behind this proxy.
    pub fn session(self, folder: &Path, proxy: &str) -> Value {
        let mut proxy = json!({ "proxyType": "manual", "httpProxy": proxy });
        let (key, own) = match self {
            Self::Chromium => {
                let profile = format!("--user-data-dir={}", folder.display());
                let arguments = [
                    "--headless=new",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--disable-dev-shm-usage",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--window-size=360,640",
                    &profile,
                ];
                // Loopback too.
                let known = proxy.as_object_mut().expect("it was made above");
                known.insert("noProxy".to_owned(), json!(["<-loopback>"]));
                ("goog:chromeOptions", json!({ "args": arguments }))
            }
            Self::Firefox => {
                let loopback_too = json!({ "network.proxy.allow_hijacking_localhost": true });
                ("moz:firefoxOptions", json!({ "args": ["-headless"], "prefs": loopback_too }))
            }
            Self::WebKit => {
                let binary = std::env::var("CARELOOP_MINIBROWSER");
                let binary = binary.unwrap_or_else(|_| MINIBROWSER.to_owned());
                let own = json!({ "binary": binary, "args": ["--automation"] });
                ("webkitgtk:browserOptions", own)
            }
        };
        json!({ "capabilities": { "alwaysMatch": { "proxy": proxy, (key): own } } })
    }
}

/// What a program says, line by line.
fn said(child: &mut Child) -> impl Iterator<Item = String> + Send + use<> {
    let out = child.stdout.take().expect("it has an output");
    BufReader::new(out).lines().map_while(Result::ok)
}
