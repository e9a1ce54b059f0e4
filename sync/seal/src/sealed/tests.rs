//! Sealing and opening: each refusal by its own code, whatever was moved, flipped or forged.

use wire::id::CaseId;

use super::*;
use crate::tests::Field;

fn field() -> Field {
    Field::new("sealed")
}

fn segment(field: &Field, dice: &str) -> Sealed {
    seal(&field.draft(Kind::Segment, b"body"), &field.aisha.keys, &mut crate::tests::Dice::new(dice)).unwrap()
}

/// What somebody who holds the epoch's key can make of any plaintext.
fn forged(field: &Field, header: Header, plaintext: impl Into<Zeroizing<Vec<u8>>>) -> Envelope {
    let okm = okm(&field.org.org(), &header, field.core.key(header.epoch).unwrap()).unwrap();
    let (key, commit) = halves(&okm);
    let ciphertext = hazmat::seal_once(&key, &aad(&field.org.org(), &header, &commit), plaintext.into()).unwrap();
    Envelope::new(header, commit, ciphertext)
}

/// The signed statement inside an envelope.
fn inner(field: &Field, envelope: &Envelope) -> Vec<u8> {
    let okm = okm(&field.org.org(), &envelope.header, field.core.key(envelope.header.epoch).unwrap()).unwrap();
    let (key, commit) = halves(&okm);
    let plaintext = hazmat::open_once(&key, &aad(&field.org.org(), &envelope.header, &commit), &envelope.ciphertext).unwrap();
    unpadded(&plaintext).unwrap().0.to_vec()
}

fn signed_by(keys: &DeviceKeys, field: &Field, header: &Header, statement: &Statement) -> Vec<u8> {
    Signed::make(
        cbor::encode(statement),
        &content_aad(&field.org.org(), header.stream, header.kind, &header.device, header.seq),
        |message| keys.sign_content(message),
    )
}

fn statement() -> Statement {
    Statement { generation: 1, prev: Digest::ZERO, claimed_ms: 0, last: Digest::ZERO, count: 1 }
}

fn refused(field: &Field, envelope: &Envelope) -> Option<OpenError> {
    open(envelope, &field.reading()).err()
}

#[test]
fn what_is_sealed_opens() {
    let field = field();
    for kind in [Kind::Segment, Kind::Snapshot, Kind::Seen, Kind::Heartbeat] {
        for len in [0, 1, 400, 5000] {
            let body = vec![7; len];
            let sealed = seal(&field.draft(kind, &body), &field.aisha.keys, &mut crate::tests::Dice::new("x")).unwrap();
            let envelope = Envelope::decode(&sealed.envelope.encode()).unwrap();
            let opened = open(&envelope, &field.reading()).unwrap();
            assert_eq!((opened.kind, opened.stream, &opened.body), (kind, field.stream, &body));
            assert_eq!(opened.author, *field.aisha.keys.card());
            assert_eq!(opened.chain, sealed.chain);
            assert_eq!(opened.signed, sealed.signed);
            assert_eq!(opened.actor(), Some(field.aisha.keys.actor(&field.stream.case.unwrap())));
            assert_eq!(envelope.ciphertext.len(), padded_len(8 + sealed.signed.len() + len) + 16);
            let again = verify_statement(&sealed.signed, &field.org.org(), field.stream, kind, &opened.author, 1).unwrap();
            assert_eq!(again, opened.statement);
        }
    }
}

#[test]
fn the_directory_opens_for_every_device() {
    let field = field();
    let draft = Draft { stream: Stream::DIRECTORY, key: field.directory.key(2).unwrap(), ..field.draft(Kind::Segment, b"names") };
    let sealed = seal(&draft, &field.bo.keys, &mut crate::tests::Dice::new("x")).unwrap();
    let reading = Reading { stream: Stream::DIRECTORY, keychain: &field.directory, case: None, ..field.reading() };
    let opened = open(&sealed.envelope, &reading).unwrap();
    assert_eq!((opened.actor(), opened.body), (None, b"names".to_vec()));
}

#[test]
fn each_refusal_has_its_code() {
    let field = field();
    let envelope = segment(&field, "x").envelope;
    let header = &envelope.header;
    assert_eq!(refused(&field, &envelope), None);

    let other_stream = Reading { stream: Stream::DIRECTORY, ..field.reading() };
    assert_eq!(open(&envelope, &other_stream).err(), Some(OpenError::BadContext), "delivered elsewhere");
    let other_keys = Reading { keychain: &field.directory, ..field.reading() };
    assert_eq!(open(&envelope, &other_keys).err(), Some(OpenError::BadContext), "keys of another stream");

    let none = Keychain::new(field.stream);
    assert_eq!(open(&envelope, &Reading { keychain: &none, ..field.reading() }).err(), Some(OpenError::UnknownEpoch));

    let mut wrong = Keychain::new(field.stream);
    wrong.hold(2, field.core.key(1).unwrap().clone());
    assert_eq!(open(&envelope, &Reading { keychain: &wrong, ..field.reading() }).err(), Some(OpenError::BadCommit));

    for at in [0, envelope.ciphertext.len() / 2, envelope.ciphertext.len() - 1] {
        let mut ciphertext = envelope.ciphertext.clone();
        ciphertext[at] ^= 1;
        assert_eq!(refused(&field, &Envelope::new(header.clone(), envelope.commit, ciphertext)), Some(OpenError::BadAead));
    }
    assert_eq!(refused(&field, &Envelope::new(header.clone(), envelope.commit, Vec::new())), Some(OpenError::BadAead));

    let signed = inner(&field, &envelope);
    assert_eq!(refused(&field, &forged(&field, header.clone(), padded(&signed, b"body").unwrap())), None, "forging works");
    let by_bo = signed_by(&field.bo.keys, &field, header, &statement());
    assert_eq!(refused(&field, &forged(&field, header.clone(), padded(&by_bo, b"").unwrap())), Some(OpenError::BadSignature));
    assert_eq!(refused(&field, &forged(&field, header.clone(), padded(b"no COSE", b"").unwrap())), Some(OpenError::BadSignature));
    let stranger = Header { device: DeviceId::from_bytes([9; 16]), ..header.clone() };
    assert_eq!(refused(&field, &forged(&field, stranger, padded(&signed, b"").unwrap())), Some(OpenError::NotMember), "no such device");

    for (why, statement) in [
        ("another generation", Statement { generation: 2, ..statement() }),
        ("no generation", Statement { generation: 0, ..statement() }),
        ("no changes", Statement { count: 0, ..statement() }),
    ] {
        let signed = signed_by(&field.aisha.keys, &field, header, &statement);
        assert_eq!(refused(&field, &forged(&field, header.clone(), padded(&signed, b"").unwrap())), Some(OpenError::BadContext), "{why}");
    }
    let payload =
        Signed::make(b"\x80".to_vec(), &content_aad(&field.org.org(), header.stream, header.kind, &header.device, header.seq), |message| {
            field.aisha.keys.sign_content(message)
        });
    assert_eq!(
        refused(&field, &forged(&field, header.clone(), padded(&payload, b"").unwrap())),
        Some(OpenError::BadContext),
        "no statement"
    );

    assert_eq!(open(&envelope, &Reading { case: None, ..field.reading() }).err(), Some(OpenError::NotMember), "the case's log is not here");
    let outside = Field::new("outside");
    let without_case = Reading { case: Some(&outside.case), ..field.reading() };
    assert_eq!(open(&envelope, &without_case).err(), Some(OpenError::NotMember), "the log of another case");
}

#[test]
fn padding_has_one_form() {
    let field = field();
    let envelope = segment(&field, "x").envelope;
    let signed = inner(&field, &envelope);
    let good = padded(&signed, b"body").unwrap().to_vec();
    let sealed = |plaintext: Vec<u8>| refused(&field, &forged(&field, envelope.header.clone(), plaintext));
    assert_eq!(sealed(good.clone()), None);
    let mut dirty = good.clone();
    *dirty.last_mut().unwrap() = 1;
    let mut longer = good.clone();
    longer.resize(544, 0);
    let with_inner = |len: u32| [&len.to_be_bytes(), &good[4..]].concat();
    let with_signed = |len: u32| [&good[..4], &len.to_be_bytes(), &good[8..]].concat();
    for plaintext in [
        dirty,
        longer,
        good[..511].to_vec(),
        Vec::new(),
        vec![0; 3],
        vec![0; 512],
        with_inner(u32::MAX),
        with_inner(509),
        with_inner(0),
        with_inner(3),
        with_signed(u32::MAX),
        with_signed(507),
    ] {
        assert_eq!(sealed(plaintext), Some(OpenError::BadContext));
    }
}

#[test]
fn an_envelope_moved_by_the_server_does_not_open() {
    let field = field();
    let Envelope { header, commit, ciphertext, .. } = segment(&field, "x").envelope;
    let moved = |header: Header| Envelope::new(header, commit, ciphertext.clone());
    let table = [
        ("another kind", Header { kind: Kind::Snapshot, ..header.clone() }, OpenError::BadCommit),
        ("another place in the chain", Header { seq: 2, ..header.clone() }, OpenError::BadCommit),
        ("another author", Header { device: field.bo.keys.device(), ..header.clone() }, OpenError::BadCommit),
        ("another salt", Header { salt: [0; 16], ..header.clone() }, OpenError::BadCommit),
        ("another version", Header { version: 2, ..header.clone() }, OpenError::BadCommit),
        ("an older epoch", Header { epoch: 1, ..header.clone() }, OpenError::BadCommit),
        ("an epoch to come", Header { epoch: 3, ..header.clone() }, OpenError::UnknownEpoch),
        ("the directory", Header { stream: Stream::DIRECTORY, ..header.clone() }, OpenError::BadContext),
        ("another case", Header { stream: Stream::core(CaseId::from_bytes([9; 16])), ..header.clone() }, OpenError::BadContext),
    ];
    for (why, header, error) in table {
        assert_eq!(refused(&field, &moved(header)), Some(error), "{why}");
    }

    let other = Stream::core(CaseId::from_bytes([9; 16]));
    let mut keychain = Keychain::new(other);
    keychain.hold(2, field.core.key(2).unwrap().clone());
    let reading = Reading { stream: other, keychain: &keychain, ..field.reading() };
    assert_eq!(
        open(&moved(Header { stream: other, ..header.clone() }), &reading).err(),
        Some(OpenError::BadCommit),
        "another case, the same key"
    );
    let abroad = Field::new("abroad");
    let reading = Reading { org: &abroad.org, ..field.reading() };
    assert_eq!(open(&moved(header), &reading).err(), Some(OpenError::BadCommit), "another organisation, the same key");
}

/// Whoever holds the key can seal another's statement again, but only as what it was signed for.
#[test]
fn a_statement_moved_by_a_member_does_not_open() {
    let field = field();
    let envelope = segment(&field, "x").envelope;
    let (header, signed) = (envelope.header.clone(), inner(&field, &envelope));
    let resealed = |header: Header| refused(&field, &forged(&field, header, padded(&signed, b"body").unwrap()));
    assert_eq!(resealed(Header { epoch: 1, salt: [1; 16], ..header.clone() }), None, "sealed again under another epoch");
    assert_eq!(resealed(Header { kind: Kind::Seen, ..header.clone() }), Some(OpenError::BadSignature), "as another kind");
    assert_eq!(resealed(Header { seq: 2, ..header.clone() }), Some(OpenError::BadSignature), "at another place");
    assert_eq!(resealed(Header { device: field.bo.keys.device(), ..header }), Some(OpenError::BadSignature), "as his own");
}

#[test]
fn a_body_put_under_anothers_statement_is_refused_where_the_statement_names_it() {
    let field = field();
    for kind in [Kind::Snapshot, Kind::Seen, Kind::Heartbeat] {
        let sealed = seal(&field.draft(kind, b"body"), &field.aisha.keys, &mut crate::tests::Dice::new("x")).unwrap();
        let signed = inner(&field, &sealed.envelope);
        let put = |body: &[u8]| refused(&field, &forged(&field, sealed.envelope.header.clone(), padded(&signed, body).unwrap()));
        assert_eq!(put(b"body"), None);
        assert_eq!(put(b"bodY"), Some(OpenError::BadContext));
        assert_eq!(put(b""), Some(OpenError::BadContext));
        let twice = Statement { last: sha256(&[b"body"]), count: 2, ..statement() };
        let signed = signed_by(&field.aisha.keys, &field, &sealed.envelope.header, &twice);
        let counted = forged(&field, sealed.envelope.header.clone(), padded(&signed, b"body").unwrap());
        assert_eq!(refused(&field, &counted), Some(OpenError::BadContext));
    }
}

/// A segment's statement names its author's last change, not the bytes around it: whoever merges must compare.
#[test]
fn a_segment_opens_with_any_body_and_leaves_the_comparison_to_the_merge() {
    let field = field();
    let envelope = segment(&field, "x").envelope;
    let signed = inner(&field, &envelope);
    let opened = open(&forged(&field, envelope.header, padded(&signed, b"other changes").unwrap()), &field.reading()).unwrap();
    assert_eq!((opened.statement.last, opened.statement.count), (sha256(&[b"last change"]), 3));
}

#[test]
fn every_flipped_bit_is_refused_with_a_code() {
    let field = field();
    let bytes = segment(&field, "x").envelope.encode();
    let mut codes = std::collections::BTreeSet::new();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut other = bytes.clone();
            other[at] ^= 1 << bit;
            let code = match Envelope::decode(&other) {
                Err(error) => error.code(),
                Ok(envelope) => refused(&field, &envelope).unwrap_or_else(|| panic!("byte {at}, bit {bit} opens")).code(),
            };
            codes.insert(code);
        }
    }
    assert_eq!(
        codes.into_iter().collect::<Vec<_>>(),
        ["env.bad_aead", "env.bad_commit", "env.bad_context", "env.not_canonical", "env.unknown_epoch", "env.unknown_version"]
    );
}

#[test]
fn a_chain_shows_gaps_and_forks() {
    let field = field();
    let first = segment(&field, "x");
    let opened = open(&first.envelope, &field.reading()).unwrap();
    assert_eq!(follows(&opened, Chain::START), Ok(()));
    assert_eq!(follows(&opened, Chain { seq: 0, hash: Digest::from_bytes([1; 32]) }), Err(OpenError::Fork), "another beginning");
    assert_eq!(follows(&opened, first.chain), Err(OpenError::Fork), "its place is taken");
    let next = Draft { chain: first.chain, ..field.draft(Kind::Segment, b"next") };
    let second = seal(&next, &field.aisha.keys, &mut crate::tests::Dice::new("y")).unwrap();
    let opened = open(&second.envelope, &field.reading()).unwrap();
    assert_eq!(follows(&opened, first.chain), Ok(()));
    assert_eq!(follows(&opened, Chain::START), Err(OpenError::ChainGap));
    assert_eq!(follows(&opened, Chain { seq: 1, hash: Digest::ZERO }), Err(OpenError::Fork), "another before it");
    assert_eq!(follows(&opened, Chain { seq: u64::MAX, hash: Digest::ZERO }), Err(OpenError::Fork));
    let end = Draft { chain: Chain { seq: u64::MAX, hash: Digest::ZERO }, ..field.draft(Kind::Segment, b"") };
    assert_eq!(seal(&end, &field.aisha.keys, &mut crate::tests::Dice::new("z")).err(), Some(KeyError::Broken));
}

#[test]
fn a_kept_statement_holds_only_in_its_place() {
    let field = field();
    let sealed = segment(&field, "x");
    let card = field.aisha.keys.card();
    let kept = |stream, kind, author, seq| verify_statement(&sealed.signed, &field.org.org(), stream, kind, author, seq).err();
    assert_eq!(kept(field.stream, Kind::Segment, card, 1), None);
    for error in [
        kept(Stream::DIRECTORY, Kind::Segment, card, 1),
        kept(field.stream, Kind::Seen, card, 1),
        kept(field.stream, Kind::Segment, field.bo.keys.card(), 1),
        kept(field.stream, Kind::Segment, card, 2),
    ] {
        assert_eq!(error, Some(OpenError::BadSignature));
    }
}

#[test]
fn sealed_twice_looks_different() {
    let field = field();
    let (one, two) = (segment(&field, "x").envelope, segment(&field, "y").envelope);
    assert_ne!(one.commit, two.commit);
    assert_ne!(one.ciphertext, two.ciphertext);
    assert_ne!(one.id(), two.id());
}

#[test]
fn codes_are_stable_and_say_what_may_heal() {
    let table = [
        (OpenError::UnknownEpoch, "env.unknown_epoch", true),
        (OpenError::BadCommit, "env.bad_commit", false),
        (OpenError::BadAead, "env.bad_aead", false),
        (OpenError::BadSignature, "env.bad_signature", false),
        (OpenError::BadContext, "env.bad_context", false),
        (OpenError::NotMember, "env.not_member", true),
        (OpenError::Uncut, "env.uncut", true),
        (OpenError::RevokedAuthor, "env.revoked_author", false),
        (OpenError::ChainGap, "env.chain_gap", true),
        (OpenError::Fork, "env.fork", false),
    ];
    for (error, code, heals) in table {
        assert_eq!((error.code(), error.may_heal()), (code, heals));
    }
}

/// What is too long for any reader would be refused by everybody, and stand in the way of all that comes after it.
#[test]
fn a_body_too_long_to_be_read_is_not_sealed() {
    let field = field();
    let body = vec![0; MAX_BODY + 1];
    let sealed = |kind, len: usize| seal(&field.draft(kind, &body[..len]), &field.aisha.keys, &mut crate::tests::Dice::new("x"));
    for kind in [Kind::Segment, Kind::Snapshot, Kind::Seen, Kind::Heartbeat] {
        assert_eq!(sealed(kind, MAX_BODY + 1).err(), Some(KeyError::TooLarge));
    }
    let longest = sealed(Kind::Snapshot, MAX_BODY).unwrap().envelope.encode();
    assert!(longest.len() <= MAX_LEN);
    assert!(open(&Envelope::decode(&longest).unwrap(), &field.reading()).is_ok());
    // With the longest statement there may be, and one byte more.
    let target = |body: usize| padded(&[0; MAX_STATEMENT], &vec![0; body]).unwrap().len() + hazmat::TAG_LEN;
    let header = Header {
        version: u16::MAX,
        kind: Kind::Seen,
        stream: field.stream,
        epoch: u32::MAX,
        device: field.aisha.keys.device(),
        seq: u64::MAX,
        salt: [1; 16],
    };
    let whole = |body: usize| Envelope::new(header.clone(), [0; 32], vec![0; target(body)]).encode().len();
    assert!(whole(MAX_BODY) <= MAX_LEN && whole(MAX_BODY + 1) > MAX_LEN);
}

/// Decoding what nobody has vouched for costs many times its length.
#[test]
fn a_statement_longer_than_any_of_ours_is_not_even_parsed() {
    let field = field();
    let sealed = segment(&field, "x");
    assert!(sealed.signed.len() < 200, "{}", sealed.signed.len());
    let header = &sealed.envelope.header;
    let long = |len: usize| vec![0x80; len];
    let judged = |signed: &[u8]| refused(&field, &forged(&field, header.clone(), padded(signed, b"").unwrap()));
    assert_eq!(judged(&long(MAX_STATEMENT)), Some(OpenError::BadSignature), "parsed, and no signed thing");
    assert_eq!(judged(&long(MAX_STATEMENT + 1)), Some(OpenError::BadContext));
    assert_eq!(
        judged(&[0x9a, 0, 0x0f, 0xff, 0xff].iter().copied().chain(long(0x0f_ffff)).collect::<Vec<u8>>()),
        Some(OpenError::BadContext)
    );
    // Not even one that its author signed.
    let signed = Signed::make(
        long(MAX_STATEMENT),
        &content_aad(&field.org.org(), header.stream, header.kind, &header.device, header.seq),
        |message| field.aisha.keys.sign_content(message),
    );
    assert_eq!(judged(&signed), Some(OpenError::BadContext));
    let kept = verify_statement(&signed, &field.org.org(), field.stream, Kind::Segment, field.aisha.keys.card(), 1);
    assert_eq!(kept, Err(OpenError::BadContext));
    assert_eq!(read_statement(&signed), None);
    assert_eq!(read_statement(&sealed.signed).map(|statement| statement.count), Some(3));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn any_plaintext_under_the_right_key_is_judged_without_panic(plaintext in proptest::collection::vec(proptest::num::u8::ANY, 0..600), signed in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        let field = &*FIELD;
        let header = Header { version: 1, kind: Kind::Segment, stream: field.stream, epoch: 2, device: field.aisha.keys.device(), seq: 1, salt: [1; 16] };
        proptest::prop_assert!(refused(field, &forged(field, header.clone(), plaintext)).is_some());
        proptest::prop_assert!(refused(field, &forged(field, header, padded(&signed, b"").unwrap())).is_some());
    }
}

static FIELD: std::sync::LazyLock<Field> = std::sync::LazyLock::new(field);

/// Three segments of Bo's, sealed while he had his phone.
fn of_bo(field: &Field) -> Vec<Sealed> {
    let mut chain = Chain::START;
    let mut next = |n: u8| {
        let sealed =
            seal(&Draft { chain, ..field.draft(Kind::Segment, &[n]) }, &field.bo.keys, &mut crate::tests::Dice::new("bo")).unwrap();
        chain = sealed.chain;
        sealed
    };
    (1..=3).map(&mut next).collect()
}

fn cut_at(field: &Field, sealed: &Sealed) -> Cut {
    Cut { device: field.bo.keys.device(), seq: sealed.chain.seq, hash: sealed.chain.hash, seen: 3 }
}

#[test]
fn what_a_lost_device_wrote_waits_until_somebody_says_how_much_of_it_counts() {
    let mut field = field();
    let bo = of_bo(&field);
    let all = |field: &Field| bo.iter().map(|sealed| refused(field, &sealed.envelope)).collect::<Vec<_>>();
    assert_eq!(all(&field), [None, None, None]);
    field.lose_bo();
    assert_eq!(all(&field), [Some(OpenError::Uncut); 3]);
    assert!(OpenError::Uncut.may_heal() && !OpenError::RevokedAuthor.may_heal());
    assert_eq!(place_of(&bo[1].envelope, &field.reading()).unwrap(), (bo[1].chain, bo[0].chain.hash));
    field.cut_bo(Some(cut_at(&field, &bo[1])));
    assert_eq!(all(&field), [None, None, Some(OpenError::RevokedAuthor)]);
}

#[test]
fn another_word_at_the_cut_than_the_one_that_counts_is_a_fork() {
    let mut field = field();
    let bo = of_bo(&field);
    let draft = Draft { last: sha256(&[b"another change"]), ..field.draft(Kind::Segment, b"other") };
    let other = seal(&draft, &field.bo.keys, &mut crate::tests::Dice::new("other")).unwrap();
    field.lose_bo();
    field.cut_bo(Some(cut_at(&field, &bo[0])));
    assert_eq!(refused(&field, &bo[0].envelope), None);
    assert_eq!(refused(&field, &other.envelope), Some(OpenError::Fork));
}

#[test]
fn of_a_lost_device_no_snapshot_counts_and_nothing_in_the_directory() {
    let mut field = field();
    let bo = of_bo(&field);
    let snapshot = seal(&field.draft(Kind::Snapshot, b"whole"), &field.bo.keys, &mut crate::tests::Dice::new("whole")).unwrap();
    let told = Draft { stream: Stream::DIRECTORY, key: field.directory.key(2).unwrap(), ..field.draft(Kind::Seen, b"seen") };
    let told = seal(&told, &field.bo.keys, &mut crate::tests::Dice::new("told")).unwrap();
    field.lose_bo();
    assert_eq!(refused(&field, &snapshot.envelope), Some(OpenError::RevokedAuthor), "nor waits for a cut");
    field.cut_bo(Some(cut_at(&field, &bo[2])));
    assert_eq!(refused(&field, &snapshot.envelope), Some(OpenError::RevokedAuthor));
    let reading = Reading { stream: Stream::DIRECTORY, keychain: &field.directory, case: None, ..field.reading() };
    assert_eq!(open(&told.envelope, &reading).err(), Some(OpenError::RevokedAuthor));
}

#[test]
fn a_snapshot_that_reaches_past_a_cut_is_refused_and_one_that_reaches_to_it_is_not() {
    let mut field = field();
    let bo = of_bo(&field);
    let reached = |sealed: &Sealed| {
        let last = read_statement(&sealed.signed).unwrap().last;
        Reached::proven(Reach { device: field.bo.keys.device(), chain: sealed.chain, last }, sealed.signed.clone())
    };
    let (second, third) = (reached(&bo[1]), reached(&bo[2]));
    field.lose_bo();
    field.cut_bo(Some(cut_at(&field, &bo[1])));
    assert!(second.verify(&field.org, &field.case, Compartment::Core).is_ok());
    assert_eq!(third.verify(&field.org, &field.case, Compartment::Core).err(), Some(OpenError::RevokedAuthor));
}

#[test]
fn the_key_after_a_loss_opens_nothing_for_the_lost_device() {
    let mut field = field();
    field.lose_bo();
    field.cut_bo(None);
    let epoch = field.case.compartment(Compartment::Core).unwrap().epoch.clone();
    assert!(field.wraps.iter().filter(|wrap| wrap.epoch == 3).all(|wrap| wrap.device != field.bo.keys.device()));
    let mut kept = Keychain::new(field.stream);
    for old in [1, 2] {
        kept.hold(old, field.core.key(old).unwrap().clone());
    }
    for wrap in field.wraps.iter().filter(|wrap| wrap.epoch == 3 && wrap.log != wire::log::LogId::Org) {
        assert!(kept.receive(&field.org.org(), wrap, &field.bo.keys, &epoch).is_err());
    }
    let sealed = seal(
        &Draft { epoch: 3, key: field.core.key(3).unwrap(), ..field.draft(Kind::Segment, b"after") },
        &field.aisha.keys,
        &mut crate::tests::Dice::new("after"),
    )
    .unwrap();
    assert_eq!(open(&sealed.envelope, &Reading { keychain: &kept, ..field.reading() }).err(), Some(OpenError::UnknownEpoch));
    kept.hold(3, field.core.key(2).unwrap().clone());
    assert_eq!(open(&sealed.envelope, &Reading { keychain: &kept, ..field.reading() }).err(), Some(OpenError::BadCommit));
}
