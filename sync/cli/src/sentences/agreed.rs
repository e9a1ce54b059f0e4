//! What is said of appointments.

use super::Sentence;

pub(super) const AGREED: &[Sentence] = &[
    Sentence(
        &["case.unknown_appointment"],
        [
            "Der er ingen aftale med det id i sagen.",
            "Se id'erne med »case show«.",
            "No appointment in the case has that id.",
            "See the ids with `case show`.",
        ],
    ),
    Sentence(
        &["case.appointment_settled"],
        [
            "Det er skrevet, hvad der blev af aftalen.",
            "Tag kontakten tilbage først, hvis det var noget andet.",
            "What came of the appointment was said already.",
            "Take the contact back first if it was something else.",
        ],
    ),
];
