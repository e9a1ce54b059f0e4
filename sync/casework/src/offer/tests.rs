//! The offers, and the usual steps that come with the program.

use super::*;

#[test]
fn the_built_in_pack_has_steps_in_two_languages_for_each_of_the_nine() {
    let pack: OfferPack = serde_json::from_str(OfferPack::BUILT_IN).unwrap();
    assert_eq!(pack.version, 1);
    for kind in OfferKind::ALL.iter().take(9) {
        let steps = pack.steps(*kind);
        assert!(steps.len() >= 6, "{kind}");
        assert!(steps.iter().all(|s| !s.da.is_empty() && !s.en.is_empty() && s.da != s.key));
        let mut keys: Vec<_> = steps.iter().map(|s| &s.key).collect();
        keys.dedup();
        assert_eq!(keys.len(), steps.len());
    }
    assert!(pack.offers.keys().all(|k| OfferKind::from_word(k).is_some()));
    assert!(pack.steps(OfferKind::Other).is_empty());
}

#[test]
fn there_are_nine_offers_and_one_for_the_rest() {
    assert_eq!(OfferKind::ALL.len(), 10);
    assert_eq!(OfferKind::ALL.last(), Some(&OfferKind::Other));
    assert!(OfferKind::ALL.iter().all(|k| !k.danish().is_empty() && !k.english().is_empty()));
}
