//! `register.toml`, `rules.toml` and `plans.toml` on disk: read, and written so that at every instant a whole one is
//! there.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Homes, devices and people.
pub(super) const REGISTER: &str = "register.toml";

/// The text before the last change, beside it.
fn before(name: &str) -> String {
    format!("{name}.before")
}

/// The text as it stands.
///
/// # Errors
/// What the system says.
pub fn read_register(folder: &Path) -> io::Result<String> {
    fs::read_to_string(folder.join(REGISTER))
}

/// Puts `text` in the place of `old` in the file of this name, and keeps `old` as `NAME.before`. When this returns,
/// both are on disk; a power cut before leaves the one or the other, whole.
///
/// # Errors
/// Nothing was changed: the system refuses, or the file is no longer `old` because somebody is
/// editing it at this moment.
pub fn write(folder: &Path, name: &str, (old, text): (&str, &str)) -> io::Result<()> {
    // Who keeps the file elsewhere and a link here wants the file changed, not the link replaced.
    let path = fs::canonicalize(folder.join(name))?;
    let folder = path.parent().map_or_else(|| folder.to_owned(), Path::to_owned);
    put(&folder, &folder.join(before(name)), &path, old)?;
    let new = prepare(&folder, &path, text)?;
    if fs::read_to_string(&path)? != old {
        fs::remove_file(&new)?;
        let why = "somebody is editing it at this moment: try again";
        return Err(io::Error::new(io::ErrorKind::ResourceBusy, why));
    }
    fs::rename(&new, &path)?;
    File::open(&folder)?.sync_all()
}

/// Undoes the last [`write`] of this file.
///
/// # Errors
/// What the system says.
pub fn put_back(folder: &Path, name: &str) -> io::Result<()> {
    let path = fs::canonicalize(folder.join(name))?;
    let folder = path.parent().map_or_else(|| folder.to_owned(), Path::to_owned);
    fs::rename(folder.join(before(name)), &path)?;
    File::open(&folder)?.sync_all()
}

/// Removes what was kept of the text before the last change: a home in it is to be forgotten.
///
/// # Errors
/// What the system says.
pub fn forget_register_before(folder: &Path) -> io::Result<()> {
    let path = fs::canonicalize(folder.join(REGISTER))?;
    let folder = path.parent().map_or_else(|| folder.to_owned(), Path::to_owned);
    match fs::remove_file(folder.join(before(REGISTER))) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => File::open(&folder)?.sync_all(),
    }
}

fn put(folder: &Path, path: &Path, like: &Path, text: &str) -> io::Result<()> {
    fs::rename(prepare(folder, like, text)?, path)
}

/// A file with this text, on disk, that everybody may read who may read `like`.
fn prepare(folder: &Path, like: &Path, text: &str) -> io::Result<PathBuf> {
    let name = like.file_name().unwrap_or_default().to_string_lossy();
    let path = folder.join(format!(".{name}.new"));
    let (mut file, like) = (File::create(&path)?, fs::metadata(like)?);
    file.set_permissions(like.permissions())?;
    if let Err(error) = std::os::unix::fs::fchown(&file, Some(like.uid()), Some(like.gid())) {
        // Only root may give a file away; whoever else writes here has the folder, and so the file.
        tracing::debug!(%error, file = %path.display(), "it changes its owner");
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
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        for name in [REGISTER, "rules.toml"] {
            fs::write(folder.path().join(name), "one").unwrap();
            write(folder.path(), name, ("one", "two")).unwrap();
            let both = (read(name), read(&before(name)));
            assert_eq!(both, ("two".to_owned(), "one".to_owned()));
            assert!(write(folder.path(), name, ("one", "three")).is_err());
            assert_eq!(read(name), "two");
            assert!(!folder.path().join(format!(".{name}.new")).exists());
            put_back(folder.path(), name).unwrap();
            assert_eq!(read(name), "one");
        }
    }

    #[test]
    fn where_the_file_is_a_link_what_it_points_to_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        for path in [&real, &link] {
            fs::create_dir(path).unwrap();
        }
        fs::write(real.join(REGISTER), "one").unwrap();
        std::os::unix::fs::symlink(real.join(REGISTER), link.join(REGISTER)).unwrap();
        write(&link, REGISTER, ("one", "two")).unwrap();
        assert_eq!(fs::read_to_string(real.join(REGISTER)).unwrap(), "two");
        assert!(link.join(REGISTER).is_symlink());
    }
}
