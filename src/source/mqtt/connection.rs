//! One client, from its first byte to its last receipt. Reads as much as there is, posts every
//! message, and writes all acknowledgements that have become due in one go. It stops reading while
//! too much is on its way to the disk, so that nothing has to be dropped.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::access::{Access, Devices, Permit};
use super::pending::{PENDING_MAX, Pending, first_settled};
use super::router::{Router, Seat};
use super::wire::{Broken, Version};
use super::{Counts, Settings, write};
use crate::inbox::Inbox;

/// How much is read at once.
const READ: usize = 16 * 1024;
/// How much is made ready for writing at once.
const WRITE: usize = 64 * 1024;
/// A client that has not said who it is by then is cut off.
const INTRODUCTION: Duration = Duration::from_secs(10);
/// A client that has taken no byte of what waits for it by then is cut off.
const STALL: Duration = Duration::from_secs(20);
/// How long a last word to a client may take.
const LAST_WORD: Duration = Duration::from_secs(1);
/// Not authorised, in the words of version 5.
const REVOKED: u8 = 0x87;

/// What all connections share.
#[derive(Debug)]
pub struct Shared {
    pub settings: Arc<Settings>,
    pub access: Access,
    pub inbox: Inbox,
    pub counts: Arc<Counts>,
    /// Told when there is something to write that holds nothing up.
    pub later: Notify,
    pub router: Mutex<Router>,
}

impl Shared {
    /// Does something with the router. The lock is held for no longer.
    pub fn router<R>(&self, act: impl FnOnce(&mut Router) -> R) -> R {
        let mut router = self.router.lock().unwrap_or_else(PoisonError::into_inner);
        let result = act(&mut router);
        let later = router.has_later();
        drop(router);
        if later {
            self.later.notify_one();
        }
        result
    }
}

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The client took its leave.
    Left { will: bool, expiry: Option<u32> },
    /// The client is gone.
    Gone,
    /// It was not let in; that has been said.
    Refused,
    /// We end it, for this reason, in the words of version 5.
    Cut(u8),
    /// careloop stops.
    Stopped,
}

impl From<Broken> for End {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Malformed => Self::Cut(0x81),
            Broken::Protocol | Broken::Version => Self::Cut(0x82),
            Broken::TooLong => Self::Cut(0x95),
        }
    }
}

/// One client.
#[derive(Debug)]
pub struct Connection<'s> {
    pub shared: &'s Shared,
    pub from: IpAddr,
    pub version: Option<Version>,
    pub seat: Option<Seat>,
    /// Its identifier, once it has logged in.
    pub client: Option<String>,
    pub permit: Permit,
    /// Tells when somebody's permit may have been taken away.
    devices: watch::Receiver<Devices>,
    /// It is another broker.
    pub bridge: bool,
    /// When it logged in.
    pub joined: Instant,
    /// It has been said in the log that it has no right to something.
    pub warned: bool,
    pub keep_alive: Option<Duration>,
    pub wake: Arc<Notify>,
    pub pending: VecDeque<Pending>,
    /// Read and not yet understood.
    pub input: Vec<u8>,
    /// How many more messages it may send until when.
    pub allowance: (u32, Instant),
    pub out: Vec<u8>,
    /// It has been told that it is let in.
    pub open: bool,
    written: usize,
    /// When it last said something.
    pub heard: Instant,
    /// When it last took something.
    moved: Instant,
}

/// Serves one client until it is gone and all it sent has been settled.
pub async fn serve<S>(shared: &Shared, stream: S, from: IpAddr, stop: &CancellationToken)
where
    S: AsyncRead + AsyncWrite,
{
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut connection = Connection::new(shared, from);
    let end = connection.talk(&mut reader, &mut writer, stop).await;
    tracing::debug!(%from, ?end, "an MQTT connection has ended");
    connection.say_last(&mut writer, end).await;
    drop((reader, writer));
    connection.wind_up(end).await;
}

impl<'s> Connection<'s> {
    fn new(shared: &'s Shared, from: IpAddr) -> Self {
        let now = Instant::now();
        Self {
            shared,
            from,
            version: None,
            seat: None,
            client: None,
            permit: Permit::default(),
            devices: shared.access.devices(),
            bridge: false,
            joined: now,
            warned: false,
            keep_alive: Some(INTRODUCTION),
            wake: Arc::default(),
            pending: VecDeque::new(),
            input: Vec::new(),
            allowance: (0, now),
            out: Vec::new(),
            open: false,
            written: 0,
            heard: now,
            moved: now,
        }
    }

    async fn talk(
        &mut self,
        reader: &mut (impl AsyncRead + Unpin),
        writer: &mut (impl AsyncWrite + Unpin),
        stop: &CancellationToken,
    ) -> End {
        let mut timer = pin!(sleep_until(self.heard + INTRODUCTION));
        let mut flushed = true;
        loop {
            if let Err(end) = self.advance().await {
                return end;
            }
            let may_read = self.may_read(Instant::now());
            self.set(timer.as_mut(), may_read);
            if may_read {
                self.input.reserve(READ);
            }
            let unsent = self.out.get(self.written..).unwrap_or_default();
            tokio::select! {
                biased;
                () = stop.cancelled() => {
                    // What was published before the end, our goodbye among it, still goes out.
                    return self.drain().err().unwrap_or(End::Stopped);
                }
                sent = push(writer, unsent), if !unsent.is_empty() || !flushed => {
                    let Ok(sent) = sent else { return End::Gone };
                    flushed = unsent.is_empty();
                    self.sent(sent);
                }
                () = first_settled(&mut self.pending), if !self.pending.is_empty() => {}
                read = reader.read_buf(&mut self.input), if may_read => match read {
                    Ok(0) | Err(_) => return End::Gone,
                    // Before it has said who it is, talking gains it no time.
                    Ok(_) if self.seat.is_none() => {}
                    Ok(_) => self.heard = Instant::now(),
                },
                () = self.wake.notified() => {}
                Ok(()) = self.devices.changed() => {
                    if let Err(end) = self.look_at_the_permit() {
                        return end;
                    }
                }
                () = timer.as_mut() => {
                    if let Err(end) = self.look_at_the_clock(may_read) {
                        return end;
                    }
                    timer.as_mut().reset(self.deadline(may_read));
                }
            }
        }
    }

    /// Does all that can be done without waiting for anybody but the inbox.
    async fn advance(&mut self) -> Result<(), End> {
        self.settle()?;
        self.digest().await?;
        self.settle()?;
        self.drain()
    }

    /// **Invariant:** who has lost the right to be here says nothing more. Test:
    /// `a_device_whose_password_was_taken_away_is_cut_off`.
    pub(super) fn look_at_the_permit(&mut self) -> Result<(), End> {
        if self.shared.access.stands(&self.permit) { Ok(()) } else { Err(End::Cut(REVOKED)) }
    }

    /// The same, if anybody's right has changed since the last look.
    pub(super) fn is_still_welcome(&mut self) -> Result<(), End> {
        match self.devices.has_changed() {
            Ok(true) => self.look_at_the_permit(),
            Ok(false) | Err(_) => Ok(()),
        }
    }

    /// Takes what waits for the client, as far as there is room.
    fn drain(&mut self) -> Result<(), End> {
        let unsent = self.out.len() - self.written;
        if let Some(seat) = self.seat.filter(|_| self.open && unsent < WRITE) {
            let now = Instant::now();
            let room = self.written + WRITE;
            self.shared
                .router(|router| router.drain(seat, &mut self.out, room, now))
                .map_err(End::Cut)?;
        }
        Ok(())
    }

    fn sent(&mut self, n: usize) {
        self.moved = Instant::now();
        self.written += n;
        if self.out.len() <= self.written {
            self.out.clear();
            self.out.shrink_to(WRITE);
            self.written = 0;
        } else if WRITE <= self.written {
            self.out.drain(..self.written);
            self.written = 0;
        }
    }

    fn may_read(&self, now: Instant) -> bool {
        let (left, until) = self.allowance;
        let throttled =
            self.version.is_some() && self.shared.settings.max_rate.is_some() && left == 0;
        // One that does not listen is not listened to, or its answers would pile up.
        let unsent = self.out.len() - self.written;
        self.pending.len() < PENDING_MAX && unsent < WRITE && !(throttled && now < until)
    }

    /// Keeps the timer from ringing too late. Too early does no harm and spares the work of setting
    /// it for every packet.
    fn set(&mut self, timer: Pin<&mut Sleep>, may_read: bool) {
        if self.out.is_empty() {
            self.moved = Instant::now();
        }
        let deadline = self.deadline(may_read);
        if deadline < timer.deadline() {
            timer.reset(deadline);
        }
    }

    fn deadline(&self, may_read: bool) -> Instant {
        let stall = if self.out.is_empty() { None } else { Some(self.moved + STALL) };
        let silence = self.keep_alive.map(|limit| self.heard + limit);
        let pause = if may_read { None } else { Some(self.allowance.1) };
        let far = Instant::now() + Duration::from_secs(3600);
        // A pause that is over must not ring again and again.
        let pause = pause.filter(|at| Instant::now() < *at);
        [stall, silence, pause].into_iter().flatten().fold(far, Instant::min)
    }

    fn look_at_the_clock(&mut self, may_read: bool) -> Result<(), End> {
        let now = Instant::now();
        if !may_read {
            // It may well have spoken; it is us who do not listen.
            self.heard = now;
        }
        if !self.out.is_empty() && self.moved + STALL <= now {
            return Err(End::Cut(0x97));
        }
        if self.keep_alive.is_some_and(|limit| self.heard + limit <= now) {
            return Err(End::Cut(0x8d));
        }
        Ok(())
    }

    async fn say_last(&mut self, writer: &mut (impl AsyncWrite + Unpin), end: End) {
        let reason = match end {
            End::Cut(reason) => Some(reason),
            End::Stopped => Some(0x8b),
            End::Refused => None,
            End::Left { .. } | End::Gone => return,
        };
        if let (Some(reason), Some(version), true) = (reason, self.version, self.open) {
            write::disconnect(&mut self.out, version, reason);
        }
        let unsent = self.out.get(self.written..).unwrap_or_default();
        let last = async {
            writer.write_all(unsent).await?;
            writer.shutdown().await
        };
        if !matches!(timeout(LAST_WORD, last).await, Ok(Ok(()))) {
            tracing::trace!(from = %self.from, "the last word to an MQTT client did not get through");
        }
    }

    /// Says in the log why a client was cut off: most can do nothing but try again, for ever.
    fn log_cut(&self, reason: u8) {
        // Who has not logged in must not fill the log.
        let Some(client) = &self.client else { return };
        let why = match reason {
            0x83 => {
                "what it sent could not be stored, or is still being stored for an earlier connection"
            }
            REVOKED => "its password is no longer good, or its rights have changed",
            0x8d => "it was silent for longer than it had promised",
            0x8e => "its identifier came again, from itself or from another",
            0x95 => "a packet is longer than `max_packet`",
            0x97 => "it does not take what is sent to it",
            _ => "it does not keep to the protocol",
        };
        let from = self.from;
        // Bad radio is no reason to look.
        if matches!(reason, 0x8d | 0x8e) {
            tracing::info!(%from, client, why, "an MQTT client was cut off");
        } else {
            tracing::warn!(%from, client, why, "an MQTT client was cut off");
        }
    }

    /// Frees the seat, publishes the will if it is due, and sees to it that all that is on its way
    /// to the disk still reaches its subscribers.
    async fn wind_up(&mut self, end: End) {
        if let End::Cut(reason) = end {
            self.shared.counts.broken.fetch_add(1, Relaxed);
            self.log_cut(reason);
        }
        if let Some(seat) = self.seat {
            let (quietly, expiry) = match end {
                End::Left { will, expiry } => (!will, expiry),
                // It is we who go; the devices are as well as before. And who has no right to speak
                // any more does not speak by its will.
                End::Stopped | End::Cut(REVOKED) => (true, None),
                End::Gone | End::Cut(_) | End::Refused => (false, None),
            };
            let now = Instant::now();
            let will = self.shared.router(|router| {
                let will = router.leave(seat, quietly, expiry, now)?;
                let (plan, keep) = router.plan(None, &will);
                Some((will, plan, keep))
            });
            if let Some((will, plan, keep)) = will {
                self.post(will, plan, keep, None).await;
            }
        }
        self.settle_all().await;
    }
}

/// Writes what there is; when there is nothing more, sees to it that TLS keeps nothing back.
async fn push(writer: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> std::io::Result<usize> {
    if bytes.is_empty() {
        return writer.flush().await.map(|()| 0);
    }
    match writer.write(bytes).await? {
        0 => Err(std::io::ErrorKind::WriteZero.into()),
        sent => Ok(sent),
    }
}
