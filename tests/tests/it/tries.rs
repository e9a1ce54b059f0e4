//! Somebody else has the phone and tries: counted before each try, made to wait, and at the tenth the keys are gone.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use device::{Cost, Device, Host, Keystore, SoftwareKeystore, SystemHost};
use serde_json::Value;
use tempfile::TempDir;
use world::{
    World, copy_folder,
    process::{PASSPHRASE, ServerProcess, Shell, finish, program},
    small_disk::on_a_small_disk,
};

use crate::golden_vault::taken_out;

const PIN: &str = "271828";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// This machine on another day: the same files and keystore as the command line has, and a time that passes when told to.
struct Yesterday {
    machine: SystemHost,
    behind_ms: AtomicI64,
}

impl Host for Yesterday {
    fn now_ms(&self) -> i64 {
        self.machine.now_ms() - self.behind_ms.load(Ordering::Relaxed)
    }

    fn fill_random(&self, out: &mut [u8]) {
        self.machine.fill_random(out);
    }

    fn keystore(&self) -> Option<&dyn Keystore> {
        self.machine.keystore()
    }

    fn cost(&self) -> Cost {
        self.machine.cost()
    }
}

/// A phone with a secret of its own, used through the command line.
struct Phone {
    dir: PathBuf,
    shell: Shell,
    keystore: Option<PathBuf>,
}

impl Phone {
    fn with_pin(dir: &Path) -> Self {
        let phone = Self { dir: dir.to_owned(), shell: Shell::new(dir), keystore: Some(dir.join("keystore")) };
        phone.types(PIN);
        phone
    }

    fn with_passphrase(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), shell: Shell::new(dir), keystore: None }
    }

    /// What whoever holds the phone types from now on.
    fn types(&self, secret: &str) -> &Self {
        fs::write(self.dir.join("passphrase"), secret).expect("written");
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.shell.command(arguments);
        if let Some(keystore) = &self.keystore {
            command.arg("--keystore").arg(keystore);
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Result<Value, Value> {
        let ran = finish(self.command(arguments).spawn().expect("starts"));
        match ran.status.success() {
            true => Ok(ran.json()),
            false => Err(serde_json::from_str::<Value>(&ran.stderr).unwrap_or_default()["error"].clone()),
        }
    }

    fn ok(&self, arguments: &[&str]) -> Value {
        self.run(arguments).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
    }

    fn killed_at(&self, place: &str) {
        let ran = finish(self.command(&["case", "list"]).env("BROBYGGER_CRASH_AT", place).spawn().expect("starts"));
        assert_eq!((ran.status.code(), ran.stdout.as_str()), (None, ""), "{place} is passed: {ran:?}");
    }

    fn code(&self, secret: &str) -> String {
        self.types(secret)
            .run(&["case", "list"])
            .err()
            .map_or_else(String::new, |error| error["code"].as_str().unwrap_or_default().to_owned())
    }

    /// Nine wrong tries, the last of them long ago.
    fn nine_wrong(&self) {
        let keystore = self.keystore.as_ref().map(|file| SoftwareKeystore::open(file).expect("a keystore"));
        let machine =
            keystore.map_or_else(|| SystemHost::with_cost(Cost::FLOOR), |keystore| SystemHost::with_keystore(keystore, Cost::FLOOR));
        let host = Arc::new(Yesterday { machine, behind_ms: AtomicI64::new(DAY_MS) });
        let device = Device::new(&self.shell.data, Arc::clone(&host) as Arc<dyn Host>);
        for _ in 0..9 {
            host.behind_ms.fetch_sub(i64::from(device.standing().wait_s) * 1000, Ordering::Relaxed);
            assert_eq!(device.unlock(b"000000").expect_err("wrong").code(), "vault.wrong_secret");
        }
        assert_eq!(device.standing().left, Some(1));
    }

    fn names(&self) -> BTreeSet<String> {
        let names = fs::read_dir(&self.shell.data).expect("a folder").flatten();
        names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

fn enrolled(hanne: &Shell, phone: &Phone, who: &str) {
    let invited = hanne.ok(&["invite", "--person", who, "--role", "mentor"]);
    let joined = phone.ok(&["join", &text(&invited["invitation"])]);
    hanne.ok(&["approve", &text(&joined["request"])]);
    phone.ok(&["sync"]);
}

#[test]
fn e25_ten_wrong_pins_destroy_the_keys_and_a_new_enrolment_brings_back_what_was_sent() {
    let dir = TempDir::new().expect("a folder");
    let server = ServerProcess::start(&dir.path().join("server"));
    let hanne = Shell::new(&dir.path().join("hanne"));
    hanne.ok(&["org", "create", "--server", &server.url(), "--name", "Broen", "--person", "Hanne"]);
    let aase = Phone::with_pin(&dir.path().join("aase"));
    enrolled(&hanne, &aase, "Åse");
    let case = text(&aase.ok(&["case", "new", "--alias", "Falken", "--programme", "national"])["case"]);
    aase.ok(&["note", "add", &case, "--text", "Sendt."]);
    aase.ok(&["sync"]);
    hanne.ok(&["sync"]);
    aase.ok(&["note", "add", &case, "--text", "Ikke sendt."]);

    let first = aase.types("000000").run(&["case", "list"]).expect_err("wrong");
    aase.types(PIN).ok(&["case", "list"]);
    aase.nine_wrong();
    let before = fs::read(aase.shell.data.join("keyslots")).expect("keyslots");
    let tenth = aase.types("000000").run(&["case", "list"]).expect_err("wrong");
    assert_eq!(first, tenth, "the tenth is told what the first was told");
    assert_eq!(aase.names(), BTreeSet::from(["lock".to_owned()]), "nothing else is left in the folder");
    assert_eq!(aase.code(PIN), "vault.none", "it looks like a device that never had a vault");

    // Whoever kept the folder's keyslots from before has no database to open with them.
    fs::write(aase.shell.data.join("keyslots"), before).expect("put back");
    assert_ne!(aase.code(PIN), "");
    fs::remove_dir_all(&aase.shell.data).expect("as after the wipe");

    let invited = hanne.ok(&["invite", "--person", &member(&hanne, "Åse"), "--role", "mentor"]);
    let joined = aase.types("314159").ok(&["join", &text(&invited["invitation"])]);
    hanne.ok(&["approve", &text(&joined["request"])]);
    hanne.ok(&["sync"]);
    aase.ok(&["sync"]);
    hanne.ok(&["sync"]);
    aase.ok(&["sync"]);
    let shown = aase.ok(&["case", "show", "Falken"]).to_string();
    assert!(shown.contains("Sendt.") && !shown.contains("Ikke sendt."), "what was sent is back, what was not is lost: {shown}");
    drop(server);
}

fn member(hanne: &Shell, name: &str) -> String {
    let people = hanne.ok(&["people"]);
    let row = people["people"].as_array().expect("a list").iter().find(|row| row["name"] == name).expect("a person").clone();
    text(&row["id"])
}

#[test]
fn a_try_that_is_killed_between_the_count_and_the_secret_counts() {
    let dir = TempDir::new().expect("a folder");
    let aase = Phone::with_passphrase(dir.path());
    let machine = Arc::new(SystemHost::with_cost(Cost::FLOOR));
    Device::new(&aase.shell.data, machine).create_vault(PASSPHRASE.as_bytes()).expect("a vault");
    aase.killed_at("try.before");
    for _ in 0..4 {
        aase.killed_at("try.after");
    }
    let error = aase.run(&["case", "list"]).expect_err("waits");
    assert_eq!((error["code"].as_str(), error["left"].as_u64()), (Some("vault.wait"), None));
    let wait = error["wait_s"].as_u64().expect("seconds");
    assert!((1..=30).contains(&wait), "{wait}");
    for lang in ["da", "en"] {
        let mut command = Command::new(program("brobygger"));
        command.arg("--data").arg(&aase.shell.data).arg("--passphrase-file").arg(dir.path().join("passphrase"));
        let said =
            finish(command.args(["--lang", lang, "case", "list"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts"));
        let word = if lang == "da" { "sekund" } else { "second" };
        assert!(said.stderr.contains(word) && said.stderr.contains("(vault.wait)"), "{said:?}");
    }
}

/// The honest limit, with a keystore in software as without one: whoever can put files back can put the count back.
#[test]
fn a_count_put_back_from_an_older_copy_of_the_folder_is_not_noticed_by_a_new_process() {
    for with in [Phone::with_pin, Phone::with_passphrase] {
        let dir = TempDir::new().expect("a folder");
        let aase = with(dir.path());
        let keystore = aase.keystore.as_ref().map(|file| SoftwareKeystore::open(file).expect("a keystore"));
        let secret = if keystore.is_some() { PIN } else { PASSPHRASE };
        let machine =
            keystore.map_or_else(|| SystemHost::with_cost(Cost::FLOOR), |keystore| SystemHost::with_keystore(keystore, Cost::FLOOR));
        Device::new(&aase.shell.data, Arc::new(machine)).create_vault(secret.as_bytes()).expect("a vault");
        let kept = TempDir::new().expect("a folder");
        copy_folder(&aase.shell.data, kept.path());
        for _ in 0..4 {
            assert_eq!(aase.code("000000"), "vault.wrong_secret");
        }
        assert_eq!(aase.code(secret), "vault.wait");
        copy_folder(kept.path(), &aase.shell.data);
        assert_eq!(aase.code(secret), "", "it opens");
    }
}

/// Which version the keyslots are of.
fn version(phone: &Phone) -> u8 {
    fs::read(phone.shell.data.join("keyslots")).expect("keyslots")[5]
}

#[test]
fn a_vault_of_before_the_count_loses_no_try_and_is_counted_from_then_on_wherever_it_is_killed() {
    for place in ["", "try.before", "try.after", "rewrap.before", "rewrap.after"] {
        let dir = TempDir::new().expect("a folder");
        let aase = Phone::with_passphrase(dir.path());
        fs::create_dir_all(&aase.shell.data).expect("a folder");
        taken_out(&World::new(3), 1, &aase.shell.data);
        fs::remove_file(aase.shell.data.join("tries")).unwrap_or_default();
        fs::copy(crate::house::root().join("tests/golden/vault-1/keyslots"), aase.shell.data.join("keyslots")).expect("copied");
        if !place.is_empty() {
            aase.killed_at(place);
        }
        assert_eq!(version(&aase), if place == "rewrap.after" { 2 } else { 1 }, "{place}");
        for _ in 0..2 {
            assert_eq!(aase.code("noget helt andet end det rigtige"), "vault.wrong_secret", "{place}");
        }
        assert_eq!(aase.code(PASSPHRASE), "", "{place}");
        assert_eq!(version(&aase), 2, "{place}");
        fs::remove_file(aase.shell.data.join("tries")).expect("a count");
        assert_eq!(aase.code(PASSPHRASE), "vault.wait", "{place}: from now on a count that is gone is a count that is used up");
    }
}

#[test]
fn killed_while_the_keys_are_destroyed_nothing_has_happened_or_nobody_opens_it_again() {
    for place in ["wipe.before", "wipe.after"] {
        let dir = TempDir::new().expect("a folder");
        let aase = Phone::with_pin(dir.path());
        let keystore = SoftwareKeystore::open(&dir.path().join("keystore")).expect("a keystore");
        let device = Device::new(&aase.shell.data, Arc::new(SystemHost::with_keystore(keystore, Cost::FLOOR)));
        device.create_vault(PIN.as_bytes()).expect("a vault");
        device.lock();
        aase.nine_wrong();
        let header = fs::read(aase.shell.data.join("keyslots")).expect("keyslots")[..34].to_vec();
        aase.types("000000").killed_at(place);
        let left = fs::read(aase.shell.data.join("keyslots")).expect("keyslots");
        assert_eq!((left.len(), left[..34].to_vec()), (2082, header), "the file looks as it did");
        assert_eq!(aase.code(PIN), "vault.wait", "{place}");
        let keystore = SoftwareKeystore::open(&dir.path().join("keystore")).expect("a keystore");
        let machine = SystemHost::with_keystore(keystore, Cost::FLOOR);
        let later = Arc::new(Yesterday { machine, behind_ms: AtomicI64::new(-DAY_MS) });
        let device = Device::new(&aase.shell.data, later);
        match place {
            "wipe.before" => device.unlock(PIN.as_bytes()).expect("nothing has happened"),
            _ => {
                assert_eq!(device.unlock(PIN.as_bytes()).expect_err("destroyed").code(), "vault.wrong_secret");
                assert!(!device.has_vault(), "and what was left to do is done");
                assert_eq!(aase.names(), BTreeSet::from(["lock".to_owned()]));
            }
        }
    }
}

/// A vault with a secret on a small disk, and a device that opens it.
fn on_disk(dir: &Path, with_keystore: bool) -> Device {
    let machine = if with_keystore {
        SystemHost::with_keystore(SoftwareKeystore::open(&dir.with_extension("keystore")).expect("a keystore"), Cost::FLOOR)
    } else {
        SystemHost::with_cost(Cost::FLOOR)
    };
    let device = Device::new(dir, Arc::new(machine));
    device.create_vault(if with_keystore { PIN } else { PASSPHRASE }.as_bytes()).expect("a vault");
    device.lock();
    device
}

#[test]
fn a_full_disk_counts_all_the_same_and_one_that_takes_nothing_is_read_with_a_passphrase_and_not_with_a_pin() {
    on_a_small_disk(
        "tries::a_full_disk_counts_all_the_same_and_one_that_takes_nothing_is_read_with_a_passphrase_and_not_with_a_pin",
        |disk| {
            let folder = disk.folder("folder");
            let (with_pin, with_passphrase) = (on_disk(&folder.join("pin"), true), on_disk(&folder.join("passphrase"), false));
            disk.fill_but(0);
            for device in [&with_pin, &with_passphrase] {
                for _ in 0..3 {
                    assert_eq!(device.unlock(b"000000").expect_err("wrong").code(), "vault.wrong_secret");
                }
                device.unlock(if device.takes_pin() { PIN } else { PASSPHRASE }.as_bytes()).expect("opens, if only for reading");
                device.lock();
                for _ in 0..4 {
                    assert_eq!(device.unlock(b"000000").expect_err("wrong").code(), "vault.wrong_secret");
                }
                assert!(device.standing().wait_s > 0, "counted, and taken back by the right one in between");
            }
            disk.make_room();
            let later = disk.folder("later");
            let (with_pin, with_passphrase) = (on_disk(&later.join("pin"), true), on_disk(&later.join("passphrase"), false));
            if disk.set_read_only(true) {
                for _ in 0..12 {
                    assert_eq!(with_passphrase.unlock(b"000000").expect_err("wrong").code(), "vault.wrong_secret");
                    assert_eq!(with_pin.unlock(b"000000").expect_err("not tried").code(), "vault.read_only_disk");
                    assert_eq!(with_pin.unlock(PIN.as_bytes()).expect_err("not tried").code(), "vault.read_only_disk");
                }
                with_passphrase.unlock(PASSPHRASE.as_bytes()).expect("opens for reading");
                assert_eq!(with_passphrase.read_only(), Some("vault.read_only_disk"));
                with_passphrase.lock();
                disk.set_read_only(false);
            }
            with_pin.unlock(PIN.as_bytes()).expect("nothing was lost");
        },
    );
}

/// Whose files `/proc` says this process's are: root's, when nobody may look into it.
fn owner(of: u32) -> u32 {
    fs::metadata(format!("/proc/{of}/environ")).expect("a process").uid()
}

#[test]
fn no_other_process_of_the_same_person_may_look_into_the_command_line() {
    const SOMEBODY: u32 = 65_534;
    let dir = TempDir::new().expect("a folder");
    let secret = dir.path().join("secret");
    assert!(Command::new("mkfifo").arg(&secret).status().expect("runs").success());
    let is_root = fs::metadata("/proc/self").expect("a process").uid() == 0;
    let as_somebody = |command: &mut Command| {
        if is_root {
            command.uid(SOMEBODY).gid(SOMEBODY);
        }
    };
    for path in [dir.path(), secret.as_path()] {
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o777)).expect("set");
    }
    // A copy: the folder of the build may be closed to others.
    let copy = dir.path().join("brobygger");
    fs::copy(program("brobygger"), &copy).expect("copied");
    let mut command = Command::new(&copy);
    command.arg("--data").arg(dir.path().join("data")).arg("--passphrase-file").arg(&secret).args(["join", "bb1-x"]);
    as_somebody(&mut command);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    let mut other = Command::new("sleep");
    as_somebody(&mut other);
    let mut other = other.arg("60").spawn().expect("starts");
    let begun = Instant::now();
    // It is at the passphrase, which nobody gives it.
    let is_closed = loop {
        let (mine, theirs) = (owner(child.id()), owner(other.id()));
        if mine == 0 && theirs != 0 {
            break true;
        }
        if begun.elapsed() > Duration::from_secs(20) {
            break false;
        }
        sleep(Duration::from_millis(10));
    };
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).expect("limits");
    for child in [&mut child, &mut other] {
        let _ = child.kill();
        let _ = child.wait();
    }
    assert!(is_closed, "the program is closed and another is not");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit of cores");
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
}
