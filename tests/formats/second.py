"""A second implementation of the formats, written from docs/FORMATS.md: reads the golden files and derives them again.

Run: python second.py   (packages: requirements.txt). Prints how many checks passed; exit 1 when one does not.
"""

import base64
import hashlib
import hmac
import io
import json
import sys
from pathlib import Path

import cbor2
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from kyber_py.ml_kem import ML_KEM_768

HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden"
ZERO = bytes(32)
passed = 0
failed = []


def check(what, holds):
    global passed
    if holds:
        passed += 1
    else:
        failed.append(what)
        print("FAILED:", what, file=sys.stderr)


def equal(what, one, two):
    check(what, one == two)


# --- primitives -------------------------------------------------------------------------------------------------------


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def extract(salt, secret):
    return hmac.new(salt or ZERO, secret, hashlib.sha256).digest()


def expand(prk, info, length):
    out, block, count = b"", b"", 1
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes([count]), hashlib.sha256).digest()
        out, count = out + block, count + 1
    return out[:length]


def hkdf(salt, secret, info, length):
    return expand(extract(salt, secret), info, length)


def seal(key, aad, text):
    return ChaCha20Poly1305(key).encrypt(bytes(12), text, aad)


def unseal(key, aad, sealed):
    return ChaCha20Poly1305(key).decrypt(bytes(12), sealed, aad)


def cbor(value):
    return cbor2.dumps(value, canonical=True)


def uncbor(what, data):
    """Decodes, and counts as a check that encoding again gives the same bytes."""
    stream = io.BytesIO(data)
    value = cbor2.load(stream)
    equal(f"{what}: one encoding", cbor(value), data)
    equal(f"{what}: nothing behind it", stream.tell(), len(data))
    return value


def sequence(data):
    stream, out = io.BytesIO(data), []
    while stream.tell() < len(data):
        start = stream.tell()
        cbor2.load(stream)
        out.append(data[start : stream.tell()])
    return out


def field(structure, index):
    """A field of a structure; absent fields at the end are left out."""
    return structure[index] if index < len(structure) else None


def structure(*fields):
    fields = list(fields)
    while fields and fields[-1] is None:
        fields.pop()
    return fields


# --- HPKE and X-Wing --------------------------------------------------------------------------------------------------


def labeled_extract(suite, salt, label, ikm):
    return extract(salt, b"HPKE-v1" + suite + label + ikm)


def labeled_expand(suite, prk, label, info, length):
    return expand(prk, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, length)


def key_schedule(kem_id, shared, info):
    suite = b"HPKE" + kem_id.to_bytes(2, "big") + bytes([0, 1, 0, 3])
    context = (
        b"\x00"
        + labeled_extract(suite, b"", b"psk_id_hash", b"")
        + labeled_extract(suite, b"", b"info_hash", info)
    )
    secret = labeled_extract(suite, shared, b"secret", b"")
    return {
        "key_schedule_context": context,
        "secret": secret,
        "key": labeled_expand(suite, secret, b"key", context, 32),
        "base_nonce": labeled_expand(suite, secret, b"base_nonce", context, 12),
        "exporter_secret": labeled_expand(suite, secret, b"exp", context, 32),
    }


def nonce(schedule, seq):
    return bytes(a ^ b for a, b in zip(schedule["base_nonce"], seq.to_bytes(12, "big")))


def x25519(secret, public):
    return X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(public))


def x25519_public(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def check_rfc9180():
    vector = json.loads((HERE / "rfc9180.json").read_text())
    h = {k: bytes.fromhex(v) for k, v in vector.items() if isinstance(v, str) and k != "source"}
    kem = b"KEM" + (0x0020).to_bytes(2, "big")
    for who in "ER":
        prk = labeled_extract(kem, b"", b"dkp_prk", h["ikm" + who])
        secret = labeled_expand(kem, prk, b"sk", b"", 32)
        equal(f"RFC 9180: secret of {who}", secret, h[f"sk{who}m"])
        equal(f"RFC 9180: public key of {who}", x25519_public(secret), h[f"pk{who}m"])
    for secret, public in ((h["skEm"], h["pkRm"]), (h["skRm"], h["enc"])):
        prk = labeled_extract(kem, b"", b"eae_prk", x25519(secret, public))
        shared = labeled_expand(kem, prk, b"shared_secret", h["enc"] + h["pkRm"], 32)
        equal("RFC 9180: shared secret", shared, h["shared_secret"])
    schedule = key_schedule(0x0020, h["shared_secret"], h["info"])
    for name, value in schedule.items():
        equal(f"RFC 9180: {name}", value, h[name])
    for one in vector["encryptions"]:
        aad, ct = bytes.fromhex(one["aad"]), bytes.fromhex(one["ct"])
        aead, at = ChaCha20Poly1305(schedule["key"]), nonce(schedule, one["seq"])
        equal(f"RFC 9180: message {one['seq']}", aead.encrypt(at, h["pt"], aad), ct)
        equal(f"RFC 9180: message {one['seq']} opened", aead.decrypt(at, ct, aad), h["pt"])


def xwing_expand(secret):
    seed = hashlib.shake_256(secret).digest(96)
    ek, dk = ML_KEM_768._keygen_internal(seed[:32], seed[32:64])
    return ek, dk, seed[64:], x25519_public(seed[64:])


def xwing_combine(ml, x, ct_x, pk_x):
    return hashlib.sha3_256(ml + x + ct_x + pk_x + bytes.fromhex("5c2e2f2f5e5c")).digest()


def xwing_public(secret):
    ek, _, _, pk_x = xwing_expand(secret)
    return ek + pk_x


def xwing_open(secret, ct):
    _, dk, sk_x, pk_x = xwing_expand(secret)
    ct_ml, ct_x = ct[:1088], ct[1088:]
    return xwing_combine(ML_KEM_768.decaps(dk, ct_ml), x25519(sk_x, ct_x), ct_x, pk_x)


def check_xwing():
    for n, vector in enumerate(json.loads((HERE / "xwing.json").read_text())["vectors"]):
        v = {k: bytes.fromhex(x) for k, x in vector.items()}
        equal(f"X-Wing {n}: public key", xwing_public(v["sk"]), v["pk"])
        equal(f"X-Wing {n}: opened", xwing_open(v["sk"], v["ct"]), v["ss"])
        ek, pk_x = v["pk"][:1184], v["pk"][1184:]
        ml, ct_ml = ML_KEM_768._encaps_internal(ek, v["eseed"][:32])
        ct_x = x25519_public(v["eseed"][32:])
        equal(f"X-Wing {n}: ciphertext", ct_ml + ct_x, v["ct"])
        equal(f"X-Wing {n}: secret", xwing_combine(ml, x25519(v["eseed"][32:], pk_x), ct_x, pk_x), v["ss"])


def hpke_open(secret, info, aad, sealed):
    schedule = key_schedule(0x647A, xwing_open(secret, sealed[:1120]), info)
    return ChaCha20Poly1305(schedule["key"]).decrypt(nonce(schedule, 0), sealed[1120:], aad)


# --- signed things ----------------------------------------------------------------------------------------------------


def verifies(public, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def signed_thing(what, data, external, public):
    """The payload of a COSE_Sign1 whose form and signature are checked."""
    protected, unprotected, payload, signature = uncbor(what, data)
    equal(f"{what}: algorithm", protected, bytes.fromhex("a10127"))
    equal(f"{what}: nothing unprotected", unprotected, {})
    key = public(payload) if callable(public) else public
    base = cbor(["Signature1", protected, external, payload])
    check(f"{what}: signature", verifies(key, signature, base))
    check(f"{what}: signature is for this place", not verifies(key, signature, cbor(["Signature1", protected, external + b"x", payload])))
    return payload


# --- the golden files -------------------------------------------------------------------------------------------------


def label(name):
    return b"brobygger/1/" + name.encode()


def golden(name):
    return (GOLDEN / name).read_bytes()


def manifest(name="manifest-1.txt"):
    rows = (line.split(" = ") for line in golden(name).decode().splitlines() if not line.startswith("#"))
    return {name: bytes.fromhex(value) for name, value in rows}


def members_hash(cards):
    return sha256(label("members"), cbor(sorted([card[0], sha256(card[3])] for card in cards)))


def is_receive_key(key):
    if len(key) != 1216:
        return False
    triples = (int.from_bytes(key[at : at + 3], "little") for at in range(0, 1152, 3))
    return all(pair & 0xFFF < 3329 and pair >> 12 < 3329 for pair in triples)


def check_keys(m):
    for who in ("ida", "aisha", "bo"):
        keys = m[f"{who}.keys"]
        equal(f"{who}: length of keys", len(keys), 112)
        public = [Ed25519PrivateKey.from_private_bytes(keys[at : at + 32]).public_key().public_bytes_raw() for at in (16, 48)]
        m[f"{who}.card"] = [keys[:16], *public, xwing_public(keys[80:112])]
        check(f"{who}: receive key", is_receive_key(m[f"{who}.card"][3]))
        for at in (0, 575, 1150):
            bad = bytearray(m[f"{who}.card"][3])
            bad[at : at + 2] = b"\xff\xff"
            check(f"{who}: receive key damaged at {at}", not is_receive_key(bytes(bad)))
        equal(f"{who}: actor", sha256(label("actor"), public[0], m["case"])[:16], m[f"{who}.actor"])
        m[f"{who}.invitation"] = sha256(label("invitation"), m[f"{who}.token"])
    equal("aisha: request hash", sha256(label("request"), *m["aisha.card"], m["aisha.invitation"]), m["aisha.request_hash"])


class Epochs:
    """Epoch keys of one stream, taken from the manifest, and what the log says of them."""

    def __init__(self, m, name, stream):
        self.stream, self.keys = stream, {n: m[f"{name}.{n}"] for n in (1, 2)}

    def derived(self, purpose, n):
        return hkdf(b"", self.keys[n], label(purpose) + cbor([self.stream, n]), 32)

    def check(self, what, card, cards):
        compartment, n, commitment, wraps, members, back = (field(card, i) for i in range(6))
        equal(f"{what}: compartment", compartment, self.stream[1])
        equal(f"{what}: commitment", commitment, self.derived("epoch", n))
        equal(f"{what}: recipients", [w[0] for w in wraps], sorted(c[0] for c in cards))
        equal(f"{what}: members hash", members, members_hash(cards))
        if n == 1:
            check(f"{what}: no back link", back is None)
        else:
            equal(f"{what}: back link opened", unseal(self.derived("back", n), b"", back), self.keys[n - 1])
            equal(f"{what}: back link made", seal(self.derived("back", n), b"", self.keys[n - 1]), back)


def check_org_log(m):
    entries = sequence(golden("org-log-1.bin"))
    cards, admitted = {}, {}
    hashes, invitations, server, directory = [], {}, None, None
    org = sha256(entries[0])
    epochs = Epochs(m, "directory", [None, 0])
    acts = []
    for seq, data in enumerate(entries):
        what = f"organisation's log, entry {seq}"

        def key(payload):
            act = cbor2.loads(payload)[8]
            return act[1][0][1][1][1] if seq == 0 else cards[cbor2.loads(payload)[6]][1]

        payload = signed_thing(what, data, label("log"), key)
        statement = uncbor(f"{what}, statement", payload)
        version, named, log, at, prev, head, signer, claimed, act = statement[:9]
        sealed = field(statement, 9)
        equal(f"{what}: version", version, 1)
        equal(f"{what}: organisation", named, None if seq == 0 else org)
        equal(f"{what}: log", log, [0, []])
        equal(f"{what}: place", (at, prev), (seq, hashes[-1] if hashes else ZERO))
        equal(f"{what}: no head", head, None)
        equal(f"{what}: signer", signer, m["ida.keys"][:16])
        equal(f"{what}: claimed time", claimed, int.from_bytes(m["claimed_ms"], "big"))
        equal(f"{what}: group of acts", act[0], 0)
        (number, fields) = act[1][0]
        acts.append(number)
        if number == 0:
            equal(f"{what}: founder", fields, [m["ida.member"], m["ida.card"]])
            admitted[m["ida.member"]] = [4, seq]
            cards[fields[1][0]] = fields[1]
            devices = {fields[1][0]: [fields[0], fields[1], seq]}
        elif number == 1:
            epochs.check(what, fields[0], list(cards.values()))
            directory = fields[0]
        elif number == 2:
            equal(f"{what}: server", fields, [m["server.url"].decode(), [m["server.certificate"]]])
            server = fields
        elif number == 3:
            who = "aisha" if seq == 3 else "bo"
            equal(f"{what}: invitation", fields[:3], [m[f"{who}.invitation"], m[f"{who}.member"], 1])
            invitations[fields[0]] = [fields[1], fields[2], fields[3], False]
            if seq == 3:
                equal(f"{what}: sealed part", sealed, golden("sealed-part-1.bin"))
                place = cbor([org, [0, []], seq, 1])
                part_key = hkdf(sealed[:16], epochs.keys[1], label("part") + place, 32)
                text = len(m["part.text"]).to_bytes(4, "big") + m["part.text"]
                text += bytes(padded_len(len(text), 128) - len(text))
                equal(f"{what}: sealed part's length", len(sealed), 16 + 128 + 16)
                equal(f"{what}: sealed part opened", unseal(part_key, place, sealed[16:]), text)
                equal(f"{what}: sealed part made", sealed[:16] + seal(part_key, place, text), sealed)
        elif number == 4:
            who = "aisha" if seq == 4 else "bo"
            equal(f"{what}: card", fields[:2], [m[f"{who}.invitation"], m[f"{who}.card"]])
            equal(f"{what}: wrap is the device's", fields[2][0], fields[1][0])
            invitation = invitations[fields[0]]
            check(f"{what}: receive key", is_receive_key(fields[1][3]))
            check(f"{what}: invitation open", not invitation[3] and invitation[2] >= claimed)
            invitation[3] = True
            admitted[invitation[0]] = [invitation[1], seq]
            cards[fields[1][0]] = fields[1]
            devices[fields[1][0]] = [invitation[0], fields[1], seq]
        hashes.append(sha256(data))
    equal("organisation's log: acts", acts, [0, 1, 2, 3, 4, 3, 4, 1])
    state = structure(org, hashes, admitted, devices, invitations, directory, server)
    equal("organisation's state", cbor(state), golden("org-state-1.bin"))
    uncbor("organisation's state", golden("org-state-1.bin"))
    return org, hashes, cards


def check_case_log(m, org, org_hashes, cards):
    stream = [m["case"], 1]
    epochs, hashes, members, wraps, card = Epochs(m, "core", stream), [], {}, {}, None
    for seq, data in enumerate(sequence(golden("case-log-1.bin"))):
        what = f"case's log, entry {seq}"
        payload = signed_thing(what, data, label("log"), lambda payload: cards[cbor2.loads(payload)[6]][1])
        statement = uncbor(f"{what}, statement", payload)
        equal(f"{what}: head", statement[:6], [1, org, [1, [m["case"]]], seq, hashes[-1] if hashes else ZERO, [len(org_hashes) - 1, org_hashes[-1]]])
        equal(f"{what}: group of acts", statement[8][0], 1)
        number, fields = statement[8][1][0]
        if seq == 0:
            equal(f"{what}: members", (number, fields[0]), (0, sorted([[m["ida.member"], 4], [m["aisha.member"], 1]])))
            card, members = fields[1], {who: [role] for who, role in fields[0]}
            epochs.check(what, card, [m["ida.card"], m["aisha.card"]])
            wraps = {device: digest for device, digest in card[3]}
        elif seq == 1:
            equal(f"{what}: grant", (number, fields[:3]), (1, [1, m["bo.member"], 2]))
            equal(f"{what}: wrap", [w[0] for w in fields[4]], [m["bo.card"][0]])
            members[fields[1]] = structure(fields[2], fields[3])
            wraps.update({device: digest for device, digest in fields[4]})
        else:
            equal(f"{what}: epoch", number, 2)
            card = fields[0]
            epochs.check(what, card, [m["ida.card"], m["aisha.card"], m["bo.card"]])
            wraps = {device: digest for device, digest in card[3]}
        hashes.append(sha256(data))
    state = [m["case"], [len(hashes) - 1, hashes[-1]], len(org_hashes) - 1, {1: [members, card, wraps]}]
    equal("case's state", cbor(state), golden("case-state-1.bin"))
    uncbor("case's state", golden("case-state-1.bin"))
    return epochs, card


def check_wrap(m, org, card):
    log, compartment, epoch, device, sealed, signer = uncbor("wrap", golden("wrap-1.bin"))
    equal("wrap: what for", (log, compartment, epoch, device), ([1, [m["case"]]], 1, 2, m["bo.card"][0]))
    check("wrap: named in the log", [device, sha256(sealed)] in card[3])
    info = cbor(["brobygger/1/wrap", org, m["case"]])
    aad = cbor([[[1, 2, card[2]]], device, sha256(m["bo.card"][3]), signer])
    text = hpke_open(m["bo.keys"][80:], info, aad, sealed)
    equal("wrap: text", text, cbor([[1, m["core.2"]]]))
    for what, info, aad in (("info", info + b"x", aad), ("aad", info, aad + b"x")):
        try:
            hpke_open(m["bo.keys"][80:], info, aad, sealed)
            check(f"wrap: other {what} is refused", False)
        except InvalidTag:
            check(f"wrap: other {what} is refused", True)


def padded_len(length, least=512):
    if length <= least:
        return least
    e = length.bit_length() - 1
    unit = 1 << (e - e.bit_length())
    return -(-length // unit) * unit


def padded(s, body):
    inner = len(s).to_bytes(4, "big") + s + body
    out = len(inner).to_bytes(4, "big") + inner
    return out + bytes(padded_len(len(out)) - len(out))


def check_envelope(m, org, epochs, name, kind, body):
    data = golden(name)
    header, commitment, ciphertext = uncbor(name, data)
    device = m["aisha.card"][0]
    salt = header[6]
    equal(f"{name}: header", header, [1, kind, [m["case"], 1], 2, device, 1, salt])
    okm = hkdf(salt, epochs.keys[2], label("env") + cbor([org, header]), 64)
    equal(f"{name}: commitment", commitment, okm[32:])
    aad = cbor([org, header, commitment])
    text = unseal(okm[:32], aad, ciphertext)
    inner = text[4 : 4 + int.from_bytes(text[:4], "big")]
    s = inner[4 : 4 + int.from_bytes(inner[:4], "big")]
    check(f"{name}: length of S", len(s) <= 512)
    equal(f"{name}: body", inner[4 + len(s) :], body)
    equal(f"{name}: padding", padded(s, body), text)
    equal(f"{name}: made again", cbor([header, okm[32:], seal(okm[:32], aad, padded(s, body))]), data)
    external = cbor(["brobygger/1/content", org, m["case"], 1, kind, device, 1])
    payload = signed_thing(f"{name}, S", s, external, m["aisha.card"][1])
    last, count = (m["envelope.last"], 3) if kind == 1 else (sha256(body), 1)
    equal(f"{name}: statement", uncbor(f"{name}, statement", payload), [1, ZERO, int.from_bytes(m["claimed_ms"], "big"), last, count])
    signing = Ed25519PrivateKey.from_private_bytes(m["aisha.keys"][16:48])
    equal(f"{name}: signed again", cbor([bytes.fromhex("a10127"), {}, payload, signing.sign(cbor(["Signature1", bytes.fromhex("a10127"), external, payload]))]), s)
    return s


def check_quarantine(m, org):
    header, commitment, keys, ciphertext = uncbor("quarantine", golden("quarantine-1.bin"))
    author, recipients, salt = m["aisha.card"], sorted([m["ida.card"], m["bo.card"]]), header[4]
    equal("quarantine: header", header, [1, org, author[0], [card[0] for card in recipients], salt])
    info, opened = cbor(["brobygger/1/quarantine", org]), set()
    for card, sealed in zip(recipients, keys, strict=True):
        name = "ida" if card == m["ida.card"] else "bo"
        aad = cbor([author[0], card[0], sha256(card[3])])
        opened.add(hpke_open(m[name + ".keys"][80:], info, aad, sealed))
    equal("quarantine: one key for all", len(opened), 1)
    okm = hkdf(salt, opened.pop(), label("quarantine") + cbor(header), 64)
    equal("quarantine: commitment", commitment, okm[32:])
    text = unseal(okm[:32], cbor([header, commitment]), ciphertext)
    contents = text[8 : 4 + int.from_bytes(text[:4], "big")]
    equal("quarantine: padding", padded(b"", contents), text)
    case, words = uncbor("quarantine: contents", contents)
    equal("quarantine: case and bodies", (case, [word[2] for word in words]), (m["case"], [m["envelope.body"], b""]))
    before = ZERO
    for seq, s, _ in words:
        external = cbor(["brobygger/1/content", org, case, 1, 1, author[0], seq])
        payload = signed_thing(f"quarantine: word {seq}", s, external, author[1])
        equal(f"quarantine: statement {seq}", uncbor("statement", payload), [1, before, 0, ZERO, 1])
        before = sha256(s)


def check_duress(m, org):
    data, card = golden("duress-1.bin"), m["aisha.card"]
    payload = signed_thing("duress", data, label("duress"), card[1])
    equal("duress: contents", uncbor("duress: payload", payload), [org, card[0]])
    check("duress: short", len(data) <= 160)
    signing = Ed25519PrivateKey.from_private_bytes(m["aisha.keys"][16:48])
    signature = signing.sign(cbor(["Signature1", bytes.fromhex("a10127"), label("duress"), cbor([org, card[0]])]))
    equal("duress: signed again", data, cbor([bytes.fromhex("a10127"), {}, cbor([org, card[0]]), signature]))


def check_keyslots(m, version):
    data = golden(f"keyslots-{version}.bin")
    equal("keyslots: length", len(data), 2082)
    header = data[:34]
    equal("keyslots: magic", header[:6], bytes.fromhex("42424b5300") + bytes([version]))
    memory, passes, lanes = (int.from_bytes(header[at : at + 4], "big") for at in (22, 26, 30))
    equal("keyslots: cost", (memory, passes, lanes), (19456, 2, 1))
    salt = header[6:22]
    equal("keyslots: what the keystore is asked", label("keystore") + salt, m["keyslots.challenge"])
    pk = hash_secret_raw(m["keyslots.passphrase"], salt, passes, memory, lanes, 32, Type.ID, 0x13)
    opened = []
    for at in range(34, len(data), 512):
        slot = data[at : at + 512]
        key = hkdf(slot[:16], pk + m["keyslots.keystore"], label("keyslot"), 32)
        try:
            text = unseal(key, header, slot[16:])
        except InvalidTag:
            continue
        opened.append(text)
        equal("keyslots: made again", slot[:16] + seal(key, header, text), slot)
    equal("keyslots: one opens", len(opened), 1)
    equal("keyslots: zeros behind the key", opened[0][32:], bytes(448))
    equal("keyslots: database key", hkdf(b"", opened[0][:32], label("database"), 48), m["keyslots.database"])


def check_second(m):
    data = golden("keyslots-second-2.bin")
    header, salt = data[:34], data[6:22]
    slots = [data[at : at + 512] for at in range(34, len(data), 512)]

    def opened(passphrase):
        pk = hash_secret_raw(passphrase, salt, 2, 19456, 1, 32, Type.ID, 0x13)
        texts = []
        for slot in slots:
            try:
                texts.append(unseal(hkdf(slot[:16], pk + m["keyslots.keystore"], label("keyslot"), 32), header, slot[16:]))
            except InvalidTag:
                continue
        return texts

    [home] = opened(m["keyslots.passphrase"])
    equal("second: the first opens the vault", hkdf(b"", home[:32], label("database"), 48), m["keyslots.database"])
    parts = sorted((text[32], text) for text in opened(m["second.passphrase"]))
    equal("second: parts", [number for number, _ in parts], [1, 2])
    words = b""
    for _, text in parts:
        length = int.from_bytes(text[34:36], "big")
        equal("second: nothing but zeros around", (text[:32], text[33], text[36 + length :]), (bytes(32), 0, bytes(444 - length)))
        words += text[36 : 36 + length]
    equal("second: words", words, m["second.words"])


def check_tries(m):
    salt = golden("keyslots-2.bin")[6:22]
    body = bytes.fromhex("424254520001") + salt + m["tries.used"] + m["tries.serial"] + m["tries.at_ms"]
    asked = label("counter") + body
    proof = hmac.new(m["tries.keystore_key"], asked, hashlib.sha256).digest()
    equal("tries: with a keystore", golden("tries-1.bin"), body + sha256(asked + proof))
    equal("tries: without", golden("tries-bare-1.bin"), body + sha256(asked))


def check_batch(m):
    cursor, resume, items = uncbor("batch", golden("batch-1.bin"))
    envelope, snapshot = golden("envelope-1.bin"), golden("snapshot-1.bin")
    genesis = sequence(golden("case-log-1.bin"))[0]
    equal("batch: cursor", cursor, b"an opaque cursor")
    equal("batch: resume", resume, [sha256(envelope), 100])
    equal("batch: log entry", (items[0][0], items[0][1][0]), (0, genesis))
    named = cbor2.loads(cbor2.loads(genesis)[2])[8][1][0][1][1][3]
    equal("batch: wraps", [[w[3], sha256(w[4])] for w in items[0][1][1]], named)
    equal("batch: envelope", items[1], [1, [envelope]])
    equal("batch: snapshot", items[2], [2, [snapshot, [[m["aisha.card"][0], 1]]]])


def check_answer(m):
    data, at, frames = golden("answer-1.bin"), 0, []
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        check("answer: length of a frame", length <= 16384)
        number, fields = uncbor("answer, frame", data[at + 2 : at + 2 + length])
        at += 2 + length
        raw = b""
        if number == 3:
            size = fields[0][4] - fields[0][5]
            raw, at = data[at : at + size], at + size
        frames.append((number, fields, raw))
    envelope, case = golden("envelope-1.bin"), m["case"]
    entry, grant = sequence(golden("org-log-1.bin"))[1], sequence(golden("case-log-1.bin"))[1]
    wrap = golden("wrap-1.bin")
    item = lambda kind, position, case, whole, offset: (3, [[kind, position, case, sha256(whole), len(whole), offset]], whole[offset:])
    expected = [
        (0, [bytes([0x11]) * 16, int.from_bytes(m["claimed_ms"], "big")], b""),
        (1, [sha256(envelope), 12], b""),
        (2, [sha256(b"another"), "env.unknown_epoch"], b""),
        item(0, 1, None, entry, 0),
        item(1, 9, case, grant, 0),
        item(2, 10, case, wrap, 0),
        item(3, 12, case, envelope, 100),
        (4, [b"an opaque cursor"], b""),
        (5, [], b""),
    ]
    for n, (one, two) in enumerate(zip(frames, expected, strict=True)):
        equal(f"answer: frame {n}", one, two)


def check_request(m, name, body):
    first, *lines = golden(name).decode().splitlines()
    method, uri = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    keyid = base64.b32encode(m["aisha.card"][0]).decode().lower().rstrip("=")
    covered = '"@method" "@target-uri"' + (' "content-digest"' if body is not None else "")
    params = f'({covered});created=1790000000;keyid="{keyid}";alg="ed25519"'
    equal(f"{name}: Signature-Input", headers["Signature-Input"], f"bb={params}")
    base = f'"@method": {method}\n"@target-uri": {uri}\n'
    if body is None:
        check(f"{name}: no digest", "Content-Digest" not in headers)
    else:
        digest = f"sha-256=:{base64.b64encode(sha256(body)).decode()}:"
        equal(f"{name}: digest", headers["Content-Digest"], digest)
        base += f'"content-digest": {digest}\n'
    base += f'"@signature-params": {params}'
    signature = base64.b64decode(headers["Signature"].removeprefix("bb=:").removesuffix(":"))
    check(f"{name}: signature", verifies(m["aisha.card"][2], signature, base.encode()))
    check(f"{name}: signature is by the request key", not verifies(m["aisha.card"][1], signature, base.encode()))
    signing = Ed25519PrivateKey.from_private_bytes(m["aisha.keys"][48:80])
    equal(f"{name}: signed again", signing.sign(base.encode()), signature)


def check_labels():
    text = (HERE.parent.parent / "docs" / "FORMATS.md").read_text(encoding="utf-8")
    rows = [line.split("`")[1] for line in text.splitlines() if line.startswith("| `brobygger/1/")]
    equal("labels: each once", len(rows), len(set(rows)))
    check("labels: none begins another", not any(a != b and b.startswith(a) for a in rows for b in rows))


def main():
    check_rfc9180()
    check_xwing()
    check_labels()
    m = manifest()
    check_keys(m)
    org, org_hashes, cards = check_org_log(m)
    epochs, card = check_case_log(m, org, org_hashes, cards)
    check_wrap(m, org, card)
    s = check_envelope(m, org, epochs, "envelope-1.bin", 1, m["envelope.body"])
    check_envelope(m, org, epochs, "snapshot-1.bin", 2, m["snapshot.body"])
    reaches = [[[m["aisha.card"][0], [1, sha256(s)], m["envelope.last"]]], b"card", b"document"]
    equal("snapshot: body", uncbor("snapshot body", m["snapshot.body"]), reaches)
    check_quarantine(m, org)
    check_duress(m, org)
    check_keyslots(m, 1)
    later = manifest("manifest-2.txt")
    check_keyslots(later, 2)
    check_tries(later)
    check_second(manifest("manifest-3.txt"))
    check_batch(m)
    check_answer(m)
    check_request(m, "request-post-1.txt", golden("batch-1.bin"))
    check_request(m, "request-get-1.txt", None)
    if failed:
        print(f"{len(failed)} checks failed, {passed} passed")
        return 1
    print(f"{passed} checks passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
