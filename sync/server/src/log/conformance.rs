//! What every store must do, whatever database is under it. Each function is given a way to open an empty store.

use std::collections::BTreeMap;

use wire::{
    envelope::{Compartment, Header, Kind, Stream},
    id::Digest,
    log::{GrantState, LogId},
    message::{ChainEnd, LogEnd},
};

use super::{
    Append, CaseRow, Chain, Fill, Kept, Log, NewEntry, NewEnvelope, OrgRow, Purpose, Section, StoreError, StreamRow, Verdict, View,
};
use crate::{
    admit::Refused,
    tests::kit::{NOW, Phone, founding, random},
};

fn founded(log: &dyn Log, phone: &Phone) -> OrgRow {
    let (_, state) = founding(phone);
    let mut row = None;
    log.append(Purpose::Found, &mut |tx| {
        let org = tx.new_org(&state, NOW)?;
        for (_, device) in state.devices() {
            assert!(tx.put_device(org, device, 1)?);
        }
        row = Some(org);
        Ok(Verdict::Commit(vec![]))
    })
    .unwrap();
    row.unwrap()
}

fn put(tx: &mut dyn Append, org: OrgRow, phone: &Phone, seq: u64) -> Result<Kept, StoreError> {
    let (position, id) = (tx.next_position(org)?, Digest::from_bytes(random()));
    let stream = Stream::DIRECTORY;
    let header = Header { version: 1, kind: Kind::Segment, stream, epoch: 1, device: phone.id(), seq, salt: [0; 16] };
    let bytes = [seq as u8; 10];
    let case = CaseRow::NONE;
    tx.put_envelope(&NewEnvelope { org, case, header: &header, position, id, now_ms: NOW, bytes: &bytes, covers: &[] })?;
    Ok(Kept { id, position })
}

pub(crate) fn positions_are_counted_per_organisation(log: &dyn Log) {
    let phones = [Phone::new(), Phone::new()];
    let orgs = [founded(log, &phones[0]), founded(log, &phones[1])];
    for seq in 1..=3 {
        for (org, phone) in orgs.iter().zip(&phones) {
            log.append(Purpose::Push, &mut |tx| Ok(Verdict::Commit(vec![put(tx, *org, phone, seq)?]))).unwrap();
            assert_eq!(log.end(*org).unwrap(), seq);
        }
    }
}

pub(crate) fn what_is_refused_leaves_no_trace(log: &dyn Log) {
    let phone = Phone::new();
    let org = founded(log, &phone);
    let refused = log.append(Purpose::Push, &mut |tx| {
        put(tx, org, &phone, 1)?;
        Ok(Verdict::Refuse(Refused::SeqGap))
    });
    assert_eq!(refused.unwrap(), Verdict::Refuse(Refused::SeqGap));
    let failed = log.append(Purpose::Push, &mut |tx| {
        put(tx, org, &phone, 1)?;
        Err(StoreError::Corrupt("on purpose"))
    });
    assert_eq!(failed.unwrap_err().code(), "store.corrupt");
    assert_eq!(log.end(org).unwrap(), 0);
    let chain = Chain { org, case: CaseRow::NONE, compartment: Compartment::Directory, kind: Kind::Segment, device: phone.id() };
    log.append(Purpose::Push, &mut |tx| {
        assert_eq!(tx.chain_end(&chain)?, 0);
        let kept = put(tx, org, &phone, 1)?;
        assert_eq!((tx.chain_end(&chain)?, tx.in_chain(&chain, 1)?, tx.in_chain(&chain, 2)?), (1, Some(kept), None));
        assert_eq!(tx.find_envelope(org, &kept.id)?, Some(kept));
        Ok(Verdict::Commit(vec![kept]))
    })
    .unwrap();
    assert_eq!(log.end(org).unwrap(), 1);
}

pub(crate) fn a_device_belongs_to_one_organisation(log: &dyn Log) {
    let (phone, other) = (Phone::new(), Phone::new());
    let (org, elsewhere) = (founded(log, &phone), founded(log, &other));
    let row = log.device(&phone.id()).unwrap().unwrap();
    assert_eq!((row.org, row.member, row.request_key, row.revoked), (org, phone.member, phone.card.request, false));
    assert_eq!(log.device(&Phone::new().id()).unwrap(), None);
    let (_, state) = founding(&phone);
    let mut device = state.device(&phone.id()).unwrap().clone();
    log.append(Purpose::Push, &mut |tx| {
        assert!(!tx.put_device(elsewhere, &device, 2)?);
        device.revoked = Some(3);
        assert!(tx.put_device(org, &device, 3)?);
        Ok(Verdict::Commit(vec![]))
    })
    .unwrap();
    assert!(log.device(&phone.id()).unwrap().unwrap().revoked);
}

pub(crate) fn pages_hold_every_item_once_and_nothing_after_the_end(log: &dyn Log) {
    let (writer, reader) = (Phone::new(), Phone::new());
    let org = founded(log, &writer);
    for seq in 1..=10 {
        log.append(Purpose::Push, &mut |tx| Ok(Verdict::Commit(vec![put(tx, org, &writer, seq)?]))).unwrap();
    }
    let view = View { org, device: reader.id(), member: reader.member, from: 2, to: 8, made_ms: NOW, again: false };
    let streams = log.streams(&view).unwrap();
    assert_eq!(streams, [StreamRow { case: CaseRow::NONE, compartment: Compartment::Directory, low: 2 }]);
    let section = Section::Segments(streams[0], None);
    assert_eq!(log.count(&view, &section).unwrap(), 6);
    let all = log.page(&view, &section, 100, 0).unwrap();
    let pages: Vec<_> = (0..4).flat_map(|page| log.page(&view, &section, 2, page * 2).unwrap()).collect();
    assert_eq!(all, pages);
    let positions: Vec<u64> = all.into_iter().map(|item| log.item(item).unwrap().position).collect();
    assert_eq!(positions, [3, 4, 5, 6, 7, 8]);
    let own = View { device: writer.id(), member: writer.member, ..view };
    assert_eq!(log.count(&own, &section).unwrap(), 0);
}

pub(crate) fn grants_lapse(log: &dyn Log) {
    let phone = Phone::new();
    let org = founded(log, &phone);
    let mut field = crate::tests::kit::Field::new();
    let case = field.founder_case();
    let state = field.cases.get(&case).unwrap().clone();
    log.append(Purpose::Push, &mut |tx| {
        let row = tx.new_case(org, &state)?;
        let until = GrantState { role: wire::log::Role::Substitute, until_ms: Some(NOW + 10) };
        tx.put_member(org, row, Compartment::Core, &phone.member, &until, 1)?;
        Ok(Verdict::Commit(vec![]))
    })
    .unwrap();
    let view = View { org, device: phone.id(), member: phone.member, from: 0, to: 1, made_ms: NOW, again: false };
    assert!(!log.lapsed(&view, NOW + 9).unwrap());
    assert!(log.lapsed(&view, NOW + 10).unwrap());
    assert!(!log.lapsed(&View { made_ms: NOW + 10, ..view }, NOW + 20).unwrap());
}

pub(crate) fn ends_say_how_far_logs_and_chains_reach(log: &dyn Log) {
    let mut field = crate::tests::kit::Field::new();
    let case = field.founder_case();
    let state = field.cases.get(&case).unwrap().clone();
    let (phone, other) = (Phone::new(), Phone::new());
    let org = founded(log, &phone);
    log.append(Purpose::Push, &mut |tx| {
        let position = tx.next_position(org)?;
        let entry = |case, seq, hash| NewEntry { org, case, seq, position, hash, now_ms: NOW, bytes: &[1] };
        tx.put_entry(&entry(CaseRow::NONE, 0, Digest::from_bytes([1; 32])))?;
        tx.put_entry(&entry(CaseRow::NONE, 1, Digest::from_bytes([2; 32])))?;
        let row = tx.new_case(org, &state)?;
        tx.put_entry(&entry(row, 0, Digest::from_bytes([3; 32])))?;
        tx.put_member(org, row, Compartment::Core, &phone.member, &GrantState { role: wire::log::Role::Mentor, until_ms: None }, position)?;
        Ok(Verdict::Commit(vec![]))
    })
    .unwrap();
    let mut last = BTreeMap::new();
    for (author, seq) in [(&phone, 1), (&other, 1), (&phone, 2)] {
        log.append(Purpose::Push, &mut |tx| {
            let kept = put(tx, org, author, seq)?;
            last.insert(author.id(), (seq, kept.id));
            Ok(Verdict::Commit(vec![kept]))
        })
        .unwrap();
    }
    let view = |phone: &Phone| View {
        org,
        device: phone.id(),
        member: phone.member,
        from: 0,
        to: log.end(org).unwrap(),
        made_ms: NOW,
        again: false,
    };
    let org_end = LogEnd { log: LogId::Org, length: 2, hash: Digest::from_bytes([2; 32]) };
    let case_end = LogEnd { log: LogId::Case(case), length: 1, hash: Digest::from_bytes([3; 32]) };
    assert_eq!(log.log_ends(&view(&phone)).unwrap(), [org_end, case_end]);
    assert_eq!(log.log_ends(&view(&other)).unwrap(), [org_end], "who may not read a case is told nothing of it");
    let end = |device, (seq, id)| ChainEnd { stream: Stream::DIRECTORY, kind: Kind::Segment, device, seq, id };
    let ends: Vec<ChainEnd> = last.into_iter().map(|(device, last)| end(device, last)).collect();
    assert_eq!(log.chain_ends(&view(&phone)).unwrap(), ends);
}

pub(crate) fn a_store_counts_what_it_keeps(log: &dyn Log) {
    let phone = Phone::new();
    let org = founded(log, &phone);
    let fill = || {
        let mut fill = None;
        log.append(Purpose::Push, &mut |tx| {
            fill = Some(tx.fill(org)?);
            assert_eq!(tx.healing(org, NOW)?, None, "it was never put back");
            Ok(Verdict::Known(vec![]))
        })
        .unwrap();
        fill.unwrap()
    };
    assert_eq!(fill(), Fill { bytes: 0, envelopes: 0 });
    for seq in 1..=3 {
        log.append(Purpose::Push, &mut |tx| Ok(Verdict::Commit(vec![put(tx, org, &phone, seq)?]))).unwrap();
    }
    assert_eq!(fill(), Fill { bytes: 30, envelopes: 3 });
    let care = log.care().unwrap();
    assert!(care.bytes > 0 && care.backup_ms.is_none());
}

mod on_sqlite {
    use super::super::sqlite::SqliteLog;
    use crate::tests::kit::NOW;

    macro_rules! conforms {
        ($($name:ident)*) => {$(
            #[test]
            fn $name() {
                let dir = tempfile::tempdir().unwrap();
                super::$name(&SqliteLog::open(&dir.path().join("log.db"), NOW).unwrap());
            }
        )*};
    }
    conforms! {
        positions_are_counted_per_organisation
        what_is_refused_leaves_no_trace
        a_device_belongs_to_one_organisation
        pages_hold_every_item_once_and_nothing_after_the_end
        grants_lapse
        ends_say_how_far_logs_and_chains_reach
        a_store_counts_what_it_keeps
    }
}
