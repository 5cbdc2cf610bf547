//! The pages by TLS, over real connections.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use careloop::domain::Span;
use careloop::tls::{self, Identity};
use careloop::web::serve;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::hub::Hub;

const PATIENCE: Duration = Duration::from_secs(20);

/// An authority of this name, and what it has signed for localhost, for so many days: `NAME.pem`, `leaf.pem`,
/// `leaf.key`.
fn signed_by(name: &str, days: u32, folder: &Path) {
    let script = format!(
        "ec='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
        openssl req -x509 $ec -keyout {name}.key -out {name}.pem -subj /CN={name} -days 9
        openssl req $ec -keyout new.key -out leaf.csr -subj /CN=localhost
        echo subjectAltName=DNS:localhost > san
        openssl x509 -req -in leaf.csr -CA {name}.pem -CAkey {name}.key -CAcreateserial -days {days} \
            -extfile san -out new.pem
        mv new.key leaf.key; mv new.pem leaf.pem"
    );
    let made = Command::new("sh")
        .args(["-ec", &script])
        .current_dir(folder)
        .output()
        .expect("openssl runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// Asks for the log-in, trusting this authority: the status, and whether it is to be TLS from now on.
async fn ask(ca: &Path, origin: &str) -> Result<(u16, bool), reqwest::Error> {
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls::client(Some(ca)).expect("a certificate"))
        .no_proxy()
        .timeout(PATIENCE)
        .build()?;
    let answer = client.get(format!("{origin}/log-in")).send().await?;
    let strict = answer.headers().contains_key("strict-transport-security");
    Ok((answer.status().as_u16(), strict))
}

#[tokio::test]
async fn pages_come_by_tls_and_a_renewed_certificate_is_shown_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let (old, new) = (file("old.pem"), file("new-year.pem"));
    signed_by("old", 9, folder.path());
    let identity = Identity::read(&file("leaf.pem"), &file("leaf.key")).unwrap();
    let watched = identity.clone();
    let until = || watched.until().unwrap();
    let before = until();
    let hub = Hub::log_in();
    let (plain, socket) =
        (TcpListener::bind("127.0.0.1:0").await, TcpListener::bind("127.0.0.1:0").await);
    let (plain, socket, ending) = (plain.unwrap(), socket.unwrap(), CancellationToken::new());
    let address = plain.local_addr().unwrap();
    let port = socket.local_addr().unwrap().port();
    let origin = &*format!("https://localhost:{port}");
    let mut serving = JoinSet::new();
    serving.spawn(serve(hub.site.clone(), plain, Some((socket, identity)), ending.clone()));

    // Who comes and says nothing holds up nobody.
    let _silent = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    assert_eq!(ask(&old, origin).await.unwrap(), (200, true));
    assert_eq!(ask(&old, &format!("http://{address}")).await.unwrap(), (200, false));

    signed_by("new-year", 90, folder.path());
    assert_eq!(ask(&new, origin).await.unwrap(), (200, true));
    assert!(ask(&old, origin).await.is_err(), "the old one is shown no more");
    let renewed = until();
    assert!(Span::hours(80 * 24) < renewed - before);
    std::fs::write(file("leaf.pem"), "half a certif").unwrap();
    assert_eq!(ask(&new, origin).await.unwrap(), (200, true), "what is of no use is not shown");
    assert_eq!(until(), renewed);

    ending.cancel();
    tokio::time::timeout(PATIENCE, serving.join_next()).await.unwrap().unwrap().unwrap().unwrap();
}
