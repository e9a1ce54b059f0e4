"""Checks a signed history of a case, without a key of the case and without any code of the app; written from docs/FORMATS.md.

Run: python signed_history.py FILE FINGERPRINT        prints who wrote how much, then ok; exit 1 at the first fault.
     python signed_history.py --attack FILE…          the file is as it should be, and no file like it with one byte changed is.
Packages: cbor2, cryptography (requirements.txt).
"""

import hashlib
import io
import sys
from pathlib import Path

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ZERO = bytes(32)
ALGORITHM = bytes.fromhex("a10127")
CORE, SEGMENT = 1, 1
# The change with which every case begins, written by nobody.
SKELETON = bytes.fromhex("6e3e6eb4e6410b8c698f4586363a25166ac732e276c574f988aa5a0cf4897ae4")


class Fault(Exception):
    """What is wrong, in one sentence."""


def demand(holds, fault):
    if not holds:
        raise Fault(fault)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def cbor(value):
    return cbor2.dumps(value, canonical=True)


def decoded(what, data):
    """One value, in its one encoding, and nothing behind it."""
    try:
        stream = io.BytesIO(data)
        value = cbor2.load(stream)
        whole = stream.tell() == len(data) and cbor(value) == data
    except Exception as error:
        raise Fault(f"{what}: no CBOR ({error})") from None
    demand(whole, f"{what}: not in its one encoding")
    return value


def field(structure, index):
    return structure[index] if index < len(structure) else None


def payload_of(what, data, external, key_of):
    """The payload of a signed thing, whose signature is checked under the key that `key_of` finds for it."""
    thing = decoded(what, data)
    demand(isinstance(thing, list) and len(thing) == 4, f"{what}: no signed thing")
    protected, unprotected, payload, signature = thing
    demand(protected == ALGORITHM and unprotected == {} and isinstance(payload, bytes), f"{what}: another form")
    try:
        key = key_of(decoded(f"{what}, payload", payload))
        Ed25519PublicKey.from_public_bytes(key).verify(signature, cbor(["Signature1", protected, external, payload]))
    except (InvalidSignature, ValueError, TypeError):
        raise Fault(f"{what}: not signed by who it says") from None
    return decoded(f"{what}, payload", payload)


class Organisation:
    """Its log: whose device is admitted from which entry on, with which key, until which entry."""

    def __init__(self, entries, fingerprint):
        demand(entries and sha256(entries[0]) == fingerprint, "this is the log of another organisation")
        self.org, self.hashes = fingerprint, []
        self.devices, self.invited = {}, {}
        for seq, data in enumerate(entries):
            self.take(seq, data)

    def key(self, device, at):
        """The sign key of a device that may sign the entry behind `at`."""
        known = self.devices.get(device)
        demand(known is not None, "somebody signed who was never admitted")
        demand(known["since"] <= at and (known["revoked"] is None or known["revoked"] > at), "somebody signed who was not admitted then")
        return known["sign"]

    def take(self, seq, data):
        what = f"organisation's log, entry {seq}"

        def key_of(statement):
            if seq == 0:
                return statement[8][1][0][1][1][1]
            return self.key(statement[6], seq - 1)

        statement = payload_of(what, data, b"brobygger/1/log", key_of)
        version, org, log, at, prev, head, signer = statement[:7]
        demand((version, org, log) == (1, self.org if seq else None, [0, []]), f"{what}: of another log")
        demand((at, prev, head) == (seq, self.hashes[-1] if self.hashes else ZERO, None), f"{what}: in the place of another")
        (number, fields) = statement[8][1][0]
        if number == 0:
            demand(seq == 0, f"{what}: founded twice")
            self.admit(fields[0], fields[1], seq)
            demand(signer in self.devices, f"{what}: founded by somebody else")
        elif number == 3:
            self.invited[fields[0]] = fields[1]
        elif number == 4:
            person = self.invited.pop(fields[0], None)
            demand(person is not None, f"{what}: nobody was invited so")
            self.admit(person, fields[1], seq)
        elif number == 6:
            demand(fields[0] in self.devices, f"{what}: an unknown device is revoked")
            self.devices[fields[0]]["revoked"] = seq
        self.hashes.append(sha256(data))

    def admit(self, person, card, seq):
        demand(card[0] not in self.devices, "a device is admitted twice")
        self.devices[card[0]] = {"person": person, "sign": card[1], "since": seq, "revoked": None}


class CaseLog:
    """The log of a case: who was ever in its core, and where the words of a device end."""

    def __init__(self, entries, organisation, case):
        self.case, self.hashes, self.members, self.cuts, self.epochs = case, [], set(), {}, 0
        demand(entries, "the case has no log")
        for seq, data in enumerate(entries):
            self.take(seq, data, organisation)

    def take(self, seq, data, organisation):
        what = f"case's log, entry {seq}"

        def key_of(statement):
            head = statement[5]
            demand(head is not None and head[0] < len(organisation.hashes), f"{what}: decided under an unknown state of the organisation")
            demand(organisation.hashes[head[0]] == head[1], f"{what}: decided under another state of the organisation")
            return organisation.key(statement[6], head[0])

        statement = payload_of(what, data, b"brobygger/1/log", key_of)
        demand(statement[:3] == [1, organisation.org, [1, [self.case]]], f"{what}: of another log")
        demand(statement[3:5] == [seq, self.hashes[-1] if self.hashes else ZERO], f"{what}: in the place of another")
        (number, fields) = statement[8][1][0]
        demand((number == 0) == (seq == 0), f"{what}: not begun where it begins")
        if number == 0:
            self.members |= {person for person, _ in fields[0]}
            self.epoch(fields[1])
        elif number == 1 and fields[0] == CORE:
            self.members.add(fields[1])
            # Whoever is let in again goes on where the cut was.
            self.cuts = {device: cut for device, cut in self.cuts.items() if organisation.devices[device]["person"] != fields[1]}
        elif number == 2 and fields[0][0] == CORE:
            self.epoch(fields[0])
        self.hashes.append(sha256(data))

    def epoch(self, card):
        self.epochs += 1
        demand(card[1] == self.epochs, "a key of the case is missing from its log")
        for device, seq, digest, _ in field(card, 6) or []:
            self.cuts[device] = (seq, digest)


def unsigned(data, at):
    """A LEB128 number, and what is behind it."""
    value, shift = 0, 0
    while True:
        demand(at < len(data) and shift < 64, "a change ends in the middle")
        byte = data[at]
        value, shift, at = value | (byte & 0x7F) << shift, shift + 7, at + 1
        if byte < 0x80:
            return value, at


class Change:
    """An Automerge change, as far as it says whose it is and what it builds on."""

    def __init__(self, data):
        demand(data[:4] == bytes.fromhex("856f4a83") and data[8:9] == b"\x01", "something is no change")
        length, at = unsigned(data, 9)
        demand(at + length == len(data), "a change has another length")
        self.hash = sha256(data[8:])
        demand(self.hash[:4] == data[4:8], "a change is not what its checksum says")
        count, at = unsigned(data, at)
        demand(at + 32 * count <= len(data), "a change ends in the middle")
        self.deps = {data[at + 32 * n : at + 32 * n + 32] for n in range(count)}
        length, at = unsigned(data, at + 32 * count)
        self.actor = data[at : at + length]
        self.seq, _ = unsigned(data, at + length)


class Words:
    """Every change, by author and number, each behind what it builds on."""

    def __init__(self, changes):
        known, self.by_actor, self.all = set(), {}, {}
        for at, data in enumerate(changes):
            change = Change(data)
            demand((change.hash == SKELETON) == (at == 0), "the case does not begin as every case does")
            if at == 0:
                known.add(change.hash)
                continue
            demand(change.deps <= known, "a change stands before what it builds on")
            own = self.by_actor.setdefault(change.actor, [])
            demand(change.seq == len(own) + 1, "a change of an author is missing, or there twice")
            demand(not own or own[-1].hash in change.deps, "a change does not name its author's one before")
            own.append(change)
            known.add(change.hash)
            self.all[change.hash] = change


def check_author(org, log, words, device, said):
    """The statements of one author's device prove exactly the author's changes. Gives how many those are."""
    known = org.devices.get(device)
    demand(known is not None, "words of a device that was never admitted")
    demand(known["person"] in log.members, "words of somebody who was never in the case")
    actor = sha256(b"brobygger/1/actor", known["sign"], log.case)[:16]
    own = words.by_actor.pop(actor, [])
    before_seq, before_hash, reached = 0, ZERO, 0
    for seq, data in said:
        what = f"statement {seq} of {device.hex()[:8]}"
        demand(seq > before_seq, f"{what}: not in order")
        external = cbor(["brobygger/1/content", org.org, log.case, CORE, SEGMENT, device, seq])
        generation, prev, _, last, count = payload_of(what, data, external, lambda _: known["sign"])
        demand(generation == 1 and count >= 1, f"{what}: another form")
        demand(seq != before_seq + 1 or prev == before_hash, f"{what}: does not follow the one before")
        change = words.all.get(last)
        demand(change is not None and change.actor == actor, f"{what}: about a change that is not here")
        demand(seq != before_seq + 1 or change.seq == reached + count, f"{what}: about another number of changes")
        demand(change.seq > reached, f"{what}: about what was said before")
        before_seq, before_hash, reached = seq, sha256(data), change.seq
    demand(reached == len(own), f"changes of {device.hex()[:8]} that nobody signed")
    if device in log.cuts:
        seq, digest = log.cuts[device]
        demand(before_seq <= seq, f"words of {device.hex()[:8]} after it was cut off")
        demand(before_seq != seq or seq == 0 or before_hash == digest, f"words of {device.hex()[:8]} that end otherwise than the cut")
    return len(own), len(said)


def check(data, fingerprint):
    """Every author's device with the numbers of its changes and statements, the numbers of entries, and how often the key changed."""
    try:
        return checked(data, fingerprint)
    except (IndexError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Fault(f"something has another form ({error!r})") from None


def checked(data, fingerprint):
    whole = decoded("the file", data)
    demand(isinstance(whole, list) and whole[:2] == ["brobygger signed history", 1], "this is no signed history of version 1")
    demand(len(whole) == 9 and whole[2] == fingerprint, "of another organisation than it was said to be")
    org = Organisation(whole[4], fingerprint)
    log = CaseLog(whole[5], org, whole[3])
    words = Words(whole[7])
    demand([device for device, _ in whole[6]] == sorted({device for device, _ in whole[6]}), "an author stands there twice, or out of order")
    authors = {device: check_author(org, log, words, device, said) for device, said in whole[6]}
    demand(not words.by_actor, "changes of somebody who signed nothing")
    names = {subject: name for subject, name in whole[8]}
    return authors, org, log, names


def tell(data, fingerprint):
    authors, org, log, names = check(data, fingerprint)
    print(f"organisation {fingerprint.hex()}: {len(org.hashes)} entries; case: {len(log.hashes)} entries, key {log.epochs}")
    for device, (changes, statements) in authors.items():
        who = names.get(org.devices[device]["person"], "?")
        print(f"{device.hex()}  {changes} changes in {statements} statements  (called here: {who}, {names.get(device, '?')})")
    print("ok")


def spans(data, whole):
    """Where in the file stand the bytes that somebody signed."""
    signed = [*whole[4], *whole[5], *(s for _, said in whole[6] for _, s in said), *whole[7]]
    at, found = 0, []
    for piece in signed:
        at = data.index(piece, at)
        found.append((at, len(piece)))
        at += len(piece)
    return found


def attack(path):
    """How many files like this one, each with a fault, were found out; and which were not."""
    data = Path(path).read_bytes()
    whole = cbor2.loads(data)
    fingerprint, survived, tried = whole[2], [], 0
    check(data, fingerprint)

    def must_fail(what, bad, by=fingerprint):
        nonlocal tried
        tried += 1
        try:
            check(bad, by)
            survived.append(what)
        except Fault:
            pass

    must_fail("another organisation", data, bytes(31) + b"\x01")
    for at, length in spans(data, whole):
        for place in {at, at + length // 3, at + length // 2, at + length - 1}:
            bad = bytearray(data)
            bad[place] ^= 1
            must_fail(f"byte {place}", bytes(bad))
    names = data.rindex(cbor(whole[8]))
    for place in range(0, names, max(1, names // 400)):
        bad = bytearray(data)
        bad[place] ^= 0x20
        must_fail(f"byte {place}", bytes(bad))
    for end in (0, 1, names // 2, names, len(data) - 1):
        must_fail(f"cut after {end}", data[:end])
    for part in (4, 5, 7):
        for at in range(len(whole[part])):
            # Without its last entry a log says less, and is one all the same.
            if part != 7 and at == len(whole[part]) - 1:
                continue
            without = [*whole[part][:at], *whole[part][at + 1 :]]
            must_fail(f"part {part} without {at}", cbor([*whole[:part], without, *whole[part + 1 :]]))
    for n, (device, said) in enumerate(whole[6]):
        # A statement in the middle may be missing: the next one covers what it was about.
        rest = [device, said[:-1]]
        must_fail(f"author {n} without the last", cbor([*whole[:6], [*whole[6][:n], rest, *whole[6][n + 1 :]], *whole[7:]]))
        must_fail(f"without author {n}", cbor([*whole[:6], [*whole[6][:n], *whole[6][n + 1 :]], *whole[7:]]))
    return tried - len(survived), survived


def main(arguments):
    if arguments[:1] == ["--attack"] and len(arguments) > 1:
        found, survived = 0, []
        for path in arguments[1:]:
            some, others = attack(path)
            found, survived = found + some, survived + [f"{path}: {one}" for one in others]
        for one in survived[:20]:
            print("NOT FOUND OUT:", one, file=sys.stderr)
        print(f"{found} checks passed" if not survived else f"{len(survived)} checks failed, {found} passed")
        return 1 if survived else 0
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        tell(Path(arguments[0]).read_bytes(), bytes.fromhex(arguments[1]))
    except (Fault, ValueError) as fault:
        print(f"NOT SOUND: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
