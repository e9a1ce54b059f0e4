//! A change chunk taken apart, to be put together again with a lie in it and the right checksum over it.

use wire::signature::sha256;

/// The parts of an uncompressed change chunk, in the order in which they stand.
#[derive(Debug, Clone)]
pub struct Chunk {
    pub kind: u8,
    pub deps: Vec<[u8; 32]>,
    pub actor: Vec<u8>,
    pub seq: u64,
    pub start_op: u64,
    pub time: i64,
    pub message: Vec<u8>,
    pub others: Vec<Vec<u8>>,
    /// What each column says to be, and what stands in it.
    pub columns: Vec<(u64, Vec<u8>)>,
    pub rest: Vec<u8>,
}

/// An unsigned number of variable length, as Automerge writes it.
pub fn uleb(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap());
}

/// A signed one.
pub fn sleb(out: &mut Vec<u8>, mut value: i64) {
    loop {
        let byte = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        if (value == 0 && byte & 0x40 == 0) || (value == -1 && byte & 0x40 != 0) {
            return out.push(byte);
        }
        out.push(byte | 0x80);
    }
}

/// A column that says one value so many times.
pub fn run(times: i64, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    sleb(&mut out, times);
    out.extend_from_slice(value);
    out
}

fn read(bytes: &mut &[u8]) -> (u64, u32, u8) {
    let (mut value, mut shift) = (0, 0);
    loop {
        let (byte, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return (value, shift, *byte);
        }
    }
}

fn unsigned(bytes: &mut &[u8]) -> u64 {
    read(bytes).0
}

fn signed(bytes: &mut &[u8]) -> i64 {
    let (value, shift, last) = read(bytes);
    let negative = last & 0x40 != 0 && shift < 64;
    if negative { (value | u64::MAX << shift).cast_signed() } else { value.cast_signed() }
}

fn taken(bytes: &mut &[u8], len: u64) -> Vec<u8> {
    let (head, rest) = bytes.split_at(usize::try_from(len).unwrap());
    *bytes = rest;
    head.to_vec()
}

fn prefixed(bytes: &mut &[u8]) -> Vec<u8> {
    let len = unsigned(bytes);
    taken(bytes, len)
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    uleb(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Kind and body with length, magic and the checksum that belongs to them.
pub fn framed(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut named = vec![kind];
    put(&mut named, body);
    [&[0x85, 0x6f, 0x4a, 0x83], &sha256(&[&named]).as_bytes()[..4], &named].concat()
}

/// The hash that names a chunk, whether or not it can be read.
pub fn name(chunk: &[u8]) -> [u8; 32] {
    *sha256(&[chunk.get(8..).unwrap_or_default()]).as_bytes()
}

impl Chunk {
    pub fn of(bytes: &[u8]) -> Self {
        let mut rest = &bytes[8..];
        let kind = taken(&mut rest, 1)[0];
        assert_eq!(unsigned(&mut rest), rest.len() as u64);
        let deps = (0..unsigned(&mut rest)).map(|_| taken(&mut rest, 32).try_into().unwrap()).collect();
        let (actor, seq, start_op, time) = (prefixed(&mut rest), unsigned(&mut rest), unsigned(&mut rest), signed(&mut rest));
        let message = prefixed(&mut rest);
        let others = (0..unsigned(&mut rest)).map(|_| prefixed(&mut rest)).collect();
        let specs: Vec<(u64, u64)> = (0..unsigned(&mut rest)).map(|_| (unsigned(&mut rest), unsigned(&mut rest))).collect();
        let columns = specs.into_iter().map(|(spec, len)| (spec, taken(&mut rest, len))).collect();
        Self { kind, deps, actor, seq, start_op, time, message, others, columns, rest: rest.to_vec() }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let lengths: Vec<u64> = self.columns.iter().map(|(_, data)| data.len() as u64).collect();
        self.bytes_with(&lengths)
    }

    /// With these lengths in the table of columns, which may be lies.
    pub fn bytes_with(&self, lengths: &[u64]) -> Vec<u8> {
        let mut body = Vec::new();
        uleb(&mut body, self.deps.len() as u64);
        body.extend(self.deps.iter().flatten());
        put(&mut body, &self.actor);
        uleb(&mut body, self.seq);
        uleb(&mut body, self.start_op);
        sleb(&mut body, self.time);
        put(&mut body, &self.message);
        uleb(&mut body, self.others.len() as u64);
        self.others.iter().for_each(|other| put(&mut body, other));
        uleb(&mut body, lengths.len() as u64);
        for ((spec, _), length) in self.columns.iter().zip(lengths) {
            uleb(&mut body, *spec);
            uleb(&mut body, *length);
        }
        self.columns.iter().for_each(|(_, data)| body.extend_from_slice(data));
        body.extend_from_slice(&self.rest);
        framed(self.kind, &body)
    }

    /// The same with another column in the place of the one that says to be `spec`, or beside the others.
    pub fn with_column(&self, spec: u64, data: Vec<u8>) -> Self {
        let mut other = self.clone();
        other.columns.retain(|(there, _)| *there != spec);
        other.columns.push((spec, data));
        other.columns.sort();
        other
    }
}
