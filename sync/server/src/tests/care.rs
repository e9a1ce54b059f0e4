//! Years of a store: backups, what a restored one takes again, quotas, waiting, and what may be counted.

use std::path::PathBuf;

use http::{Method, StatusCode};
use rusqlite::Connection;
use wire::{
    cbor,
    envelope::{Kind, Stream},
    log::{LogId, Role},
    message::{Push, SYNC_PATH, VECTORS_PATH, Vectors},
};

use super::kit::{Field, NOW, Phone, open, refusal, sealed, segment, snapshot};
use crate::{
    Orgs,
    backup::{self, Allowed, OLDEST_MS},
    limits::Quota,
    log::sqlite::{SqliteLog, copies},
    verify,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const REPLACE: Allowed = Allowed { replace: true, even_if_old: false };

fn store(field: &Field) -> PathBuf {
    field.dir.path().join("store/log.db")
}

fn backup(field: &Field, name: &str) -> PathBuf {
    let to = field.dir.path().join(name);
    backup::take(&store(field), &to, field.now()).unwrap();
    to
}

/// Stops the server, puts the backup back, starts it again.
fn restore(field: &mut Field, from: &std::path::Path) {
    field.server = open(&tempfile::tempdir().unwrap(), &field.now, Orgs::First);
    backup::put_back(from, &store(field), REPLACE, field.now()).unwrap();
    field.reopen();
}

fn vectors(field: &Field, phone: &Phone) -> Vectors {
    let response = field.send(phone, Method::GET, VECTORS_PATH, None);
    assert_eq!(response.status, StatusCode::OK);
    cbor::decode(&response.into_bytes().unwrap()).unwrap()
}

fn busy() -> (Field, Phone, Stream) {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    let stream = Stream::core(field.case(&mentor));
    for seq in 1..=3 {
        assert_eq!(field.verdict(&mentor, segment(&mentor, stream, seq, 600)), "ack");
    }
    (field, mentor, stream)
}

#[test]
fn a_backup_is_whole_for_its_owner_alone_and_takes_no_files_place() {
    let (field, mentor, stream) = busy();
    let to = backup(&field, "nat.backup");
    assert_eq!(field.verdict(&mentor, segment(&mentor, stream, 4, 600)), "ack");
    let report = verify::verify(&SqliteLog::open_existing(&to).unwrap()).unwrap();
    assert_eq!((report.problems, report.envelopes), (vec![], 3));
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&to.metadata().unwrap().permissions()) & 0o777, 0o600);
    let before = std::fs::read(&to).unwrap();
    assert_eq!(backup::take(&store(&field), &to, field.now()).unwrap_err().code(), "srv.exists");
    assert_eq!(std::fs::read(&to).unwrap(), before);
    let beside: Vec<_> = std::fs::read_dir(field.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(beside.iter().all(|name| !name.to_string_lossy().contains("unfinished")), "{beside:?}");
}

#[test]
fn a_store_that_does_not_verify_gives_no_backup() {
    let (field, ..) = busy();
    Connection::open(store(&field)).unwrap().execute_batch("DELETE FROM wrap").unwrap();
    let to = field.dir.path().join("nat.backup");
    let error = backup::take(&store(&field), &to, field.now()).unwrap_err();
    assert_eq!(error.code(), "srv.not_sound");
    assert!(error.to_string().contains("audit.wraps"));
    assert_eq!(std::fs::read_dir(field.dir.path()).unwrap().count(), 1, "only the store's own folder is there");
}

#[test]
fn a_restore_takes_the_place_of_a_store_only_when_told_and_keeps_it() {
    let (mut field, mentor, stream) = busy();
    let from = backup(&field, "nat.backup");
    assert_eq!(field.verdict(&mentor, segment(&mentor, stream, 4, 600)), "ack");
    let refused = |allowed| backup::put_back(&from, &store(&field), allowed, field.now()).unwrap_err().code();
    assert_eq!(refused(Allowed::default()), "srv.store_exists");
    assert_eq!(refused(REPLACE), "srv.in_use");
    let before = vectors(&field, &mentor);
    restore(&mut field, &from);
    let after = vectors(&field, &mentor);
    assert_ne!(before.incarnation, after.incarnation);
    let kept = field.dir.path().join(format!("store/log.db.before-restore-{}", field.now()));
    let report = verify::verify(&SqliteLog::open_existing(&kept).unwrap()).unwrap();
    assert_eq!((report.problems, report.envelopes), (vec![], 4));
    assert_eq!(verify::verify(&SqliteLog::open_existing(&store(&field)).unwrap()).unwrap().envelopes, 3);
    assert!(!field.dir.path().join("store/log.db.restoring").exists());
}

#[test]
fn until_the_restored_store_has_its_name_the_old_one_has_it() {
    let (mut field, ..) = busy();
    field.server.close().unwrap();
    field.server = open(&tempfile::tempdir().unwrap(), &field.now, Orgs::First);
    let aside = copies::aside(&store(&field), field.now());
    assert!(copies::is_idle(&store(&field)).unwrap());
    // As far as this a restore had come when the machine went down: whoever starts the server then finds the organisation.
    copies::lay_aside(&store(&field), &aside).unwrap();
    for file in [store(&field), aside.clone()] {
        assert_eq!(verify::verify(&SqliteLog::open_existing(&file).unwrap()).unwrap().organisations, 1, "{file:?}");
    }
    let restored = field.dir.path().join("store/log.db.restoring");
    std::fs::write(&restored, b"another").unwrap();
    copies::replace(&restored, &store(&field)).unwrap();
    assert_eq!(std::fs::read(store(&field)).unwrap(), b"another");
    assert_eq!(verify::verify(&SqliteLog::open_existing(&aside).unwrap()).unwrap().organisations, 1);
}

#[test]
fn stores_that_were_laid_aside_go_after_thirty_five_days_with_the_nightly_backup() {
    let (mut field, ..) = busy();
    let from = backup(&field, "nat.backup");
    let begun = field.now();
    restore(&mut field, &from);
    let old = field.dir.path().join(format!("store/log.db.before-restore-{begun}"));
    let take = |name: &str, now_ms: i64| drop(backup::take(&store(&field), &field.dir.path().join(name), now_ms).unwrap());
    take("a", begun + OLDEST_MS);
    assert!(old.exists());
    take("b", begun + OLDEST_MS + 1);
    assert!(!old.exists());
    // Where the name has no time, that of the file counts. Nothing else is touched.
    let folder = tempfile::tempdir().unwrap();
    let names = ["log.db.before-2", "log.db.before-2.1", "log.db.before-lunch", "other.db.before-2", "log.db"];
    for name in names {
        std::fs::write(folder.path().join(name), b"x").unwrap();
    }
    let made = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let left_at = |late_ms: i64| {
        let now_ms = i64::try_from(made.as_millis()).unwrap() + OLDEST_MS + late_ms;
        copies::forget_laid_aside(&folder.path().join("log.db"), now_ms, OLDEST_MS).unwrap();
        names.map(|name| folder.path().join(name).exists())
    };
    assert_eq!(left_at(-60_000), [true; 5]);
    assert_eq!(left_at(60_000), [false, false, true, true, true]);
}

#[test]
fn an_older_file_put_in_the_stores_place_by_hand_is_noticed() {
    let (field, mentor, stream) = busy();
    let from = backup(&field, "nat.backup");
    assert_eq!(field.verdict(&mentor, segment(&mentor, stream, 4, 600)), "ack");
    field.server.close().unwrap();
    let (file, now) = (store(&field), field.now());
    let Field { dir, server, .. } = field;
    drop(server);
    std::fs::copy(&from, &file).unwrap();
    assert_eq!(SqliteLog::open(&file, now).unwrap_err().code(), "store.put_back");
    backup::put_back(&from, &file, REPLACE, now).unwrap();
    SqliteLog::open(&file, now).unwrap();
    drop(dir);
}

#[test]
fn a_backup_that_is_old_or_damaged_is_not_put_back() {
    let (field, ..) = busy();
    let from = backup(&field, "nat.backup");
    let elsewhere = field.dir.path().join("elsewhere/log.db");
    let try_at = |now_ms, allowed| backup::put_back(&from, &elsewhere, allowed, now_ms).map(|_| ()).map_err(|error| error.code());
    assert_eq!(try_at(NOW + OLDEST_MS + 1, Allowed::default()), Err("srv.too_old"));
    assert!(!elsewhere.exists());
    assert_eq!(try_at(NOW + OLDEST_MS + 1, Allowed { even_if_old: true, replace: false }), Ok(()));
    Connection::open(&from).unwrap().execute_batch("UPDATE entry SET bytes = x'00' WHERE num = 2").unwrap();
    let other = field.dir.path().join("other.db");
    let error = backup::put_back(&from, &other, Allowed::default(), NOW).unwrap_err();
    assert_eq!((error.code(), other.exists()), ("srv.not_sound", false));
    std::fs::write(&from, b"not a database at all, only some text that somebody put there").unwrap();
    assert!(backup::put_back(&from, &other, Allowed::default(), NOW).is_err());
    assert!(!other.exists());
}

#[test]
fn vectors_say_how_far_everything_reaches_for_the_one_who_asks() {
    let (mut field, mentor, stream) = busy();
    let other = field.join(Role::Mentor);
    let case = stream.case.unwrap();
    let told = vectors(&field, &mentor);
    let heads: Vec<_> = told.logs.iter().map(|end| (end.log, end.length, end.hash)).collect();
    let case_head = field.cases.get(&case).unwrap().head();
    let org_head = field.org.head();
    assert_eq!(heads, [(LogId::Org, org_head.seq + 1, org_head.hash), (LogId::Case(case), 1, case_head.hash)]);
    assert_eq!(
        told.chains.iter().map(|end| (end.stream, end.kind, end.device, end.seq)).collect::<Vec<_>>(),
        [(stream, Kind::Segment, mentor.id(), 3)]
    );
    let stranger = vectors(&field, &other);
    assert_eq!((stranger.logs.len(), stranger.chains.len()), (1, 0), "nothing of a case one may not read");
    let founder = vectors(&field, &field.founder);
    assert_eq!((founder.logs.len(), founder.chains.len()), (2, 1), "the founder reads the case");
    let nobody = field.send(&Phone::new(), Method::GET, VECTORS_PATH, None);
    assert_eq!(refusal(nobody).1.code, "auth.unknown_device");
}

#[test]
fn a_restored_store_takes_again_what_was_decided_under_the_heads_of_that_day() {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    let before = field.genesis(&mentor, wire::id::CaseId::from_bytes([1; 16]));
    // A further head, so that what was decided before the backup is told apart from what was decided after it.
    let second = field.join(Role::Mentor);
    let from = backup(&field, "nat.backup");
    let lost = field.genesis(&mentor, wire::id::CaseId::from_bytes([2; 16]));
    let token = field.invite(wire::id::MemberId::from_bytes([3; 16]), Role::Mentor, NOW + DAY_MS);
    let third = Phone::of(wire::id::MemberId::from_bytes([3; 16]));
    let (admission, wraps) = field.admission(&third, &token);
    assert_eq!(field.verdict(&field.founder, Push::Log { entry: admission.clone(), wraps: wraps.clone() }), "ack");
    let (invite, again) = (entry_at(&field, 7), Push::Log { entry: admission, wraps });
    restore(&mut field, &from);
    field.sleep(3 * DAY_MS);
    let founder = |item| field.verdict(&field.founder, item);
    assert_eq!(founder(again.clone()), "log.conflict", "first what comes before it");
    assert_eq!(founder(Push::Log { entry: invite, wraps: vec![] }), "ack");
    assert_eq!(founder(again), "ack", "the invitation has expired since, but not when it was answered");
    let genesis = |phone: &Phone, (entry, wraps): (Vec<u8>, Vec<wire::message::Wrap>)| field.verdict(phone, Push::Log { entry, wraps });
    assert_eq!(genesis(&mentor, lost.clone()), "ack");
    assert_eq!(genesis(&mentor, before), "log.org_head", "that was refused then, too");
    let late = field.genesis(&second, wire::id::CaseId::from_bytes([4; 16]));
    field.sleep(crate::admit::HEALING_MS);
    assert_eq!(genesis(&second, late), "log.org_head", "after forty days nothing old is taken any more");
    let report = verify::verify(&SqliteLog::open_existing(&store(&field)).unwrap()).unwrap();
    assert_eq!(report.problems, []);
}

fn entry_at(field: &Field, seq: u64) -> Vec<u8> {
    let db = Connection::open(store(field)).unwrap();
    db.query_row("SELECT bytes FROM entry WHERE case_num = 0 AND seq = ?1", [seq], |row| row.get(0)).unwrap()
}

#[test]
fn a_snapshot_of_more_than_is_here_is_taken_while_the_store_heals_and_covers_no_more_than_is_here() {
    let (mut field, mentor, stream) = busy();
    let reader = field.join(Role::Mentor);
    let case = stream.case.unwrap();
    let from = backup(&field, "nat.backup");
    let whole = |field: &Field| snapshot(&field.founder, stream, 1, 600, &[(&mentor, 4)]);
    assert_eq!(field.verdict(&field.founder, whole(&field)), "env.bad_covers");
    restore(&mut field, &from);
    assert_eq!(field.verdict(&field.founder, whole(&field)), "ack");
    // A snapshot stands for itself: places may be left out. A segment does not.
    assert_eq!(field.verdict(&field.founder, snapshot(&field.founder, stream, 9, 600, &[(&mentor, 3)])), "ack");
    assert_eq!(field.verdict(&field.founder, snapshot(&field.founder, stream, 5, 600, &[(&mentor, 3)])), "env.seq_gap");
    assert_eq!(field.verdict(&mentor, segment(&mentor, stream, 4, 600)), "ack");
    field.grant(case, &reader, None);
    let told = field.pull(&reader, &[]).unwrap();
    let segments = told.items.iter().filter(|(head, _)| head.kind == wire::message::ItemKind::Segment).count();
    assert_eq!(segments, 1, "what the snapshot could not cover here is told beside it");
    let report = verify::verify(&SqliteLog::open_existing(&store(&field)).unwrap()).unwrap();
    assert_eq!(report.problems, []);
}

#[test]
fn a_full_organisation_is_refused_item_by_item_and_can_still_change_who_is_in() {
    let (field, mentor, stream) = busy();
    let used: u64 = Connection::open(store(&field)).unwrap().query_row("SELECT bytes FROM organisation", [], |row| row.get(0)).unwrap();
    let Field { dir, now, .. } = &field;
    let quota = Quota { bytes: used + 20_000, envelopes: 5 };
    let mut field = Field { server: open(dir, now, Orgs::First).with_quota(quota), ..field };
    let large = segment(&mentor, stream, 4, 30_000);
    let answered = field.push(&mentor, &[], vec![large, segment(&mentor, stream, 4, 100)]);
    assert!(matches!(&answered.replies[0], wire::message::Frame::Refused { code, .. } if code == "org.quota"));
    assert!(matches!(&answered.replies[1], wire::message::Frame::Ack { .. }));
    assert_eq!(field.verdict(&mentor, segment(&mentor, stream, 4, 30_000)), "ack", "its place is taken by the small one");
    assert_eq!(field.verdict(&mentor, segment(&mentor, stream, 5, 30_000)), "org.quota");
    assert_eq!(field.verdict(&mentor, segment(&mentor, stream, 5, 100)), "ack");
    assert_eq!(field.verdict(&mentor, segment(&mentor, stream, 6, 10)), "org.quota", "that would be a sixth envelope");
    let known = Push::Envelope(sealed(&mentor, stream, Kind::Segment, 1, 5, 100));
    assert_eq!(field.verdict(&mentor, known), "ack", "what is here is acknowledged however full it is");
    field.join(Role::Mentor);
}

#[tokio::test]
async fn who_waits_is_told_at_once_when_something_is_appended() {
    let (field, mentor, stream) = busy();
    let cursor = field.pull(&field.founder, &[]).unwrap().cursor;
    let path = format!("{SYNC_PATH}?c={}&w=25", data_encoding::BASE64URL_NOPAD.encode(&cursor));
    let mut response = field.send(&field.founder, Method::GET, &path, None);
    let wait = response.wait.take().unwrap();
    assert_eq!((response.status, wait.longest().as_secs(), field.server.waiting()), (StatusCode::NO_CONTENT, 25, 1));
    assert_eq!(field.verdict(&mentor, segment(&mentor, stream, 4, 600)), "ack");
    wait.news().await;
    assert_eq!(field.server.waiting(), 0);
    let response = field.send(&field.founder, Method::GET, &path, None);
    assert!(response.wait.is_none() && response.status == StatusCode::OK, "there is news, so nobody waits");
    let plain = field.send(&field.founder, Method::GET, SYNC_PATH, None);
    assert!(plain.wait.is_none());
    let long = field.send(&field.founder, Method::GET, &format!("{SYNC_PATH}?w=61"), None);
    assert_eq!(refusal(long).1.code, "req.malformed");
}

#[tokio::test]
async fn a_bell_rings_for_its_organisation_only_and_what_is_refused_rings_none() {
    let bells = crate::bells::Bells::default();
    let (one, other) = (crate::log::OrgRow(1), crate::log::OrgRow(2));
    let wait = bells.listen(one, 99).unwrap();
    assert_eq!(wait.longest().as_secs(), crate::MAX_WAIT_S);
    bells.ring(other);
    let none = tokio::time::timeout(std::time::Duration::from_millis(20), wait.news()).await;
    assert!(none.is_err());
    let many: Vec<_> = std::iter::from_fn(|| bells.listen(one, 1)).collect();
    assert_eq!((many.len(), bells.waiting()), (3072, 3072), "and one more does not wait");
    bells.ring(one);
    for wait in many {
        wait.news().await;
    }
    bells.ring(one);
    assert_eq!(bells.waiting(), 0);
}

#[test]
fn what_is_counted_names_nobody() {
    let (field, mentor, stream) = busy();
    assert_eq!(field.verdict(&mentor, segment(&mentor, stream, 9, 600)), "env.seq_gap");
    assert_eq!(field.send(&Phone::new(), Method::GET, SYNC_PATH, None).status, StatusCode::UNAUTHORIZED);
    let text = field.server.metrics_text().unwrap();
    for line in [
        "brobygger_appended_items_total{kind=\"envelope\"} 3",
        "brobygger_appended_items_total{kind=\"entry\"} 3",
        "brobygger_refusals_total{code=\"env.seq_gap\"} 1",
        "brobygger_refusals_total{code=\"auth.unknown_device\"} 1",
        "brobygger_backup_age_seconds NaN",
    ] {
        assert!(text.lines().any(|known| known == line), "{line} in\n{text}");
    }
    backup(&field, "nat.backup");
    field.sleep(90_000);
    assert!(field.server.metrics_text().unwrap().contains("brobygger_backup_age_seconds 90"));
    let ids = [mentor.id().to_string(), mentor.member.to_string(), field.org.org().to_string(), stream.case.unwrap().to_string()];
    assert!(ids.iter().all(|id| !text.contains(id.as_str())));
    let labels: std::collections::BTreeSet<&str> =
        text.split(['{', ',']).filter_map(|part| part.split_once("=\"").map(|(name, _)| name)).collect();
    assert!(labels.iter().all(|name| ["route", "status", "kind", "code", "le"].contains(name)), "{labels:?}");
}
