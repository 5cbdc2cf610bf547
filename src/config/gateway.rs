//! `gateway.toml`: where the hub keeps its data, where it listens, how it reaches people.

use std::net::{AddrParseError, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::domain::{Name, Sentence, Span};
use crate::form::{Form, Problem, Sheet};
use crate::inbox::Budget;
use crate::secret::Secret;
use crate::tls::{Identity, in_full};
use crate::web::People;

use super::channel::{ChannelSettings, read_channel};

/// The smallest limit a database may have, in bytes.
const SIZE_MIN: u64 = 4 * 1024 * 1024;

/// Incidents and their record are kept for at least three years, who saw what for at least six months: the
/// law's numbers, and not for anybody to set (PIPL Art. 56; Cybersecurity Law Art. 21(3)).
const KEEP_INCIDENTS_MIN: Span = Span::hours(24 * 1095);
const KEEP_AUDIT_MIN: Span = Span::hours(24 * 184);

/// The hub itself.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The database.
    pub store: Store,
    /// Our own MQTT listener, if there is one.
    pub mqtt: Option<Mqtt>,
    /// Brokers we are a client of.
    pub brokers: Vec<Broker>,
    /// API and pages, if there are any.
    pub http: Option<Http>,
    /// How people are reached.
    pub channels: Vec<ChannelSettings>,
    /// What one device may say on one topic.
    pub budget: Budget,
}

/// Where data is kept, and for how long.
#[derive(Debug, Clone)]
pub struct Store {
    /// The database file.
    pub path: PathBuf,
    /// Raw observations.
    pub keep_observations: Span,
    /// Incidents and their record.
    pub keep_incidents: Span,
    /// Who saw, took away or changed what.
    pub keep_audit: Span,
    /// The largest the database may become, in bytes; the oldest observations go first.
    pub max_size: Option<u64>,
}

/// Our own MQTT listener.
#[derive(Debug, Clone)]
pub struct Mqtt {
    /// Plain TCP.
    pub listen: SocketAddr,
    /// Whether clients may come without a name.
    pub anonymous: bool,
    /// TLS beside it.
    pub tls: Option<Tls>,
    /// The largest packet, in bytes.
    pub max_packet: u32,
    /// How many clients at once.
    pub max_clients: usize,
    /// How many messages are kept for one client that is away.
    pub max_queued: usize,
    /// Messages a second from one client.
    pub max_rate: u32,
    /// Who may come.
    pub clients: Vec<Client>,
}

/// A TLS listener.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The address.
    pub listen: SocketAddr,
    /// PEM file with the chain.
    pub certificate: PathBuf,
    /// PEM file with the key.
    pub key: PathBuf,
}

/// A client of our own listener.
#[derive(Debug, Clone)]
pub struct Client {
    /// User name.
    pub user: String,
    /// Password.
    pub password: Secret,
    /// Topic filters it may publish to.
    pub publish: Vec<String>,
    /// Topic filters it may subscribe to.
    pub subscribe: Vec<String>,
}

/// A broker we are a client of.
#[derive(Debug, Clone)]
pub struct Broker {
    /// Its name here.
    pub name: Name,
    /// `host:port`
    pub address: String,
    /// Whether to speak TLS.
    pub tls: bool,
    /// PEM file with the authority to trust, beside the usual ones.
    pub ca: Option<PathBuf>,
    /// User name.
    pub user: Option<String>,
    /// Password.
    pub password: Option<Secret>,
    /// Topic filters, beside those of the registered devices.
    pub subscribe: Vec<String>,
}

/// API and pages.
#[derive(Debug, Clone)]
pub struct Http {
    /// The address.
    pub listen: SocketAddr,
    /// What programs must show.
    pub token: Option<Secret>,
    /// How pages know who somebody is.
    pub people: People,
    /// Where people find the pages, if that is not where they are.
    pub url: Option<String>,
    /// TLS beside it.
    pub tls: Option<Tls>,
}

/// `256KiB`, `1MiB`, `2GiB`, or plain bytes.
struct Bytes(u64);

impl FromStr for Bytes {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = match text.trim() {
            t if t.ends_with("KiB") => (t.trim_end_matches("KiB"), 1024),
            t if t.ends_with("MiB") => (t.trim_end_matches("MiB"), 1024 * 1024),
            t if t.ends_with("GiB") => (t.trim_end_matches("GiB"), 1024 * 1024 * 1024),
            t => (t, 1_u64),
        };
        let size = number.trim().parse().ok().and_then(|n: u64| n.checked_mul(unit)).map(Self);
        size.ok_or_else(|| format!("`{text}` is not a size such as `256KiB`"))
    }
}

pub(super) fn read((file, text): (&str, &str), folder: &Path) -> Result<Settings, Vec<Problem>> {
    let sheet = Sheet::new(file, text);
    let mut form = sheet.form();
    let store = form.form("store");
    if store.is_none() {
        form.wrong_at("store", "[store] says where the data is kept".to_owned());
    }
    let store = store.and_then(|f| read_store(f, folder));
    let mqtt = form.form("mqtt").and_then(|f| read_mqtt(f, folder));
    let brokers: Vec<Broker> =
        form.forms("broker").into_iter().filter_map(|f| read_broker(f, folder)).collect();
    let http = form.form("http").and_then(|f| read_http(f, folder));
    let mut channels: Vec<ChannelSettings> = Vec::new();
    for channel in form.forms("channel") {
        let mark = channel.mark();
        let Some(channel) = read_channel(channel, folder, &brokers) else { continue };
        if channels.iter().any(|c| c.name == channel.name) {
            sheet.wrong_at_mark(&mark, format!("channel `{}` is there twice", channel.name));
        }
        channels.push(channel);
    }
    let budget = form.form("limits").map_or_else(Budget::default, super::limits::read);
    form.done();
    let problems = sheet.problems();
    match store {
        Some(store) if problems.is_empty() => {
            Ok(Settings { store, mqtt, brokers, http, channels, budget })
        }
        Some(_) | None => Err(problems),
    }
}

fn read_store(mut form: Form<'_, '_>, folder: &Path) -> Option<Store> {
    // Data lies beside the configuration's folder, not within it.
    let base = folder.parent().unwrap_or(folder);
    let path = form.needs::<PathBuf>("path").map(|p| base.join(p));
    let keep_observations = form.needs::<Span>("keep_observations");
    let keep_incidents = form.needs::<Span>("keep_incidents");
    if keep_observations.zip(keep_incidents).is_some_and(|(o, i)| i < o) {
        form.wrong("keep_incidents is at least as long as keep_observations".to_owned());
    }
    if keep_incidents.is_some_and(|span| span < KEEP_INCIDENTS_MIN) {
        form.wrong(
            "`keep_incidents` is at least 1095d: records of what was done with personal data are \
                    kept for three years (PIPL Art. 56)"
                .to_owned(),
        );
    }
    // As long as the incidents that it is about, if nothing is said.
    let keep_audit = form.may::<Span>("keep_audit").unwrap_or(KEEP_INCIDENTS_MIN);
    if keep_audit < KEEP_AUDIT_MIN {
        form.wrong(
            "`keep_audit` is at least 184d: such logs are kept for six months (Cybersecurity Law \
                    Art. 21)"
                .to_owned(),
        );
    }
    let max_size = form.may::<Bytes>("max_size").map(|b| b.0);
    if max_size.is_some_and(|size| size < SIZE_MIN) {
        form.wrong("`max_size` is at least 4MiB: below that not even alarms have room".to_owned());
    }
    form.done();
    Some(Store {
        path: path?,
        keep_observations: keep_observations?,
        keep_incidents: keep_incidents?,
        keep_audit,
        max_size,
    })
}

fn read_mqtt(mut form: Form<'_, '_>, folder: &Path) -> Option<Mqtt> {
    let listen = form.needs::<SocketAddr>("listen");
    let anonymous = form.may::<bool>("anonymous").unwrap_or(false);
    if anonymous && listen.is_some_and(|l| !l.ip().is_loopback()) {
        form.wrong("`anonymous` is only allowed on a loopback address".to_owned());
    }
    let tls = form.form("tls").and_then(|tls| read_tls(tls, folder));
    let max_packet = form.may::<Bytes>("max_packet").map_or(1024 * 1024, |b| b.0);
    let max_packet = u32::try_from(max_packet).unwrap_or(u32::MAX);
    let max_clients = form.may("max_clients").unwrap_or(500);
    let max_queued = form.may("max_queued").unwrap_or(1000);
    let max_rate = form.may("max_rate").unwrap_or(2000);
    let clients: Vec<Client> =
        form.forms("client").into_iter().filter_map(|f| read_client(f, folder)).collect();
    form.done();
    Some(Mqtt {
        listen: listen?,
        anonymous,
        tls,
        max_packet,
        max_clients,
        max_queued,
        max_rate,
        clients,
    })
}

/// A second socket, by TLS.
fn read_tls(mut form: Form<'_, '_>, folder: &Path) -> Option<Tls> {
    let listen = form.needs("listen");
    let certificate = form.needs::<PathBuf>("certificate").map(|p| folder.join(p));
    let key = form.needs::<PathBuf>("key").map(|p| folder.join(p));
    if let (Some(certificate), Some(key)) = (&certificate, &key)
        && let Err(why) = Identity::read(certificate, key)
    {
        form.wrong(format!("`tls`: {}", in_full(&why)));
    }
    form.done();
    Some(Tls { listen: listen?, certificate: certificate?, key: key? })
}

fn read_client(mut form: Form<'_, '_>, folder: &Path) -> Option<Client> {
    let user = form.needs::<String>("user");
    let password = secret(&mut form, "password_file", folder);
    if password.is_none() {
        form.wrong("`password_file` names the file that holds the password".to_owned());
    }
    let publish = form.list("publish");
    let subscribe = form.list("subscribe");
    form.done();
    Some(Client { user: user?, password: password?, publish, subscribe })
}

fn read_broker(mut form: Form<'_, '_>, folder: &Path) -> Option<Broker> {
    let name = form.needs("name");
    let address = form.needs::<String>("address");
    if let Some(address) = &address
        && address.rsplit_once(':').is_none_or(|(_, port)| port.parse::<u16>().is_err())
    {
        form.wrong(format!("`{address}` is not `host:port`"));
    }
    let tls = form.may("tls").unwrap_or(false);
    let ca = form.may::<PathBuf>("ca").map(|p| folder.join(p));
    let user = form.may("user");
    let password = secret(&mut form, "password_file", folder);
    let subscribe = form.list("subscribe");
    form.done();
    Some(Broker { name: name?, address: address?, tls, ca, user, password, subscribe })
}

fn read_http(mut form: Form<'_, '_>, folder: &Path) -> Option<Http> {
    let listen = form.needs::<SocketAddr>("listen");
    let token = secret(&mut form, "token_file", folder);
    let tls = form.form("tls").and_then(|tls| read_tls(tls, folder));
    let all = [listen, tls.as_ref().map(|tls| tls.listen)];
    let is_public = all.into_iter().flatten().any(|listen| !listen.ip().is_loopback());
    if token.is_none() && is_public {
        form.wrong("`token_file` is wanted as soon as the address is not loopback".to_owned());
    }
    let people = match form.may::<String>("people").as_deref() {
        None | Some("log-in") => People::LogIn,
        Some("choose") => People::Choose,
        Some(other) => {
            form.wrong(format!("`people` is \"log-in\" or \"choose\", not `{other}`"));
            People::LogIn
        }
    };
    if people == People::Choose && is_public {
        form.wrong("`people = \"choose\"` is only allowed on a loopback address".to_owned());
    }
    let url = form.may::<String>("url");
    if url.as_ref().is_some_and(|url| !is_origin(url)) {
        form.wrong("`url` is the address of the pages, such as `https://care.example`".to_owned());
    }
    if tls.is_some() && !url.as_ref().is_some_and(|url| url.starts_with("https://")) {
        form.wrong(
            "with `tls`, `url` is the https:// address that the certificate is for".to_owned(),
        );
    }
    form.done();
    Some(Http { listen: listen?, token, people, url, tls })
}

/// Whether it is a scheme and a host, with nothing behind it but a slash.
fn is_origin(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.map(|rest| rest.strip_suffix('/').unwrap_or(rest));
    let legal = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    host.is_some_and(|host| !host.is_empty() && host.chars().all(legal))
}

/// Reads the file that a key names.
pub(super) fn secret(form: &mut Form<'_, '_>, key: &'static str, folder: &Path) -> Option<Secret> {
    let path = folder.join(form.may::<PathBuf>(key)?);
    match std::fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => Some(Secret::from(text.trim().to_owned())),
        Ok(_) => {
            form.wrong(format!("`{key}`: {} is empty", path.display()));
            None
        }
        Err(e) => {
            form.wrong(format!("`{key}`: cannot read {}: {e}", path.display()));
            None
        }
    }
}

impl From<AddrParseError> for Sentence {
    fn from(why: AddrParseError) -> Self {
        why.to_string().into()
    }
}
