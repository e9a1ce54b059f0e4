//! What lies in the strongroom opens after the secret only, for a minute, and stands nowhere else on the device.
#![allow(clippy::disallowed_methods, reason = "tests read files")]

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use casework::{Programme, Protection, Purpose};
use rusqlite::{Connection, types::ValueRef};
use seal::keyslot::Cost;
use tempfile::TempDir;
use wire::id::CaseId;

use super::*;
use crate::{SystemHost, compose::compose, repair::tests::told};

const SECRET: &[u8] = b"tolv cykler under broen ved havnen";
const BEGIN_MS: i64 = 1_795_334_400_000;
const ADDRESS: &str = "Kanariestien 3, 2. tv., Aadal";

/// A machine whose clock a test holds.
struct Bench(AtomicI64);

impl Host for Bench {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    fn fill_random(&self, out: &mut [u8]) {
        SystemHost::default().fill_random(out);
    }

    fn cost(&self) -> Cost {
        Cost::FLOOR
    }
}

struct Desk {
    _dir: TempDir,
    bench: Arc<Bench>,
    device: Device,
    case: CaseId,
}

impl Desk {
    fn new() -> Self {
        let (dir, bench) = (TempDir::new().unwrap(), Arc::new(Bench(AtomicI64::new(BEGIN_MS))));
        let device = Device::new(dir.path(), bench.clone());
        device.create_vault(SECRET).unwrap();
        device.found_organisation("http://127.0.0.1:1", Vec::new(), "Broen", "Hanne", "bordet").unwrap();
        let case = device.new_case("Falken", Programme::National, None).unwrap();
        Self { _dir: dir, bench, device, case }
    }

    fn with_address() -> Self {
        let desk = Self::new();
        desk.device.open_strongroom(SECRET).unwrap();
        desk.device.enter_address(desk.case, ADDRESS, Protection::Special, [None, None]).unwrap();
        desk
    }

    fn pass(&self, ms: i64) {
        self.bench.0.fetch_add(ms, Ordering::Relaxed);
    }

    fn look(&self) -> std::result::Result<Option<String>, String> {
        self.device.look_at_address(self.case, Purpose::Check).map(|shown| shown.address).map_err(|error| error.code())
    }

    /// Everything that was decided is accepted, and what waits is sealed.
    fn on_the_server(&self) {
        told(&self.device, Some(self.case));
        self.device.with(|open, host| compose(open, host)).unwrap();
    }

    /// Every cell of every table that holds the words.
    fn cells_with(&self, words: &str) -> Vec<String> {
        self.device.with(|open, _| Ok(cells_with(open.vault.db(), words))).unwrap()
    }
}

fn cells_with(db: &Connection, words: &str) -> Vec<String> {
    let mut tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(|name| name.unwrap()).collect();
    let mut found = Vec::new();
    for table in tables {
        let mut statement = db.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for (at, column) in columns.iter().enumerate() {
                let (ValueRef::Text(bytes) | ValueRef::Blob(bytes)) = row.get_ref(at).unwrap() else { continue };
                if bytes.windows(words.len()).any(|part| part == words.as_bytes()) {
                    found.push(format!("{table}.{column}"));
                }
            }
        }
    }
    found
}

#[test]
fn an_address_stands_in_no_cell_of_the_open_vault_before_or_after_it_is_sealed() {
    let desk = Desk::with_address();
    assert!(desk.cells_with("Falken").contains(&"case_row.row".to_owned()), "the search finds what is there");
    assert_eq!(desk.cells_with("Kanariestien"), Vec::<String>::new(), "while it waits");
    desk.on_the_server();
    assert_eq!(desk.device.address_standing(desk.case).unwrap().waiting, 0, "sealed");
    assert_eq!(desk.cells_with("Kanariestien"), Vec::<String>::new(), "and sealed");
    assert_eq!(desk.look().unwrap().as_deref(), Some(ADDRESS));
    assert_eq!(desk.cells_with("Kanariestien"), Vec::<String>::new(), "and looked at");
}

#[test]
fn no_key_of_an_address_lies_open_in_the_vault() {
    let desk = Desk::with_address();
    desk.on_the_server();
    let open_keys = desk.device.with(|open, _| {
        let sql = "SELECT count(*) FROM epoch_key WHERE compartment = 2 AND length(key) = 32";
        let all = "SELECT count(*) FROM epoch_key WHERE compartment = 2";
        let count = |sql| open.vault.db().query_row(sql, [], |row| row.get::<_, i64>(0));
        Ok((count(sql)?, count(all)?))
    });
    assert_eq!(open_keys.unwrap(), (0, 1));
}

#[test]
fn the_door_shuts_a_minute_after_it_was_last_needed_and_at_a_clock_set_back() {
    let desk = Desk::with_address();
    desk.pass(OPEN_MS - 1);
    assert_eq!(desk.look().unwrap().as_deref(), Some(ADDRESS));
    desk.pass(OPEN_MS - 1);
    assert_eq!(desk.look().unwrap().as_deref(), Some(ADDRESS), "each look is a minute more");
    desk.pass(OPEN_MS);
    assert_eq!(desk.look(), Err("address.locked".to_owned()));
    let again = desk.device.enter_address(desk.case, "Havnegade 1", Protection::Ordinary, [None, None]);
    assert_eq!(again.unwrap_err().code(), "address.locked");
    desk.device.open_strongroom(SECRET).unwrap();
    desk.pass(-1);
    assert_eq!(desk.look(), Err("address.locked".to_owned()));
    desk.device.open_strongroom(SECRET).unwrap();
    desk.device.close_strongroom();
    assert!(!desk.device.is_strongroom_open());
    desk.device.lock();
    assert_eq!(desk.device.open_strongroom(SECRET).unwrap_err().code(), "vault.locked");
    desk.device.unlock(SECRET).unwrap();
    assert_eq!(desk.look(), Err("address.locked".to_owned()), "unlocking the device opens no strongroom");
}

#[test]
fn wrong_tries_at_the_strongroom_count_with_those_at_the_device_and_the_tenth_ends_it() {
    for is_made in [false, true] {
        let desk = Desk::new();
        if is_made {
            desk.device.open_strongroom(SECRET).unwrap();
            desk.device.close_strongroom();
        }
        for _ in 0..9 {
            desk.pass(i64::from(desk.device.standing().wait_s) * 1000);
            assert_eq!(desk.device.open_strongroom(b"ni cykler").unwrap_err().code(), "vault.wrong_secret");
        }
        assert!(desk.device.is_unlocked());
        assert_eq!(desk.device.open_strongroom(SECRET).unwrap_err().code(), "vault.wait", "even the right one waits");
        desk.pass(i64::from(desk.device.standing().wait_s) * 1000);
        assert_eq!(desk.device.open_strongroom(b"ni cykler").unwrap_err().code(), "vault.wrong_secret");
        assert!(!desk.device.is_unlocked() && !desk.device.has_vault(), "made: {is_made}");
    }
}

#[test]
fn who_coordinates_gets_a_strongroom_at_the_next_unlock_and_its_keyslots_are_its_own() {
    let desk = Desk::new();
    let kept = |desk: &Desk| desk.device.with(|open, _| meta::get(open.vault.db(), meta::STRONGROOM_SLOTS)).unwrap();
    assert_eq!(kept(&desk), None);
    desk.device.lock();
    desk.device.unlock(SECRET).unwrap();
    let slots = kept(&desk).unwrap();
    let vault = std::fs::read(desk.device.dir().join(KEYSLOTS)).unwrap();
    assert_ne!(keyslot::look(&slots).unwrap().salt, keyslot::look(&vault).unwrap().salt, "a run of Argon2id of its own");
    desk.device.lock();
    desk.device.unlock(SECRET).unwrap();
    assert_eq!(kept(&desk), Some(slots), "made once");
    assert!(!desk.device.is_strongroom_open());
}
