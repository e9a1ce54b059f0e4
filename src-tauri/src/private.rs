//! Files that only their owner may read.

use std::{fs, io, io::Write, path::Path};

/// Writes a small file whole or not at all, in a folder that is made when it is not there. For the owner only.
///
/// # Errors
/// What the disk says.
pub fn write(dir: &Path, name: &str, bytes: &[u8]) -> device::Result<()> {
    make_dir(dir)?;
    let beside = dir.join(format!("{name}.new"));
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    put(&beside, bytes)?;
    Ok(fs::rename(&beside, dir.join(name))?)
}

/// Writes a new file for the owner only.
///
/// # Errors
/// `AlreadyExists` when there is one, or what the disk says.
pub fn put(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn make_dir(dir: &Path) -> io::Result<()> {
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(dir)
}
