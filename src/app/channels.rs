//! Ways to tell people, as `gateway.toml` sets them up.

use std::error::Error;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::channel::http::{self, HttpError, Line};
use crate::channel::modem::{self, Mailbox};
use crate::channel::mqtt::Publish;
use crate::channel::{
    Channel, Console, Mail, Modem, Mqtt, Phone, Push, Robot, Webhook, Wechat, WecomApp, WecomCall,
    wecom_call,
};
use crate::config::{ChannelKind, ChannelSettings};
use crate::domain::Name;
use crate::tls::in_full;

use super::StartError;
use super::house::Tools;

/// What channels need that run beside the loop, or publish.
pub(super) struct Yard<'y> {
    pub(super) tools: &'y Tools,
    pub(super) world: &'y mut JoinSet<()>,
    pub(super) stop: &'y CancellationToken,
}

/// Opens one. `publish`: how to publish on a broker, or on our own listener.
pub(super) fn open(
    settings: &ChannelSettings,
    publish: impl Fn(Option<&Name>) -> Option<Publish>,
    yard: &mut Yard<'_>,
) -> Result<Channel, StartError> {
    let name = &settings.name;
    let cannot = |e: &dyn Error| StartError::Config(format!("channel `{name}`: {}", in_full(e)));
    let opened: Result<Channel, HttpError> = match &settings.kind {
        ChannelKind::Console => Ok(Channel::Console(Console::new(Box::new(std::io::stdout())))),
        ChannelKind::Mqtt { topic, payload, broker } => {
            let publish = publish(broker.as_ref()).ok_or_else(|| {
                let needs = "needs [mqtt] or a [[broker]] in gateway.toml";
                StartError::Config(format!("channel `{name}` {needs}"))
            })?;
            Ok(Channel::Mqtt(Mqtt::new(topic.clone(), payload.clone(), publish)))
        }
        ChannelKind::Webhook(account) => {
            line().and_then(|l| Webhook::new(l, account.clone())).map(Channel::Webhook)
        }
        ChannelKind::Robot(kind, account) => {
            line().and_then(|l| Robot::new(l, *kind, account.clone())).map(Channel::Robot)
        }
        ChannelKind::Phone(kind, account) => {
            line().and_then(|l| Phone::new(l, *kind, account.clone())).map(Channel::Phone)
        }
        ChannelKind::WecomApp(account) => {
            line().and_then(|l| WecomApp::new(l, account.clone())).map(Channel::WecomApp)
        }
        ChannelKind::WecomCall(account) => line()
            .and_then(|l| WecomCall::new(l, account.clone(), wecom_call::ASK_EVERY))
            .map(Channel::WecomCall),
        ChannelKind::Wechat(account) => {
            line().and_then(|l| Wechat::new(l, account.clone())).map(Channel::Wechat)
        }
        ChannelKind::Push(account) => {
            let line = line().map_err(|e| cannot(&e))?;
            Ok(Channel::Push(Push::new(line, account.clone()).map_err(|e| cannot(&e))?))
        }
        ChannelKind::Modem(account) => {
            let (inbox, store) = (yard.tools.inbox.clone(), yard.tools.store.clone());
            let mailbox = Mailbox { channel: name.clone(), inbox, store };
            let (modem, operator) = Modem::new(account.clone(), mailbox, modem::LOOK_EVERY);
            yard.world.spawn(operator.run(yard.stop.clone()));
            Ok(Channel::Modem(modem))
        }
        ChannelKind::Mail(account) => {
            Ok(Channel::Mail(Mail::new(account.clone()).map_err(|e| cannot(&e))?))
        }
    };
    opened.map_err(|e| cannot(&e))
}

fn line() -> Result<Line, HttpError> {
    Line::new(None, http::WITHIN)
}
