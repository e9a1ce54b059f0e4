//! Looks for a sentence on a disk, in every form in which it could lie there.

use std::{fs, io::Write as _, path::Path};

use data_encoding::{BASE64, HEXLOWER};
use tempfile::TempDir;

/// A sentence that stands nowhere by chance.
pub const CANARY: &str = "Den ærlige kanariefugl på Østerbro så åen blåne";

/// Every form in which the sentence could lie on a disk.
fn forms(sentence: &str) -> Vec<Vec<u8>> {
    let raw = sentence.as_bytes();
    let utf16: Vec<u8> = sentence.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16_big: Vec<u8> = sentence.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut all = vec![raw.to_vec(), utf16, utf16_big, HEXLOWER.encode(raw).into_bytes(), HEXLOWER.encode(raw).to_uppercase().into_bytes()];
    // A base64 text depends on where in a group of three the sentence begins: the inner part of each is searched.
    for shift in 0..3 {
        let shifted = [&vec![b'x'; shift], raw].concat();
        let encoded = BASE64.encode(&shifted);
        all.push(encoded.as_bytes()[4..encoded.len() - 8].to_vec());
    }
    all
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// What a compressed stream anywhere in the bytes holds.
fn inflated(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for at in 0..bytes.len().saturating_sub(2) {
        let (method, flags) = (bytes[at], bytes[at + 1]);
        let zlib = method == 0x78 && (u16::from(method) * 256 + u16::from(flags)) % 31 == 0;
        if zlib {
            let mut plain = Vec::new();
            let mut decoder = flate2::write::ZlibDecoder::new(&mut plain);
            let _ = decoder.write_all(&bytes[at..]);
            let _ = decoder.try_finish();
            drop(decoder);
            out.push(plain);
        }
        if method == 0x1f && flags == 0x8b {
            let mut plain = Vec::new();
            let mut decoder = flate2::write::GzDecoder::new(&mut plain);
            let _ = decoder.write_all(&bytes[at..]);
            let _ = decoder.try_finish();
            drop(decoder);
            out.push(plain);
        }
    }
    // Raw deflate has no mark to look for: it is tried where a file or a record could begin.
    for at in 0..bytes.len().min(64) {
        let mut plain = Vec::new();
        let mut decoder = flate2::write::DeflateDecoder::new(&mut plain);
        let _ = decoder.write_all(&bytes[at..]);
        let _ = decoder.try_finish();
        drop(decoder);
        out.push(plain);
    }
    out
}

/// Files below a folder in which the sentence can be found, in any of its forms.
pub fn found_in(dir: &Path, sentence: &str) -> Vec<String> {
    let needles = forms(sentence);
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("a folder").flatten() {
        if entry.path().is_dir() {
            found.extend(found_in(&entry.path(), sentence));
            continue;
        }
        let bytes = fs::read(entry.path()).expect("readable");
        let lower = bytes.to_ascii_lowercase();
        let hit = needles.iter().any(|needle| contains(&bytes, needle) || contains(&lower, &needle.to_ascii_lowercase()));
        if hit || inflated(&bytes).iter().any(|plain| contains(plain, sentence.as_bytes())) {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    found
}

#[test]
fn the_scanner_finds_what_is_there() {
    let dir = TempDir::new().expect("a folder");
    let write = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).expect("written");
    let raw = CANARY.as_bytes();
    let padded = |bytes: &[u8]| [b"before ".as_slice(), bytes, b" after"].concat();
    write("raw", &padded(raw));
    write("utf16", &padded(&CANARY.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()));
    for shift in 0..3 {
        write(&format!("base64-{shift}"), BASE64.encode(&[&vec![b'-'; shift], raw, b" mere"].concat()).as_bytes());
    }
    write("hex", &padded(HEXLOWER.encode(raw).as_bytes()));
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zlib.write_all(raw).expect("compressed");
    write("zlib", &padded(&zlib.finish().expect("compressed")));
    let mut raw_deflate = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    raw_deflate.write_all(raw).expect("compressed");
    write("deflated", &raw_deflate.finish().expect("compressed"));
    let mut found = found_in(dir.path(), CANARY);
    found.sort();
    assert_eq!(found, ["base64-0", "base64-1", "base64-2", "deflated", "hex", "raw", "utf16", "zlib"]);
}
