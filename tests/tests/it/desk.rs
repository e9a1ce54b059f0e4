//! What a coordinator sees over all cases: disagreements with what applies, settled in one act and taken back in one.

use device::{
    Role,
    casework::{Edit, OfferKind, OfferStatus, Programme, Rule, TaskKind},
};
use world::{Phone, World};

fn set(phone: &Phone, case: device::CaseId, offer: OfferKind, status: OfferStatus) {
    phone.device.edit(case, Edit::SetOfferStatus { offer, status }).expect("set");
}

#[test]
fn hanne_sees_every_disagreement_with_what_applies_and_settles_one() {
    let world = World::new(51);
    let hanne = world.founder("Hanne");
    let aase = world.enrol(&hanne, "Åse", Role::Mentor);
    let cases = ["Falken", "Ø"].map(|alias| aase.device.new_case(alias, Programme::Ngo, None).expect("made"));
    aase.sync();
    hanne.sync();
    for (case, offer) in cases.iter().zip([OfferKind::Therapy, OfferKind::Relocation]) {
        set(&aase, *case, offer, OfferStatus::Running);
        world.pass(60_000);
        set(&hanne, *case, offer, OfferStatus::Need);
        world.pass(60_000);
    }
    for _ in 0..2 {
        aase.sync();
        hanne.sync();
    }
    let listed = hanne.device.conflicts().expect("listed");
    let told: Vec<_> = listed.iter().map(|card| (card.alias.as_str(), card.applies.as_deref(), card.rule)).collect();
    assert_eq!(told, [("Falken", Some("need"), Rule::LowerRung), ("Ø", Some("need"), Rule::LowerRung)]);
    let mut said: Vec<_> =
        listed[0].conflict.values.iter().map(|one| (one.who.as_str(), one.device.as_str(), one.value.as_str())).collect();
    said.sort_unstable();
    assert_eq!(said, [("Hanne", "bordet", "need"), ("Åse", "telefon", "running")]);
    assert_eq!(aase.device.conflicts().expect("listed"), listed);
    let resolve = Edit::Resolve { conflict: listed[0].conflict.id.clone(), keep: "running".to_owned() };
    let done = hanne.device.edit(cases[0], resolve).expect("settled");
    assert_eq!(hanne.device.conflicts().expect("listed").len(), 1);
    let status = |phone: &Phone| phone.device.case(cases[0]).expect("seen").offers.into_iter().find(|one| one.kind == OfferKind::Therapy);
    assert_eq!(status(&hanne).map(|offer| offer.status), Some(OfferStatus::Running));
    hanne.device.undo(&done.undo).expect("taken back");
    assert_eq!(status(&hanne).map(|offer| offer.status), Some(OfferStatus::Need));
}

#[test]
fn what_aase_wrote_hanne_finds_and_reads_under_her_name() {
    let world = World::new(52);
    let hanne = world.founder("Hanne");
    let aase = world.enrol(&hanne, "Åse", Role::Mentor);
    let case = aase.device.new_case("Falken", Programme::Ngo, None).expect("made");
    let id = aase.device.new_item();
    let task = Edit::AddTask { id, title: "Hente nøglen".to_owned(), due: None, owner: None, task: TaskKind::Promise, promised_to: None };
    aase.device.edit(case, task).expect("added");
    aase.sync();
    hanne.sync();
    let found = hanne.device.find("noegle").expect("found");
    assert_eq!((found.also, found.groups[0].alias.as_str()), (vec!["nøgle".to_owned()], "Falken"));
    assert_eq!(found.groups[0].hits[0].by.as_deref(), Some("Åse"));
    let history = hanne.device.history_view(case).expect("told");
    assert_eq!(history[0].title.as_deref(), Some("Hente nøglen"));
    assert_eq!(history[0].by.as_ref().map(|who| (who.name.as_str(), who.device.as_str())), Some(("Åse", "telefon")));
}
