//! careloop: see `careloop --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    careloop::cli::main()
}
