//! Looks through this process's own memory for what is kept under a mask, so that it finds nothing of its own. The shell's tests use it too.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    os::unix::fs::FileExt,
};

const MASK: u8 = 0xA5;
const CHUNK: usize = 1 << 20;

/// Bytes under the mask, or out of it.
pub fn masked(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte ^ MASK).collect()
}

/// How often each needle stands in this process's memory, by the kind of place.
pub fn looked_through(needles: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, usize> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let memory = File::open("/proc/self/mem").unwrap();
    let longest = needles.values().map(Vec::len).max().unwrap();
    let mut by_first: Vec<Vec<(&str, &[u8])>> = vec![Vec::new(); 256];
    for (name, needle) in needles {
        by_first[usize::from(needle[0] ^ MASK)].push((name, needle));
    }
    let mut found = BTreeMap::new();
    let mut buffer = vec![0; CHUNK + longest];
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        let place = words.nth(3).unwrap_or("anonymous");
        if !rights.starts_with("rw") || place == "[vvar]" {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let (mut at, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        while at < to {
            let len = usize::try_from(to - at).unwrap().min(buffer.len());
            let Ok(read) = memory.read_at(&mut buffer[..len], at) else { break };
            for start in 0..read.min(CHUNK) {
                for (name, needle) in &by_first[usize::from(buffer[start])] {
                    let here = buffer[start..read].get(..needle.len());
                    if here.is_some_and(|here| here.iter().zip(*needle).all(|(byte, masked)| byte ^ MASK == *masked)) {
                        *found.entry(format!("{name} in {place}")).or_default() += 1;
                    }
                }
            }
            at += CHUNK as u64;
        }
    }
    found
}
