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
