//! A disk that is really full, or takes nothing: a few MiB of memory, mounted where only this process sees it.

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

const INSIDE: &str = "BROBYGGER_SMALL_DISK";
const MOUNTED: &str = "mounted";
const LIMITED: &str = "limited";

/// How small the disk is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// A file system of its own in a namespace of its own.
    Mount,
    /// No file may grow beyond a size: where the machine allows no namespaces.
    Limit,
}

/// A small disk with the stories that are told on it.
#[derive(Debug)]
pub struct SmallDisk {
    dir: PathBuf,
    by: By,
}

/// Tells a story on a small disk, in a process of its own that runs only the test of this name (`module::name`).
///
/// # Panics
/// When the story fails, or this machine has neither namespaces nor `prlimit`.
pub fn on_a_small_disk(test: &str, story: impl FnOnce(&SmallDisk)) {
    if let Some(disk) = inside() {
        return story(&disk);
    }
    let dir = TempDir::new().expect("a folder");
    let this = env::current_exe().expect("this test has a path");
    let may_mount = mounting(dir.path()).arg("true").output().is_ok_and(|ran| ran.status.success());
    let mut command = if may_mount {
        let mut command = mounting(dir.path());
        command.env(INSIDE, format!("{MOUNTED}:{}", dir.path().display()));
        command
    } else {
        // Growing beyond the limit is to be refused, not to end the process.
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]);
        command.env(INSIDE, format!("{LIMITED}:{}", dir.path().display()));
        command
    };
    println!("{test}: {}", if may_mount { "on a mounted disk of 4 MiB" } else { "no namespaces here: under a limit of file size" });
    let ran = command.arg(this).args(["--exact", test, "--nocapture"]).output().expect("the story starts");
    println!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{test} on a small disk");
    assert!(String::from_utf8_lossy(&ran.stdout).contains("1 passed"), "the story was told");
}

fn mounting(dir: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c"]);
    command.args(["mount -t tmpfs -o size=4m,mode=700 small \"$0\" && exec \"$@\""]).arg(dir);
    command
}

fn inside() -> Option<SmallDisk> {
    let told = env::var(INSIDE).ok()?;
    let (by, dir) = told.split_once(':')?;
    Some(SmallDisk { dir: dir.into(), by: if by == MOUNTED { By::Mount } else { By::Limit } })
}

impl SmallDisk {
    /// A folder on it.
    pub fn folder(&self, name: &str) -> PathBuf {
        let dir = self.dir.join(name);
        fs::create_dir_all(&dir).expect("a folder");
        dir
    }

    /// Whether it is a disk of its own. Under a limit of file size the system says "too large" where a full disk says "full".
    pub fn is_mounted(&self) -> bool {
        self.by == By::Mount
    }

    /// Leaves at most so many bytes free.
    pub fn fill_but(&self, bytes: usize) {
        self.make_room();
        if self.by == By::Limit {
            return self.limit(&bytes.to_string());
        }
        let mut ballast = fs::File::create(self.ballast()).expect("a file");
        let mut step = 64 * 1024;
        let mut written = 0_usize;
        while step > 0 {
            match ballast.write(&vec![1; step]) {
                Ok(n) if n > 0 => written += n,
                _ => step /= 2,
            }
        }
        ballast.set_len(u64::try_from(written.saturating_sub(bytes)).expect("a length")).expect("shorter");
    }

    /// Removes what fills it.
    pub fn make_room(&self) {
        if self.by == By::Limit {
            return self.limit("unlimited");
        }
        let _ = fs::remove_file(self.ballast());
    }

    /// Lets it take nothing, or everything again. Gives whether this machine can do that.
    pub fn set_read_only(&self, read_only: bool) -> bool {
        if self.by == By::Limit {
            return false;
        }
        let how = if read_only { "remount,ro" } else { "remount,rw" };
        let ran = Command::new("mount").args(["-o", how]).arg(&self.dir).status().expect("mount runs");
        assert!(ran.success(), "{how}");
        true
    }

    fn ballast(&self) -> PathBuf {
        self.dir.join("ballast")
    }

    fn limit(&self, bytes: &str) {
        let this = std::process::id().to_string();
        let ran = Command::new("prlimit").args(["--pid", &this, &format!("--fsize={bytes}:")]).status().expect("prlimit is here");
        assert!(ran.success(), "a limit of {bytes}");
    }
}
