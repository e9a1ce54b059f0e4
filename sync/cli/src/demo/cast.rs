//! Who is in the demo. Everything is invented.

use device::casework::{OfferKind, Programme};

use super::plan::{CastCase, Course, Person};

/// What the organisation is called.
pub const ORGANISATION: &str = "Exitenheden i Ådal (demo)";
/// The coordinator, then the mentors: name and what the device is called.
pub const COORDINATOR: (&str, &str) = ("Hanne Østergård", "Hannes pc");
/// The two mentors.
pub const MENTORS: [(&str, &str); 2] = [("Åse Thorup Lindegaard", "Åses telefon"), ("Emil Sørensen", "Emils telefon")];

const FIRST: &[Person] = &[Person::First];
const SECOND: &[Person] = &[Person::Second];
const BOTH: &[Person] = &[Person::First, Person::Second];

/// The eight cases of tier S.
pub const CASES: &[CastCase] = &[
    CastCase {
        key: "C001",
        alias: "Falken",
        programme: Programme::National,
        birth_year: 1998,
        opener: Person::Coordinator,
        mentors: FIRST,
        opened: 182,
        course: Course::Released,
        offers: &[OfferKind::Relocation, OfferKind::FinancialAid, OfferKind::WorkEducation, OfferKind::SocialActivities],
    },
    CastCase {
        key: "C002",
        alias: "Lille Åge",
        programme: Programme::Prison,
        birth_year: 2001,
        opener: Person::First,
        mentors: FIRST,
        opened: 175,
        course: Course::Inside,
        offers: &[OfferKind::Relocation, OfferKind::FamilyReconnection, OfferKind::SubstanceTreatment],
    },
    CastCase {
        key: "C003",
        alias: "B.",
        programme: Programme::National,
        birth_year: 2004,
        opener: Person::Coordinator,
        mentors: FIRST,
        opened: 40,
        course: Course::Screening,
        offers: &[OfferKind::AuthorityCooperation],
    },
    CastCase {
        key: "C004",
        alias: "Ø",
        programme: Programme::National,
        birth_year: 1993,
        opener: Person::Coordinator,
        mentors: BOTH,
        opened: 168,
        course: Course::Active,
        offers: &[OfferKind::FinancialAid, OfferKind::AuthorityCooperation, OfferKind::OutsideContacts, OfferKind::WorkEducation],
    },
    CastCase {
        key: "C005",
        alias: "🦊",
        programme: Programme::Municipal,
        birth_year: 1999,
        opener: Person::Coordinator,
        mentors: BOTH,
        opened: 150,
        course: Course::Paused,
        offers: &[OfferKind::Therapy, OfferKind::FamilyReconnection, OfferKind::SocialActivities],
    },
    CastCase {
        key: "C006",
        alias: "مـ",
        programme: Programme::Ngo,
        birth_year: 1996,
        opener: Person::Coordinator,
        mentors: SECOND,
        opened: 140,
        course: Course::Silent,
        offers: &[OfferKind::OutsideContacts, OfferKind::SocialActivities, OfferKind::Other],
    },
    CastCase {
        key: "C007",
        alias: "Stær",
        programme: Programme::National,
        birth_year: 1990,
        opener: Person::Coordinator,
        mentors: SECOND,
        opened: 182,
        course: Course::Ending,
        offers: &[OfferKind::WorkEducation, OfferKind::Relocation, OfferKind::FamilyReconnection],
    },
    CastCase {
        key: "C008",
        alias: "Mester Ü",
        programme: Programme::National,
        birth_year: 1988,
        opener: Person::Coordinator,
        mentors: SECOND,
        opened: 182,
        course: Course::FollowUp,
        offers: &[OfferKind::FinancialAid, OfferKind::WorkEducation, OfferKind::FamilyReconnection],
    },
];

/// Where a shared case stands in the cast.
pub fn place(key: &str) -> usize {
    CASES.iter().position(|case| case.key == key).unwrap_or(0)
}
