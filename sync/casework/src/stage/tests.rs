//! Where a course may go and where it may not.

use super::*;

#[test]
fn a_course_may_not_go_back_to_screening_nor_change_its_end() {
    assert_eq!(StageAct::ScreeningStarted.leads(Some(Stage::CourseActive)), None);
    assert_eq!(StageAct::BrokenOff.leads(Some(Stage::Completed)), None);
    assert_eq!(StageAct::Completed.leads(Some(Stage::BrokenOff)), None);
    assert_eq!(StageAct::AgreementSigned.leads(Some(Stage::Inquiry)), None);
    assert_eq!(StageAct::AgreementSigned.leads(None), None);
    assert_eq!(StageAct::InquiryReceived.leads(Some(Stage::Screening)), None);
}

#[test]
fn the_straight_way_leads_over_the_bridge() {
    let mut at = None;
    let mut piers = Vec::new();
    for act in [
        "inquiry_received",
        "screening_started",
        "agreement_signed",
        "paused",
        "resumed",
        "completed",
        "follow_up_started",
        "follow_up_ended",
    ] {
        at = StageAct::from_word(act).unwrap().leads(at);
        piers.push(at.unwrap().pier());
    }
    assert_eq!(at, Some(Stage::Closed));
    assert_eq!(piers, [1, 2, 4, 4, 4, 4, 5, 5]);
}
