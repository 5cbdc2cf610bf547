//! The line between one browser and the hub, which a test can cut as a tunnel does: what is on it breaks off, and
//! what is tried does not get through.

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A proxy, as every browser knows it.
pub struct Line {
    /// `127.0.0.1:1234`
    pub address: String,
    is_there: watch::Sender<bool>,
}

impl Line {
    pub async fn lay() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it has an address").to_string();
        let (is_there, cut) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let mut cut = cut.clone();
                tokio::spawn(async move {
                    tokio::select! {
                        // Also when the test is over.
                        _ = cut.wait_for(|is_there| !is_there) => {}
                        _ = pass(browser) => {}
                    }
                });
            }
        });
        Self { address, is_there }
    }

    pub fn connect(&self, is_there: bool) {
        self.is_there.send_replace(is_there);
    }
}

/// Passes on what comes, to where its first line says: `GET http://127.0.0.1:1234/ HTTP/1.1`.
async fn pass(mut browser: TcpStream) -> Option<()> {
    let (mut head, mut piece) = (Vec::new(), [0; 4096]);
    while !head.contains(&b'\n') {
        let length = browser.read(&mut piece).await.ok().filter(|length| *length > 0)?;
        head.extend_from_slice(piece.get(..length)?);
    }
    let line = String::from_utf8_lossy(&head);
    let (_, place) = line.split_once("http://")?;
    let mut hub = TcpStream::connect(place.split('/').next()?).await.ok()?;
    hub.write_all(&head).await.ok()?;
    copy_bidirectional(&mut browser, &mut hub).await.ok()?;
    Some(())
}
