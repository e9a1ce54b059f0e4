//! How text is searched: case, accents and the spellings of æ, ø, å fold together; Arabic marks fall away.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Letters of a word that are looked at one by one; a longer one is taken whole.
const LONGEST_WORD: usize = 64;

/// Text as the index holds it.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'æ' => out.push_str("ae"),
            'ø' => out.push('o'),
            'ı' => out.push('i'),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'ß' => out.push_str("ss"),
            'œ' => out.push_str("oe"),
            c if is_dropped(c) || is_combining_mark(c) => {}
            c => out.push(c),
        }
    }
    // The two-letter spellings of ø and å.
    out.replace("oe", "o").replace("aa", "a")
}

/// A query for the index: every word as the beginning of a word. None when there is no word in it.
pub fn query(text: &str) -> Option<String> {
    let words: Vec<String> = words(text).into_iter().map(|word| format!("\"{word}\"*")).collect();
    if words.is_empty() { None } else { Some(words.join(" ")) }
}

/// The words of a text as the index holds them.
pub fn words(text: &str) -> Vec<String> {
    folded(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether a letter is part of a word as people write it: what folding drops belongs to the word around it.
pub fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c) || is_dropped(c)
}

const fn is_dropped(c: char) -> bool {
    matches!(c, '\u{640}' | '\u{200c}' | '\u{200d}')
}

/// Where words of a text begin with one of the wanted ones, which are folded: the bytes of each beginning, in order.
pub fn marks(text: &str, wanted: &[String]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = 0_usize;
    for word in text.split_inclusive(|c: char| !is_of_a_word(c)) {
        let length = wanted.iter().filter_map(|want| beginning(word, want)).max();
        if let Some(length) = length {
            out.push(at..at.saturating_add(length));
        }
        at = at.saturating_add(word.len());
    }
    out
}

/// How many bytes of a word are what is wanted, with the marks on its last letter.
fn beginning(word: &str, want: &str) -> Option<usize> {
    if !folded(word).starts_with(want) {
        return None;
    }
    let ends = word.char_indices().map(|(at, c)| at.saturating_add(c.len_utf8())).take(LONGEST_WORD);
    let mut first = None;
    for end in ends {
        let folded = folded(word.get(..end).unwrap_or_default());
        if folded == want {
            // As much as still is the same: the second letter of "aa" and "oe", and marks.
            first = Some(end);
        } else if folded.starts_with(want) {
            return first.or(Some(end));
        }
    }
    first.or(Some(word.len()))
}

/// The words around the first hit.
pub fn snippet(text: &str, query: &str) -> String {
    const BEFORE: usize = 5;
    const LENGTH: usize = 16;
    let wanted = words(query);
    let all: Vec<&str> = text.split_whitespace().collect();
    let hit = |word: &&str| words(word).iter().any(|part| wanted.iter().any(|want| part.starts_with(want.as_str())));
    let at = all.iter().position(hit).unwrap_or(0);
    let begin = at.saturating_sub(BEFORE);
    let shown: Vec<&str> = all.iter().skip(begin).take(LENGTH).copied().collect();
    let (head, tail) = (if begin > 0 { "… " } else { "" }, if begin.saturating_add(LENGTH) < all.len() { " …" } else { "" });
    format!("{head}{}{tail}", shown.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_name_meet() {
        assert_eq!(folded("Østergård"), folded("oestergaard"));
        assert_eq!(folded("Østergaard"), folded("østerga\u{30a}rd"));
        assert_eq!(folded("Sørensen"), folded("Sörensen"));
        assert_eq!(folded("sorensen"), folded("Sørensen"));
        assert_eq!(folded("مُحَمَّد"), folded("محمد"));
        assert_eq!(folded("İnce"), folded("ınce"));
    }

    #[test]
    fn the_words_around_a_hit_are_shown() {
        assert_eq!(snippet("et to tre fire fem seks nøglen til otte", "noegle"), "… to tre fire fem seks nøglen til otte");
        assert_eq!(query("  -- ' "), None);
    }
}
