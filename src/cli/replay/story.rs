//! A story, played by the rules of the configuration.

use std::path::Path;
use std::sync::Arc;

use super::{Failure, load, read};
use crate::timeline;

pub(super) fn play(folder: &Path, file: &Path) -> Result<(), Failure> {
    let config = load(folder)?;
    let told = read(file)?;
    let Some(home) = config.homes.first() else {
        return Err(Failure::Wrong("register.toml has no [[home]] for the story".to_owned()));
    };
    let stage = timeline::Stage { book: Arc::clone(&config.book), home: (**home).clone() };
    let wrong = |why| Failure::Wrong(format!("{}: {why}", file.display()));
    let played = timeline::play(&stage, &told).map_err(wrong)?;
    text!("{played}");
    Ok(())
}
