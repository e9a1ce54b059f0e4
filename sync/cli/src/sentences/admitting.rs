//! What is said when somebody is let in, or is not.

use super::Sentence;

pub(super) const ADMITTING: &[Sentence] = &[
    Sentence(
        &["enrol.no_such_request"],
        [
            "Ingen har bedt om adgang med den anmodning.",
            "Sammenlign tegn for tegn med den anden skærm. Passer det stadig ikke, så godkend ikke.",
            "Nobody asked with that request.",
            "Compare letter by letter with the other screen. If it still differs, do not approve.",
        ],
    ),
    Sentence(
        &["enrol.words_differ"],
        [
            "Ordene er ikke de samme, så ingen er lukket ind.",
            "Den invitation bruges ikke mere her. Lav en ny, og giv den videre på en anden måde, helst ansigt til ansigt.",
            "The words are not the same, so nobody was let in.",
            "That invitation is not used here any more. Make a new one and pass it on in another way, best face to face.",
        ],
    ),
    Sentence(
        &["enrol.not_words"],
        [
            "Det er ikke syv ord fra listen, så intet er forsøgt.",
            "Skriv de syv ord igen med mellemrum, som de bliver læst højt.",
            "Those are not seven words of the list, so nothing was tried.",
            "Write the seven words again, apart by spaces, as they are read aloud.",
        ],
    ),
];
