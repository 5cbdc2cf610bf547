//! An emergency call of WeCom (紧急通知): it rings a person's telephone, and says whether somebody took the call.
//! Who has taken it has heard it; who has not is told by the next way at once.

use std::time::Duration;

use serde_json::{Value, json};

use super::http::{Answer, HttpError, Line};
use super::weixin::{self, Asks, Weixin};
use super::{Notice, Verdict};
use crate::domain::{Span, Time};
use crate::secret::Secret;

/// How long to wait before the service is asked how the call goes, and before it is asked again.
pub const ASK_EVERY: Duration = Duration::from_secs(3);
/// How often it is asked: a telephone rings for about a minute.
const ASKS_MAX: u32 = 30;
/// A person is called three times in eight minutes, and no more (`china.md` §5.1).
const BETWEEN_CALLS: Span = Span::minutes(3);
/// After so long the calls of the last eight minutes count no more.
const AFTER_LIMIT: Span = Span::minutes(8);

/// Which application calls.
#[derive(Debug, Clone)]
pub struct Account {
    /// Of the service itself, of a private one, or of a proxy.
    pub url: Secret,
    /// `corpid`.
    pub corp: String,
    /// `corpsecret` of an application that may call.
    pub key: Secret,
}

/// One application that calls.
#[derive(Debug)]
pub struct WecomCall {
    weixin: Weixin,
    ask_every: Duration,
}

/// How a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Going {
    /// It rings, or somebody listens.
    On,
    /// Somebody has listened.
    Heard,
    /// The service does not say, and will not.
    Untold,
    /// Nobody has, and this time nobody will.
    Missed {
        /// What for, in the service's words.
        reason: &'static str,
        /// Nobody ever will, or not before so long.
        again_in: Option<Span>,
    },
}

impl WecomCall {
    /// `ask_every`: see [`ASK_EVERY`].
    ///
    /// # Errors
    /// When the address is none.
    pub fn new(line: Line, account: Account, ask_every: Duration) -> Result<Self, HttpError> {
        let Account { url, corp, key } = account;
        let asks = Asks::wecom(&url, &corp, &key);
        Ok(Self { weixin: Weixin::new(line, url, asks)?, ask_every })
    }

    /// One attempt: calls, and waits until somebody takes the call or it ends.
    pub(super) async fn tell(&self, notice: &Notice) -> Verdict {
        if notice.to.is_empty() {
            return Verdict::never("the contact's `to` is empty: whom to call in WeCom?");
        }
        let body = json!({ "callee_userid": [notice.to] });
        let answer = match self.weixin.post("/cgi-bin/pstncc/call", &body, notice.at).await {
            Ok(answer) => answer,
            Err(verdict) => return verdict,
        };
        match call_id(&answer) {
            Ok(call) => self.follow(&notice.to, &call, notice.at).await,
            Err(verdict) => verdict,
        }
    }

    async fn follow(&self, callee: &str, call: &str, at: Time) -> Verdict {
        let body = json!({ "callee_userid": callee, "callid": call });
        let ended = async {
            loop {
                tokio::time::sleep(self.ask_every).await;
                // What is not answered now may be the next time: the telephone rings all the same.
                let Ok(answer) = self.weixin.post("/cgi-bin/pstncc/getstates", &body, at).await
                else {
                    continue;
                };
                match going(&answer.json()) {
                    Going::On => {}
                    Going::Heard => return Verdict::Delivered,
                    Going::Missed { reason, again_in } => {
                        let why = format!("nobody took the call: {reason}");
                        return Verdict::Failed { why, last: again_in.is_none(), again_in };
                    }
                    Going::Untold => return Verdict::Unknown { why: answer.why() },
                }
            }
        };
        let rings = self.ask_every.saturating_mul(ASKS_MAX);
        tokio::time::timeout(rings, ended).await.unwrap_or_else(|_elapsed| Verdict::Unknown {
            why: "it does not say how the call ended".to_owned(),
        })
    }
}

/// Of the one that was called.
fn call_id(answer: &Answer) -> Result<String, Verdict> {
    let said = answer.json();
    match weixin::code(&said) {
        Some(0) => {}
        // 301049: not linked to a telephone company; 301050: not switched on; 301051: no money left.
        Some(_) | None => return Err(weixin::refusal(answer)),
    }
    let Some(state) = said.get("states").and_then(|all| all.get(0)) else {
        return Err(Verdict::never(answer.why()));
    };
    let call = state.get("callid").and_then(Value::as_str).filter(|call| !call.is_empty());
    match (state.get("code").and_then(Value::as_i64), call) {
        (Some(0), Some(call)) => Ok(call.to_owned()),
        // The request was taken, the person was not called.
        (_, _) => Err(Verdict::never(answer.why())),
    }
}

/// What the state of a call says.
fn going(said: &Value) -> Going {
    match weixin::code(said) {
        Some(0) => {}
        // Busy, or asked too often: that says nothing of the call.
        Some(-1 | 45009) | None => return Going::On,
        Some(_) => return Going::Untold,
    }
    if said.get("istalked").and_then(Value::as_i64) == Some(1) {
        return Going::Heard;
    }
    let (soon, never) = (Some(BETWEEN_CALLS), None);
    let (reason, again_in) = match said.get("reason").and_then(Value::as_i64) {
        Some(0..=3) | None => return Going::On,
        Some(4) => ("it rang out", soon),
        Some(5) => ("not in service", never),
        Some(6) => ("the telephone's bill is not paid", never),
        Some(7) => ("refused", soon),
        Some(8) => ("switched off", soon),
        Some(9) => ("there is no such number", never),
        Some(10) => ("calls to it are restricted", never),
        Some(11) => ("a fault of the line", soon),
        Some(12) => ("the service hung up", soon),
        Some(13) => ("called too often", Some(AFTER_LIMIT)),
        Some(15) => ("the caller has called too often", Some(AFTER_LIMIT)),
        Some(16) => ("busy", soon),
        Some(17) => ("cancelled", soon),
        Some(20) => ("nobody confirmed", soon),
        Some(_) => ("for a reason of the service's own", soon),
    };
    Going::Missed { reason, again_in }
}
