//! The first change and the layout, which never move.

use super::*;
use crate::testing::{aisha, item, meet, mikkel};

#[test]
fn the_first_change_is_the_same_everywhere_for_ever() {
    let hash = skeleton_hash(&skeleton().unwrap()).unwrap();
    assert_eq!(hash.to_string(), "6e3e6eb4e6410b8c698f4586363a25166ac732e276c574f988aa5a0cf4897ae4");
}

#[test]
fn the_objects_lie_where_the_layout_says() {
    let doc = skeleton().unwrap();
    for (key, counter) in MAPS {
        let (_, id) = doc.get(ROOT, key).unwrap().unwrap();
        assert!(matches!(id, ObjId::Id(c, _, _) if c == counter), "{key}");
    }
    for kind in OfferKind::ALL {
        let (_, offers) = doc.get(ROOT, OFFERS).unwrap().unwrap();
        let (_, offer) = doc.get(&offers, kind.word()).unwrap().unwrap();
        assert_eq!(offer, Place::Offer(*kind).object());
        let (_, steps) = doc.get(&offer, STEPS).unwrap().unwrap();
        assert_eq!(steps, Place::Steps(*kind).object());
    }
}

#[test]
fn two_devices_born_apart_share_their_objects() {
    let mut people = [aisha(), mikkel()];
    people[0].note(1, "Aishas");
    people[1].note(2, "Mikkels");
    meet(&mut people);
    assert_eq!(people[0].shows(), people[1].shows());
    assert_eq!(people[0].text(1), "Aishas");
    assert_eq!(people[0].text(2), "Mikkels");
    assert_eq!(people[0].shows().notes[&item(1)].origin.by, people[0].by.member);
}

#[test]
fn what_a_thing_says_of_who_wrote_it_does_not_count_where_the_key_says_another() {
    let (mut a, mut m) = (aisha(), mikkel());
    let (aisha, mikkel) = (a.by, m.by);
    m.by = aisha;
    m.note(1, "Skrevet af Mikkel i Aishas navn");
    let title = "Ring".to_owned();
    m.does(crate::Edit::AddTask { id: item(2), title, due: None, owner: None, task: crate::TaskKind::Task, promised_to: None });
    m.gives(&mut a);
    let of = |case: &crate::Case| {
        let model = case.model();
        let origins = [&model.notes[&item(1)].origin, &model.tasks[&item(2)].origin].map(|origin| (origin.by, origin.device));
        (origins, model.notes[&item(1)].voices.keys().copied().collect::<Vec<_>>(), case.history()[0].member)
    };
    let claimed = (aisha.member, aisha.device);
    assert_eq!(of(&a.case), ([claimed; 2], vec![aisha.member], Some(aisha.member)), "without the keys everybody is believed");
    a.case.know([(m.case.actor(), mikkel.member, mikkel.device)]);
    let proven = (mikkel.member, mikkel.device);
    assert_eq!(of(&a.case), ([proven; 2], vec![], Some(mikkel.member)));
}
