//! Which kinds there are, and which of them are a contact.

use super::*;

#[test]
fn an_attempt_a_cancellation_or_an_unanswered_message_is_no_contact() {
    for kind in [MeetingKind::Attempt, MeetingKind::NoShow, MeetingKind::CancelledCandidate, MeetingKind::CancelledInstitution] {
        assert!(!is_contact(kind, Outcome::TookPlace), "{kind}");
    }
    assert!(!is_contact(MeetingKind::Message, Outcome::Partly));
    assert!(is_contact(MeetingKind::Message, Outcome::TookPlace));
    assert!(!is_contact(MeetingKind::Meeting, Outcome::Not));
    assert!(is_contact(MeetingKind::Phone, Outcome::TookPlace));
}

#[test]
fn there_are_twenty_kinds_and_each_is_found_by_its_word() {
    assert_eq!(MeetingKind::ALL.len(), 20);
    for kind in MeetingKind::ALL {
        assert_eq!(MeetingKind::from_word(kind.word()), Some(*kind));
    }
    assert_eq!(MeetingKind::PrisonVisit.usual_minutes(), 90);
    assert_eq!(MeetingKind::Phone.usual_minutes(), 10);
    assert_eq!(MeetingKind::Message.usual_minutes(), 0);
    assert_eq!(MeetingKind::Meeting.usual_minutes(), 60);
}
