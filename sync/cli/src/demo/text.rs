//! Notes in a mentor's voice, put together from templates.

use super::dice::Choices;

/// The templates: theme, basis, text.
const FILE: &str = include_str!("notes-da.txt");

const PLACES: [&str; 6] = ["caféen", "biblioteket", "kajen", "klubhuset", "fodboldbanen", "bænken ved åen"];
const TOWNS: [&str; 5] = ["Ådal", "Sønderhavn", "Østerlund", "Ærøskov", "Mølleby"];
const DAYS: [&str; 6] = ["mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag"];
const TIMES: [&str; 6] = ["9.30", "10", "13", "14.15", "16", "17.30"];
const PEOPLE: [&str; 6] = ["en fætter", "sin moster", "sin storesøster", "en gammel nabo", "farmor", "en kollega"];
const OFFICES: [&str; 4] = ["jobcentret", "kommunen", "politiets kontaktperson", "rusmiddelcentret"];

/// Templates, ready to be filled.
pub struct Templates(Vec<(&'static str, &'static str)>);

impl Templates {
    /// The templates of this program.
    pub fn read() -> Self {
        let lines = FILE.lines().filter(|line| !line.starts_with('#'));
        let parts = lines.filter_map(|line| {
            let mut parts = line.splitn(3, '|');
            let (theme, _basis, text) = (parts.next()?, parts.next()?, parts.next()?);
            Some((theme, text))
        });
        Self(parts.collect())
    }

    /// One paragraph.
    pub fn line(&self, dice: &mut Choices) -> String {
        let (_, text) = dice.pick(&self.0);
        filled(text, dice)
    }

    /// A note of one to three paragraphs, mostly about one thing.
    pub fn note(&self, dice: &mut Choices) -> String {
        let (theme, first) = dice.pick(&self.0);
        let near: Vec<(&str, &str)> = self.0.iter().copied().filter(|(other, text)| *other == theme && *text != first).collect();
        let mut paragraphs = vec![filled(first, dice)];
        if dice.chance(45) {
            let (_, text) = dice.pick(&near);
            paragraphs.push(filled(text, dice));
        }
        if dice.chance(25) {
            paragraphs.push(self.line(dice));
        }
        paragraphs.retain(|paragraph| !paragraph.is_empty());
        paragraphs.dedup();
        paragraphs.join("\n\n")
    }
}

fn filled(text: &str, dice: &mut Choices) -> String {
    let slots: [(&str, &[&str]); 6] =
        [("{sted}", &PLACES), ("{by}", &TOWNS), ("{dag}", &DAYS), ("{tid}", &TIMES), ("{hvem}", &PEOPLE), ("{kontor}", &OFFICES)];
    let filled = slots.iter().fold(text.to_owned(), |text, (slot, words)| text.replace(slot, dice.pick(words)));
    capital(&filled)
}

/// The first letter large, as a sentence begins.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_sixty_templates_and_every_slot_is_filled() {
        let templates = Templates::read();
        assert_eq!(templates.0.len(), 60);
        let mut dice = Choices::new(1);
        for (_, text) in &templates.0 {
            let filled = filled(text, &mut dice);
            assert!(!filled.contains(['{', '}', '|']), "{filled}");
        }
        for line in FILE.lines().filter(|line| !line.starts_with('#')) {
            assert!(["told", "observed", "judged"].contains(&line.split('|').nth(1).unwrap()), "{line}");
        }
    }
}
