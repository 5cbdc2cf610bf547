//! A far side that takes its time: it holds a request at a wanted moment until the line breaks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The line stands, and nothing of it is read.
    Begun,
    /// It is read, and not answered.
    Read,
    /// It is answered.
    Answered,
}

impl Moment {
    pub const ALL: [Self; 3] = [Self::Begun, Self::Read, Self::Answered];

    pub fn name(self) -> &'static str {
        match self {
            Self::Begun => "before it is read",
            Self::Read => "before the answer",
            Self::Answered => "after the answer",
        }
    }
}

#[derive(Default)]
struct Desk {
    /// Where the next request is held, and who wants to know.
    wanted: Option<(Moment, oneshot::Sender<()>)>,
    /// How often each delivery was read.
    read: BTreeMap<String, usize>,
}

pub struct SlowSide {
    pub url: String,
    desk: Arc<Mutex<Desk>>,
    _tasks: JoinSet<()>,
}

impl SlowSide {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let desk = Arc::new(Mutex::new(Desk::default()));
        let mut tasks = JoinSet::new();
        let shared = Arc::clone(&desk);
        tasks.spawn(async move {
            let mut lines = JoinSet::new();
            loop {
                let (line, _) = listener.accept().await.unwrap();
                lines.spawn(serve(line, Arc::clone(&shared)));
            }
        });
        Self { url, desk, _tasks: tasks }
    }

    /// The next request that comes so far is held there. Resolves when one is.
    pub fn hold(&self, moment: Moment) -> oneshot::Receiver<()> {
        let (reached, receiver) = oneshot::channel();
        self.desk.lock().unwrap().wanted = Some((moment, reached));
        receiver
    }

    /// No request is held any more.
    pub fn let_go(&self) {
        self.desk.lock().unwrap().wanted = None;
    }

    /// How often each delivery was read.
    pub fn read(&self) -> BTreeMap<String, usize> {
        self.desk.lock().unwrap().read.clone()
    }
}

async fn serve(mut line: TcpStream, desk: Arc<Mutex<Desk>>) {
    // A line may carry one request after the other.
    while let Some(()) = take(&mut line, &desk).await {}
}

async fn take(line: &mut TcpStream, desk: &Mutex<Desk>) -> Option<()> {
    let mut read = Vec::new();
    line.readable().await.ok()?;
    hold(line, desk, Moment::Begun).await?;
    let delivery = loop {
        if line.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let header = |name: &str| head.lines().find_map(|l| l.strip_prefix(name)).unwrap();
        if header("content-length: ").parse::<usize>().unwrap() <= body.len() {
            break header("careloop-delivery: ").to_owned();
        }
    };
    *desk.lock().unwrap().read.entry(delivery).or_default() += 1;
    hold(line, desk, Moment::Read).await?;
    line.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.ok()?;
    hold(line, desk, Moment::Answered).await
}

/// Holds it, if this is the moment, until the line breaks.
async fn hold(line: &mut TcpStream, desk: &Mutex<Desk>, moment: Moment) -> Option<()> {
    let wanted = desk.lock().unwrap().wanted.take_if(|(wanted, _)| *wanted == moment);
    let Some((_, reached)) = wanted else { return Some(()) };
    // Nobody may be waiting any more.
    reached.send(()).ok()?;
    let mut rest = Vec::new();
    while line.read_buf(&mut rest).await.ok()? != 0 {}
    None
}
