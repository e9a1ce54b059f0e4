//! Somebody comes into a case that others have worked in for years.

use device::{Role, casework::Programme};
use world::World;

const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;

#[test]
fn a_mentor_who_joins_a_case_of_two_years_reads_all_of_it_within_two_round_trips() {
    let world = World::new(301);
    let hanne = world.founder("Hanne");
    let aase = world.enrol(&hanne, "Åse", Role::Mentor);
    let case = aase.device.new_case("Falken", Programme::National, None).expect("a case");
    for week in 0..104 {
        world.pass(WEEK_MS);
        aase.note(case, &format!("Uge {week}: Vi mødtes ved åen og talte om bolig, arbejde og hans bror."));
        aase.sync();
        hanne.sync();
        if week % 4 == 0 {
            hanne.note(case, &format!("Uge {week}: Status med kommunen."));
            hanne.sync();
        }
        // Half-way everything gets a new key, because somebody who had it went.
        if week == 52 {
            let gone = world.enrol(&hanne, "Gunnar", Role::Mentor);
            hanne.device.assign(case, gone.member(), None).expect("decided");
            for phone in [&hanne, &gone, &aase] {
                phone.sync();
            }
            hanne.device.unassign(case, gone.member()).expect("decided");
            for phone in [&hanne, &aase, &hanne] {
                phone.sync();
            }
        }
    }
    aase.sync();
    hanne.sync();
    let emil = world.enrol(&hanne, "Emil", Role::Mentor);
    hanne.device.assign(case, emil.member(), None).expect("decided");
    hanne.sync();
    let report = emil.sync();
    assert!(report.round_trips <= 2, "{report:?}");
    assert_eq!(emil.texts(case).len(), 104 + 26);
    assert_eq!(emil.device.case_show(case).expect("here"), hanne.device.case_show(case).expect("here"));
    assert!(emil.device.verify().expect("verified").problems.is_empty());
}
