//! Texts that people carry from one device to another, and what they become on the way.

use super::*;

/// Quick dice that fall alike every time (SplitMix64).
struct Quick(u64);

impl Quick {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        usize::try_from((z ^ (z >> 31)) % end.max(1) as u64).unwrap()
    }

    /// The text with a few letters changed, doubled, taken out or put in.
    fn changed(&mut self, text: &str) -> String {
        const LETTERS: [char; 12] = ['a', 'Z', '0', '-', '_', ' ', '=', '+', '\n', 'æ', '\u{202e}', '\u{0}'];
        let mut letters: Vec<char> = text.chars().collect();
        for _ in 0..=self.below(4) {
            let at = self.below(letters.len());
            match self.below(5) {
                0 if at < letters.len() => letters[at] = LETTERS[self.below(LETTERS.len())],
                1 if at < letters.len() => drop(letters.remove(at)),
                2 => letters.truncate(at),
                3 => letters.extend_from_within(at..),
                _ => letters.insert(at, LETTERS[self.below(LETTERS.len())]),
            }
        }
        letters.into_iter().collect()
    }
}

fn inputs() -> u64 {
    std::env::var("BROBYGGER_INPUTS").map_or(2_000, |number| number.parse().expect("BROBYGGER_INPUTS is a number"))
}

#[test]
fn an_invitation_changed_at_random_is_refused_or_is_the_one_form_of_what_it_says() {
    let invitation = Invitation {
        version: 1,
        org: OrgId::from_bytes([1; 32]),
        server: "https://bro.example:8443".to_owned(),
        token: [2; 16],
        certificates: vec![vec![0x30; 200].into()],
    };
    let text = invitation.to_text();
    assert_eq!(Invitation::from_text(&format!(" {text}\n")).unwrap(), invitation);
    let (mut dice, mut taken) = (Quick(1), 0);
    for _ in 0..inputs() {
        let other = dice.changed(&text);
        if let Ok(read) = Invitation::from_text(&other) {
            assert_eq!(read.to_text(), other.trim());
            taken += 1;
        }
    }
    assert!(taken > 0, "none was taken, and this shows nothing");
}

#[test]
fn a_request_changed_at_random_is_that_of_no_other_device() {
    let hash = sha256(&[b"a device"]);
    let text = request_text(&hash);
    assert!(same_request(&text.to_lowercase().replace('-', " "), &hash) && !same_request(&text, &sha256(&[b"another"])));
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    let mut dice = Quick(2);
    for _ in 0..inputs() {
        let other = dice.changed(&text);
        assert_eq!(same_request(&other, &hash), letters(&other) == letters(&text), "{other}");
    }
}
