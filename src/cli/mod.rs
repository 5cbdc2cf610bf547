//! The command line: one file a command. Results go to standard output, errors to standard error;
//! exit code 0: done, 1: could not, 2: what was written is wrong.

#![expect(clippy::print_stderr, reason = "the command line is its business")]

/// Prints a line. Whoever no longer reads (`| head`) has what they wanted, and the command ends.
macro_rules! line {
    ($($part:tt)*) => { $crate::cli::print(&format_args!("{}\n", format_args!($($part)*))) };
}
/// Prints a text as it is.
macro_rules! text {
    ($($part:tt)*) => { $crate::cli::print(&format_args!($($part)*)) };
}

mod api;
mod audit;
mod check;
mod demo;
mod devices;
mod export;
mod grounds;
mod home;
mod incident;
mod invite;
mod register;
mod replay;
mod report;
mod requests;
mod run;
mod simulate;
mod status;
mod token;
mod visits;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

use crate::config::{self, Config, Problems};
use crate::gateway::Follower;
use crate::inbox::Look;
use crate::store::{Reader, StoreError};

/// Watches over an old person at home, and does not let go until a human being has closed what it
/// found: detect, warn, alarm, close the loop.
#[derive(Debug, Parser)]
#[command(name = "careloop", version, max_term_width = 100)]
struct Cli {
    /// The folder with gateway.toml, rules.toml, plans.toml and register.toml, and maybe coverage.toml
    #[arg(
        long,
        global = true,
        default_value = "config",
        value_name = "DIR",
        env = "CARELOOP_CONFIG"
    )]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway until it is told to stop
    Run,
    /// Show everything with a simulated household: no set-up, no root, no network
    Demo(demo::Args),
    /// Check the configuration and name every mistake
    Check(check::Args),
    /// Feed the journal, or a recording, to the engine again and print what it does
    Replay(replay::Args),
    /// Live simulated households through the same engine, and say what the rules find, miss and make up
    Simulate(simulate::Args),
    /// Devices: those of the register, those that wait, and how one gets from there to here
    Devices(devices::Args),
    /// Export, import and reload the register: homes, devices, people
    #[command(subcommand)]
    Register(register::Command),
    /// Have the running gateway take what was edited by hand: register, rules, plans, rooms, profiles
    Reload(register::How),
    /// Show what is known of homes: where residents are, what is silenced, learnt and otherwise; say that
    /// nobody is at home, or that a rule is to be quiet
    Home(home::Args),
    /// Let a person in on their own phone, by a link and a code to scan; or shut them out
    Invite(invite::Args),
    /// Tokens for programs, each with no more rights than it needs
    #[command(subcommand)]
    Token(token::Command),
    /// List and show incidents, and move them on
    #[command(subcommand)]
    Incident(incident::Command),
    /// Prove that the record was not changed, and say who saw, took away or changed what
    #[command(subcommand)]
    Audit(audit::Command),
    /// Whom somebody has to see, what hangs most on it first
    Visits(visits::Args),
    /// What people asked for and reported: who has it, whether it is in time, how content they were
    Requests(requests::Args),
    /// What the record comes to: the figures of a month, the hand-over of a shift
    #[command(subcommand)]
    Report(report::Command),
    /// Take incidents out, masked for whom they are for; that goes on record
    #[command(subcommand)]
    Export(export::Command),
    /// Say how the gateway is
    Status(status::Args),
}

/// Why a command could not do what it was asked.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// What was written is wrong; exit code 2.
    #[error("{0}")]
    Wrong(String),
    /// The configuration; exit code 2.
    #[error(transparent)]
    Config(#[from] Problems),
    /// It could not be done; exit code 1.
    #[error("{0}")]
    Cannot(String),
    /// The store; exit code 1.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let folder = &cli.config;
    let done = match cli.command {
        Command::Run => run::run(folder),
        Command::Demo(args) => demo::run(&args),
        Command::Check(args) => check::run(folder, &args),
        Command::Replay(args) => replay::run(folder, &args),
        Command::Simulate(args) => simulate::run(folder, &args),
        Command::Devices(args) => devices::run(folder, &args),
        Command::Register(command) => register::run(folder, &command),
        Command::Reload(how) => register::reload(folder, how),
        Command::Home(args) => home::run(folder, args),
        Command::Invite(args) => invite::run(folder, &args),
        Command::Token(command) => token::run(folder, &command),
        Command::Incident(command) => incident::run(folder, command),
        Command::Audit(command) => audit::run(folder, &command),
        Command::Visits(args) => visits::run(folder, args),
        Command::Requests(args) => requests::run(folder, &args),
        Command::Report(command) => report::run(folder, &command),
        Command::Export(command) => export::run(folder, &command),
        Command::Status(args) => status::run(folder, &args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(match failure {
                Failure::Wrong(_) | Failure::Config(_) => 2,
                Failure::Cannot(_) | Failure::Store(_) => 1,
            })
        }
    }
}

fn load(folder: &std::path::Path) -> Result<Config, Failure> {
    Ok(config::load(folder)?)
}

/// The configuration, and its store for reading, as it stands at this instant.
fn open(folder: &std::path::Path) -> Result<(Config, Reader), Failure> {
    let config = load(folder)?;
    let path = &config.settings.store.path;
    if !path.exists() {
        return Err(Failure::Cannot(format!("there is no database {} yet", path.display())));
    }
    let reader = Reader::open(path)?;
    reader.hold_still()?;
    Ok((config, reader))
}

/// What is known of every home as the disk tells it, whether the gateway runs or not.
fn looks(config: &Config, reader: &Reader) -> Result<Vec<Look>, Failure> {
    let current = (config.book_texts.digest(), Arc::clone(&config.book));
    Ok(Follower::caught_up(reader, current)?.looks())
}

fn print(text: &std::fmt::Arguments<'_>) {
    if std::io::stdout().write_fmt(*text).is_err() {
        std::process::exit(0);
    }
}

/// Prints a value as JSON.
fn print_json<T: serde::Serialize>(value: &T) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|e| Failure::Cannot(e.to_string()))?;
    line!("{text}");
    Ok(())
}

/// The runtime of commands that need one.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Failure::Cannot(format!("cannot start: {e}")))
}
