//! The two servers, started the same way: child processes on loopback, each on a port of its own.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::load::SAID;

/// A running server and its folder.
pub struct Server {
    pub port: u16,
    pub started_in: Duration,
    child: Child,
    folder: TempDir,
}

impl Server {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it without a word, as a power cut does, and hands back its folder.
    pub fn kill(mut self) -> TempDir {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
        let empty = folder();
        std::mem::replace(&mut self.folder, empty)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A folder on the disk that the programs are built on, not in memory.
pub fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder")
}

/// Where Debian puts mosquitto is not on everybody's path.
pub fn find_mosquitto() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join("mosquitto")).find(|file| file.is_file())
}

/// Mosquitto in memory: nothing is written, not even a log.
pub fn mosquitto(program: &Path) -> Server {
    let (folder, port) = (folder(), free_port());
    let config = format!(
        "listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest none\nset_tcp_nodelay true\n"
    );
    let file = folder.path().join("mosquitto.conf");
    std::fs::write(&file, config).expect("a file");
    let begun = Instant::now();
    let child = Command::new(program)
        .arg("-c")
        .arg(file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("mosquitto starts");
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(10), "mosquitto listens");
        std::thread::sleep(Duration::from_millis(5));
    }
    Server { port, started_in: begun.elapsed(), child, folder }
}

/// Careloop with the shipped rules, so many homes, and what they said before if the folder has it.
pub fn careloop(folder: TempDir, homes: usize) -> Server {
    let port = configure(folder.path(), homes);
    start(folder, port)
}

/// Careloop as this folder sets it up, which listens on this port.
pub fn start(folder: TempDir, port: u16) -> Server {
    let notify = folder.path().join("notify");
    drop(std::fs::remove_file(&notify));
    let socket = UnixDatagram::bind(&notify).expect("a socket");
    socket.set_read_timeout(Some(Duration::from_millis(100))).expect("a socket");
    let log = std::fs::File::create(folder.path().join("log")).expect("a file");
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_careloop"))
        .arg("run")
        .arg("--config")
        .arg(folder.path())
        .env("NOTIFY_SOCKET", &notify)
        .env_remove("CARELOOP_LOG")
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("careloop starts");
    // It tells systemd when it is ready; here we are systemd.
    let mut message = [0; 256];
    let ready = loop {
        match socket.recv(&mut message) {
            Ok(n) => break message[..n].starts_with(b"READY=1"),
            Err(_) if matches!(child.try_wait(), Ok(None)) => {}
            Err(_) => break false,
        }
    };
    let started_in = begun.elapsed();
    if !ready {
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
        panic!("careloop did not get ready: {log}");
    }
    Server { port, started_in, child, folder }
}

/// Where a folder of [`careloop`] has its data.
pub fn database(folder: &Path) -> PathBuf {
    folder.join("data/careloop.db")
}

/// Writes the four files. Returns the port.
pub fn configure(folder: &Path, homes: usize) -> u16 {
    let port = free_port();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    for file in ["rules.toml", "plans.toml"] {
        std::fs::copy(shipped.join(file), folder.join(file)).expect("the shipped file");
    }
    let gateway = format!(
        "[store]\npath = \"{}\"\nkeep_observations = \"30d\"\nkeep_incidents = \"1095d\"\n\n[mqtt]\nlisten = \"127.0.0.1:{port}\"\n\
         anonymous = true\nmax_rate = 1000000\n\n\
         [limits]\ndevice_rate = 100000\ndevice_burst = 100000\n\n[http]\nlisten = \"127.0.0.1:0\"\n\n\
         [[channel]]\nname = \"radio\"\nkind = \"mqtt\"\ntopic = \"careloop/tell/{{to}}\"\n",
        database(folder).display()
    );
    std::fs::write(folder.join("gateway.toml"), gateway).expect("a file");
    std::fs::write(folder.join("register.toml"), register(homes)).expect("a file");
    port
}

fn register(homes: usize) -> String {
    let mut text = String::from(
        "[[responder]]\nid = \"wang\"\nname = \"Wang\"\nrole = \"family\"\n\
         contacts = [{ channel = \"radio\", to = \"wang\" }]\n",
    );
    for home in 0..homes {
        write!(
            text,
            "\n[[home]]\nid = \"h{home}\"\nname = \"{home}\"\nzone = \"Asia/Shanghai\"\nresponders = [\"wang\"]\n"
        )
        .expect("a text");
        let button = ("button", "zigbee2mqtt/heiman-HS1EB", "");
        for (device, profile, _) in SAID.iter().chain([&button]) {
            write!(text, "[[home.device]]\nid = \"{device}\"\nprofile = \"{profile}\"\nmqtt = \"h{home}/{device}\"\n")
                .expect("a text");
        }
    }
    text
}

/// One that nobody listens on.
pub fn free_port() -> u16 {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    socket.local_addr().expect("an address").port()
}
