//! `register.toml` on disk: read, and written so that at every instant a whole one is there.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

const NAME: &str = "register.toml";
/// The text before the last change, beside it.
const BEFORE: &str = "register.toml.before";
const NEW: &str = ".register.toml.new";

/// The text as it stands.
///
/// # Errors
/// What the system says.
pub fn read_register(folder: &Path) -> io::Result<String> {
    fs::read_to_string(folder.join(NAME))
}

/// Puts `text` in the place of `old`, and keeps `old` as `register.toml.before`. When this returns,
/// both are on disk; a power cut before leaves the one or the other, whole.
///
/// # Errors
/// Nothing was changed: the system refuses, or the file is no longer `old` because somebody is
/// editing it at this moment.
pub fn write_register(folder: &Path, old: &str, text: &str) -> io::Result<()> {
    // Who keeps the file elsewhere and a link here wants the file changed, not the link replaced.
    let path = fs::canonicalize(folder.join(NAME))?;
    let folder = path.parent().map_or_else(|| folder.to_owned(), Path::to_owned);
    put(&folder, &folder.join(BEFORE), &path, old)?;
    let new = prepare(&folder, &path, text)?;
    if fs::read_to_string(&path)? != old {
        fs::remove_file(&new)?;
        let why = "somebody is editing it at this moment: try again";
        return Err(io::Error::new(io::ErrorKind::ResourceBusy, why));
    }
    fs::rename(&new, &path)?;
    File::open(&folder)?.sync_all()
}

/// Undoes the last [`write_register`].
///
/// # Errors
/// What the system says.
pub fn put_back_register(folder: &Path) -> io::Result<()> {
    let path = fs::canonicalize(folder.join(NAME))?;
    let folder = path.parent().map_or_else(|| folder.to_owned(), Path::to_owned);
    fs::rename(folder.join(BEFORE), &path)?;
    File::open(&folder)?.sync_all()
}

/// Removes what was kept of the text before the last change: a home in it is to be forgotten.
///
/// # Errors
/// What the system says.
pub fn forget_register_before(folder: &Path) -> io::Result<()> {
    let path = fs::canonicalize(folder.join(NAME))?;
    let folder = path.parent().map_or_else(|| folder.to_owned(), Path::to_owned);
    match fs::remove_file(folder.join(BEFORE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => File::open(&folder)?.sync_all(),
    }
}

fn put(folder: &Path, path: &Path, like: &Path, text: &str) -> io::Result<()> {
    fs::rename(prepare(folder, like, text)?, path)
}

/// A file with this text, on disk, that everybody may read who may read `like`.
fn prepare(folder: &Path, like: &Path, text: &str) -> io::Result<PathBuf> {
    let path = folder.join(NEW);
    let (mut file, like) = (File::create(&path)?, fs::metadata(like)?);
    file.set_permissions(like.permissions())?;
    if let Err(error) = std::os::unix::fs::fchown(&file, Some(like.uid()), Some(like.gid())) {
        // Only root may give a file away; whoever else writes here has the folder, and so the file.
        tracing::debug!(%error, "the register changes its owner");
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_before_is_kept_and_a_file_under_somebody_s_hands_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let read = |name| fs::read_to_string(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(NAME), "one").unwrap();
        write_register(folder.path(), "one", "two").unwrap();
        assert_eq!((read(NAME), read(BEFORE)), ("two".to_owned(), "one".to_owned()));
        assert!(write_register(folder.path(), "one", "three").is_err());
        assert_eq!(read(NAME), "two");
        assert!(!folder.path().join(NEW).exists());
        put_back_register(folder.path()).unwrap();
        assert_eq!(read(NAME), "one");
    }

    #[test]
    fn where_the_file_is_a_link_what_it_points_to_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        for path in [&real, &link] {
            fs::create_dir(path).unwrap();
        }
        fs::write(real.join(NAME), "one").unwrap();
        std::os::unix::fs::symlink(real.join(NAME), link.join(NAME)).unwrap();
        write_register(&link, "one", "two").unwrap();
        assert_eq!(fs::read_to_string(real.join(NAME)).unwrap(), "two");
        assert!(link.join(NAME).is_symlink());
    }
}
