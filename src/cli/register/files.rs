//! `careloop register export` and `import`: the whole register, or its people or homes as rows.

use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::{How, settle};
use crate::cli::Failure;
use crate::config;
use crate::registrar::{Change, Layout, Part, Rows};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Export {
    /// Write to this file: the whole register as .toml, or rows as .csv or .json; if left out, print
    /// register.toml
    file: Option<PathBuf>,
    #[command(flatten)]
    of: Of,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Import {
    /// The file: the whole register as .toml, or rows as .csv or .json; `-` is a whole register from
    /// standard input
    file: PathBuf,
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    how: How,
}

/// What the rows are.
#[derive(Debug, Clone, Copy, clap::Args)]
#[group(multiple = false)]
struct Of {
    /// Rows of people: id, name, role, language, duty, contacts
    #[arg(long)]
    people: bool,
    /// Rows of homes: id, name, address, zone, post, grid, visits, responders, ask
    #[arg(long)]
    homes: bool,
}

/// What a file is to have in it.
enum Whole {
    Register,
    Rows(Part, Layout),
}

impl Of {
    fn file(self, file: &Path) -> Result<Whole, Failure> {
        let layout = match file.extension().and_then(|extension| extension.to_str()) {
            Some(end) if end.eq_ignore_ascii_case("csv") => Some(Layout::Csv),
            Some(end) if end.eq_ignore_ascii_case("json") => Some(Layout::Json),
            Some(_) | None => None,
        };
        let name = file.display();
        match (layout, self.people, self.homes) {
            (None, false, false) => Ok(Whole::Register),
            (Some(layout), true, false) => Ok(Whole::Rows(Part::People, layout)),
            (Some(layout), false, true) => Ok(Whole::Rows(Part::Homes, layout)),
            (Some(_), ..) => {
                Err(Failure::Wrong(format!("{name} has rows: say of what, --people or --homes")))
            }
            (None, ..) => Err(Failure::Wrong(format!("{name}: rows are in a .csv or .json file"))),
        }
    }
}

pub(super) fn export(folder: &Path, Export { file, of }: &Export) -> Result<(), Failure> {
    let text = config::read_register(folder).map_err(|e| {
        Failure::Cannot(format!("cannot read {}/register.toml: {e}", folder.display()))
    })?;
    let Some(file) = file else {
        if of.people || of.homes {
            let why = "rows go to a file: name one that ends in .csv or .json";
            return Err(Failure::Wrong(why.to_owned()));
        }
        text!("{text}");
        return Ok(());
    };
    let text = match of.file(file)? {
        Whole::Register => text,
        Whole::Rows(of, layout) => {
            config::export_rows(&text, of, layout).map_err(super::refused)?
        }
    };
    // Names and numbers of people: nobody else's business.
    let mut options = OpenOptions::new();
    let opened = options.write(true).create(true).truncate(true).mode(0o600).open(file);
    let written = opened.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|e| Failure::Cannot(format!("cannot write {}: {e}", file.display())))
}

pub(super) fn import(folder: &Path, Import { file, of, how }: &Import) -> Result<(), Failure> {
    let change = match of.file(file)? {
        Whole::Register => Change::Import(read(file)?),
        Whole::Rows(of, layout) => {
            let bytes = std::fs::read(file)
                .map_err(|e| Failure::Cannot(format!("cannot read {}: {e}", file.display())))?;
            Change::Rows(Rows { of, layout, file: file.display().to_string(), bytes })
        }
    };
    settle(folder, &change, *how).map(drop)
}

fn read(file: &Path) -> Result<String, Failure> {
    let cannot = |e| Failure::Cannot(format!("cannot read {}: {e}", file.display()));
    if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(cannot)?;
        return Ok(text);
    }
    std::fs::read_to_string(file).map_err(cannot)
}
