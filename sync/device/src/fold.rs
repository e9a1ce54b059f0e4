//! How text is searched: case, accents and the spellings of æ, ø, å fold together; Arabic marks fall away.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

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
            '\u{640}' | '\u{200c}' | '\u{200d}' => {}
            c if is_combining_mark(c) => {}
            c => out.push(c),
        }
    }
    // The two-letter spellings of ø and å.
    out.replace("oe", "o").replace("aa", "a")
}

/// A query for the index: every word as the beginning of a word. None when there is no word in it.
pub fn query(text: &str) -> Option<String> {
    let words: Vec<String> = words(text).map(|word| format!("\"{word}\"*")).collect();
    if words.is_empty() { None } else { Some(words.join(" ")) }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    folded(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>().into_iter()
}

/// The words around the first hit.
pub fn snippet(text: &str, query: &str) -> String {
    const BEFORE: usize = 5;
    const LENGTH: usize = 16;
    let wanted: Vec<String> = words(query).collect();
    let all: Vec<&str> = text.split_whitespace().collect();
    let hit = |word: &&str| words(word).any(|part| wanted.iter().any(|want| part.starts_with(want.as_str())));
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
