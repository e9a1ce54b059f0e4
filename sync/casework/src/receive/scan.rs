//! Measures a chunk without unpacking it: every run of every column is counted, none is written out.

/// Operations that a change may always have; beyond them it pays a byte for each.
const FREE_OPS: u64 = 16_384;
/// Most operations of one change: what it stands for is held while it is taken in, at some six hundred bytes for each.
pub(super) const MAX_OPS: u64 = 65_536;
/// Most bytes of one change.
const MAX_CHANGE: usize = 16 * 1024 * 1024;
/// Most rows in a document that is taken in whole; a longer one travels as changes.
const MAX_ROWS: u64 = 1 << 19;
/// Rows that a byte of a document may stand for: a letter is a row and takes a byte at least.
const ROWS_PER_BYTE: u64 = 2;
/// Most bytes that the repeated strings of one column may stand for.
const MAX_STRINGS: u64 = 16 * 1024 * 1024;
/// Longest key or name.
const MAX_KEY: u64 = 1_024;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const DOCUMENT: u8 = 0;
const CHANGE: u8 = 1;
const LENGTH: &str = "crdt.damaged";
const TOO_MANY: &str = "crdt.too_many_ops";
const COMPRESSED: &str = "crdt.compressed";

type Scanned<T> = Result<T, &'static str>;

/// Measures an uncompressed change chunk.
pub(super) fn change(bytes: &[u8]) -> Scanned<()> {
    if bytes.len() > MAX_CHANGE {
        return Err("crdt.too_large");
    }
    let mut input = chunk(bytes, CHANGE)?;
    let deps = input.count(32)?;
    input.take(deps.saturating_mul(32))?;
    input.prefixed()?; // actor
    input.number()?; // seq
    input.number()?; // first operation
    input.signed()?; // time
    input.prefixed()?; // message
    let actors = input.count(1)?;
    for _ in 0..actors {
        input.prefixed()?;
    }
    let columns = input.columns()?;
    let limit = FREE_OPS.saturating_add(bytes.len() as u64).min(MAX_OPS);
    measure_all(&mut input, &columns, limit)
}

/// Measures an uncompressed document chunk that is alone in its bytes.
pub(super) fn document(bytes: &[u8]) -> Scanned<()> {
    let mut input = chunk(bytes, DOCUMENT)?;
    let actors = input.count(1)?;
    for _ in 0..actors {
        input.prefixed()?;
    }
    let heads = input.count(32)?;
    input.take(heads.saturating_mul(32))?;
    let changes = input.columns()?;
    let operations = input.columns()?;
    let limit = MAX_ROWS.min((bytes.len() as u64).saturating_mul(ROWS_PER_BYTE).saturating_add(FREE_OPS));
    measure_all(&mut input, &changes, limit)?;
    measure_all(&mut input, &operations, limit)
}

fn chunk(bytes: &[u8], kind: u8) -> Scanned<Input<'_>> {
    let mut input = Input { bytes };
    if input.take(4)? != MAGIC {
        return Err(LENGTH);
    }
    input.take(4)?;
    match input.take(1)? {
        [k] if *k == kind => {}
        [2] => return Err(COMPRESSED),
        _ => return Err("crdt.wrong_chunk"),
    }
    let length = input.number()?;
    if length == input.bytes.len() as u64 { Ok(input) } else { Err(LENGTH) }
}

fn measure_all(input: &mut Input<'_>, columns: &[(u64, u64)], limit: u64) -> Scanned<()> {
    if columns.iter().any(|(spec, _)| spec & 8 != 0) {
        return Err(COMPRESSED);
    }
    let mut values: Option<(u64, u64)> = None;
    for (spec, length) in columns {
        let data = input.take(*length)?;
        let kind = spec & 7;
        if kind == 6 {
            values = Some((spec.wrapping_shr(4), value_bytes(data, limit)?));
        } else if kind == 7 {
            // the raw bytes must be those that the lengths before them speak of
            let wanted = values.take().filter(|(id, _)| *id == spec.wrapping_shr(4)).map_or(0, |(_, n)| n);
            if wanted != *length {
                return Err(LENGTH);
            }
        } else {
            measure(kind, data, limit)?;
        }
    }
    Ok(())
}

/// Counts the rows of one column.
fn measure(kind: u64, data: &[u8], limit: u64) -> Scanned<()> {
    match kind {
        // how many entries of the columns that follow belong to each row
        0 => {
            let mut total: u64 = 0;
            runs(data, limit, |input, run, _| {
                let each = input.number()?;
                more(&mut total, run.saturating_mul(each), limit)
            })
        }
        1 | 2 => runs(data, limit, |input, _, _| input.number().map(drop)),
        3 => runs(data, limit, |input, _, _| input.signed().map(drop)),
        4 => booleans(data, limit),
        _ => runs(data, limit, |input, run, sum| {
            let length = input.number()?;
            if length > MAX_KEY {
                return Err("crdt.long_key");
            }
            input.take(length)?;
            more(sum, run.saturating_mul(length), MAX_STRINGS)
        }),
    }
}

fn value_bytes(data: &[u8], limit: u64) -> Scanned<u64> {
    let mut total: u64 = 0;
    runs(data, limit, |input, run, _| {
        let length = input.number()?.wrapping_shr(4);
        total = total.saturating_add(run.saturating_mul(length));
        Ok(())
    })?;
    Ok(total)
}

fn more(sum: &mut u64, by: u64, limit: u64) -> Scanned<()> {
    *sum = sum.saturating_add(by);
    if *sum > limit { Err(TOO_MANY) } else { Ok(()) }
}

/// Walks over runs: a positive number repeats one value, a negative one is so many single values,
/// 0 is so many times nothing.
fn runs(data: &[u8], limit: u64, mut value: impl FnMut(&mut Input<'_>, u64, &mut u64) -> Scanned<()>) -> Scanned<()> {
    let mut input = Input { bytes: data };
    let (mut rows, mut sum): (u64, u64) = (0, 0);
    while !input.bytes.is_empty() {
        let run = input.signed()?;
        let length = if run == 0 { input.number()? } else { run.unsigned_abs() };
        more(&mut rows, length, limit)?;
        match run {
            0 => {}
            1.. => value(&mut input, length, &mut sum)?,
            _ => {
                for _ in 0..length {
                    value(&mut input, 1, &mut sum)?;
                }
            }
        }
    }
    Ok(())
}

fn booleans(data: &[u8], limit: u64) -> Scanned<()> {
    let mut input = Input { bytes: data };
    let mut rows = 0;
    while !input.bytes.is_empty() {
        let run = input.number()?;
        more(&mut rows, run, limit)?;
    }
    Ok(())
}

struct Input<'a> {
    bytes: &'a [u8],
}

impl<'a> Input<'a> {
    fn take(&mut self, length: u64) -> Scanned<&'a [u8]> {
        let length = usize::try_from(length).map_err(|_| LENGTH)?;
        let (head, rest) = self.bytes.split_at_checked(length).ok_or(LENGTH)?;
        self.bytes = rest;
        Ok(head)
    }

    fn prefixed(&mut self) -> Scanned<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }

    /// A number of things that take at least `size` bytes each.
    fn count(&mut self, size: u64) -> Scanned<u64> {
        let count = self.number()?;
        if count.saturating_mul(size) > self.bytes.len() as u64 { Err(LENGTH) } else { Ok(count) }
    }

    fn columns(&mut self) -> Scanned<Vec<(u64, u64)>> {
        let count = self.count(2)?;
        let mut out = Vec::new();
        for _ in 0..count {
            out.push((self.number()?, self.number()?));
        }
        Ok(out)
    }

    fn number(&mut self) -> Scanned<u64> {
        let mut value: u64 = 0;
        for shift in (0..70).step_by(7) {
            let [byte] = self.take(1)? else { return Err(LENGTH) };
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(LENGTH);
            }
            value |= bits.wrapping_shl(shift);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(LENGTH)
    }

    fn signed(&mut self) -> Scanned<i64> {
        let mut value: i64 = 0;
        for shift in (0..70_u32).step_by(7) {
            let [byte] = self.take(1)? else { return Err(LENGTH) };
            if shift == 63 && !matches!(byte, 0 | 0x7f) {
                return Err(LENGTH);
            }
            value |= i64::from(byte & 0x7f).wrapping_shl(shift);
            if byte & 0x80 == 0 {
                let end = shift.saturating_add(7);
                if end < 64 && byte & 0x40 != 0 {
                    value |= (-1_i64).wrapping_shl(end);
                }
                return Ok(value);
            }
        }
        Err(LENGTH)
    }
}
