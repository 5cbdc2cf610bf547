//! Files of the folder: read, and written so that at every instant a whole one is there.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Homes, devices and people.
pub(super) const REGISTER: &str = "register.toml";

/// The text before the last change, beside the file.
fn before(path: &Path) -> PathBuf {
    path.with_extension("toml.before")
}

/// The text as it stands.
///
/// # Errors
/// What the system says.
pub fn read_register(folder: &Path) -> io::Result<String> {
    fs::read_to_string(folder.join(REGISTER))
}

/// Puts `text` in the place of `old` in the file of this name, and keeps `old` as `NAME.before`. When this returns,
/// both are on disk; a power cut before leaves the one or the other, whole. Of a file that is not there `old` is what
/// comes with the program, and is written down first: that means the same.
///
/// # Errors
/// Nothing was changed: the system refuses, or the file is no longer `old` because somebody is
/// editing it at this moment.
pub fn write(folder: &Path, name: &str, (old, text): (&str, &str)) -> io::Result<()> {
    let own = folder.join(name);
    if !own.exists() && name != REGISTER {
        let beside = own.parent().unwrap_or(folder);
        fs::create_dir_all(beside)?;
        put(&own, &folder.join(REGISTER), old)?;
    }
    // Who keeps the file elsewhere and a link here wants the file changed, not the link replaced.
    let path = fs::canonicalize(own)?;
    put(&before(&path), &path, old)?;
    let new = prepare(&path, &path, text)?;
    if fs::read_to_string(&path)? != old {
        fs::remove_file(&new)?;
        let why = "somebody is editing it at this moment: try again";
        return Err(io::Error::new(io::ErrorKind::ResourceBusy, why));
    }
    fs::rename(&new, &path)?;
    sync(&path)
}

/// Undoes the last [`write()`] of this file.
///
/// # Errors
/// What the system says.
pub fn put_back(folder: &Path, name: &str) -> io::Result<()> {
    let path = fs::canonicalize(folder.join(name))?;
    fs::rename(before(&path), &path)?;
    sync(&path)
}

/// Removes what was kept of the text before the last change: a home in it is to be forgotten.
///
/// # Errors
/// What the system says.
pub fn forget_register_before(folder: &Path) -> io::Result<()> {
    let path = fs::canonicalize(folder.join(REGISTER))?;
    match fs::remove_file(before(&path)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => sync(&path),
    }
}

/// That the file is there under this name is on disk.
fn sync(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(path))?.sync_all()
}

fn put(path: &Path, like: &Path, text: &str) -> io::Result<()> {
    fs::rename(prepare(path, like, text)?, path)
}

/// A file beside `path` with this text, on disk, that everybody may read who may read `like`.
fn prepare(path: &Path, like: &Path, text: &str) -> io::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let path = path.with_file_name(format!(".{name}.new"));
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
        fs::write(folder.path().join(REGISTER), "one").unwrap();
        for name in [REGISTER, "texts/zh.toml"] {
            write(folder.path(), name, ("one", "two")).unwrap();
            let kept = read(&format!("{name}.before"));
            assert_eq!((read(name), kept), ("two".to_owned(), "one".to_owned()));
            assert!(write(folder.path(), name, ("one", "three")).is_err());
            assert_eq!(read(name), "two");
            let path = folder.path().join(name);
            let rest = fs::read_dir(path.parent().unwrap()).unwrap();
            assert!(
                !rest
                    .filter_map(Result::ok)
                    .any(|f| f.path().extension().is_some_and(|e| e == "new"))
            );
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
