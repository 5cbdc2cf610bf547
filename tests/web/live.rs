//! The stream of changes, over a real connection.

use std::time::Duration;

use careloop::domain::IncidentId;
use careloop::web::serve;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::hub::{Hub, TOKEN};

const PATIENCE: Duration = Duration::from_secs(20);

/// Reads lines until one says this; `false` when the stream ends first.
async fn says(stream: &mut BufReader<TcpStream>, wanted: &str) -> bool {
    let mut line = String::new();
    let reading = async {
        while 0 < stream.read_line(&mut line).await.unwrap_or(0) {
            if line.trim_end() == wanted {
                return true;
            }
            line.clear();
        }
        false
    };
    timeout(PATIENCE, reading).await.expect("it says so, or ends, in time")
}

#[tokio::test]
async fn a_change_is_told_at_once_and_the_stream_does_not_hold_up_the_stop() {
    let hub = Hub::start();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, ending) = (listener.local_addr().unwrap(), CancellationToken::new());
    let mut serving = JoinSet::new();
    serving.spawn(serve(hub.site.clone(), listener, None, ending.clone()));
    let stream = TcpStream::connect(address).await.unwrap();
    let mut stream = BufReader::new(stream);
    let request = format!("GET /live HTTP/1.1\r\nhost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(says(&mut stream, "content-type: text/event-stream").await);
    assert!(says(&mut stream, ": here").await);

    hub.call_for_help().await;
    assert!(says(&mut stream, "event: incident").await);
    assert!(says(&mut stream, "data: h1-1").await);

    let id: IncidentId = "h1-1".parse().unwrap();
    for _ in 0..1000 {
        // The stream cannot run meanwhile: nothing here waits.
        hub.site.changes.send(id.clone()).unwrap();
    }
    assert!(says(&mut stream, "event: reload").await, "whoever missed changes is told so");

    ending.cancel();
    while says(&mut stream, "event: incident").await {}
    let ended = timeout(PATIENCE, serving.join_next()).await.expect("it stops in time");
    ended.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn whoever_is_shut_out_hears_nothing_more_and_others_do() {
    let hub = Hub::log_in();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, ending) = (listener.local_addr().unwrap(), CancellationToken::new());
    let mut serving = JoinSet::new();
    serving.spawn(serve(hub.site.clone(), listener, None, ending.clone()));
    let listen = async |who: &str| {
        let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
        let cookie = hub.enter(who).await;
        let request = format!("GET /live HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        assert!(says(&mut stream, ": here").await);
        stream
    };
    let (mut wang, mut li) = (listen("wang").await, listen("li").await);
    let mut desk = BufReader::new(TcpStream::connect(address).await.unwrap());
    let request = format!(
        "DELETE /api/v1/people/wang/passes?by=ma HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {TOKEN}\r\n\r\n"
    );
    desk.write_all(request.as_bytes()).await.unwrap();
    assert!(says(&mut desk, "HTTP/1.1 200 OK").await);
    assert!(says(&mut wang, "0").await, "the last chunk of the stream");
    hub.call_for_help().await;
    assert!(says(&mut li, "data: h1-1").await);
    ending.cancel();
}
