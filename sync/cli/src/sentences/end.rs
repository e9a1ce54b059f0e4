//! What is said of the end of a case.

use super::Sentence;

pub(super) const END: &[Sentence] = &[
    Sentence(
        &["log.held"],
        [
            "Forløbet er tilbageholdt og kan ikke slettes.",
            "Se »case endings«, og tal med databeskyttelsesrådgiveren.",
            "The case is held and cannot be erased.",
            "See `case endings`, and talk to the data protection officer.",
        ],
    ),
    Sentence(
        &["log.erased", "env.erased"],
        [
            "Forløbet er slettet. Intet af det bliver gemt igen.",
            "Se »case endings«, hvis du vil vide hvornår og hvorfor.",
            "The case is erased. Nothing of it is kept again.",
            "See `case endings` for when and why.",
        ],
    ),
    Sentence(
        &["log.bad_proposal"],
        [
            "Forslaget findes ikke mere: det er udløbet, eller den, der stillede det, må ikke længere.",
            "Foreslå det igen med »case erase«.",
            "The proposal is gone: it expired, or whoever made it may not any more.",
            "Propose it again with `case erase`.",
        ],
    ),
];
