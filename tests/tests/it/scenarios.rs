//! Two or three people act on one case without knowing of each other. Whoever syncs first, whether answers come once or twice,
//! whole or cut: all end with the same case and are asked the same questions.

use std::fmt;

use device::{
    CaseId, EraseBasis, Erasing, ItemId, Releasing, RevokeReason, Role,
    casework::{CaseShow, Edit, MeetingKind, MeetingView, OfferKind, Outcome, Protection, Purpose, TaskKind, TimelineEntry},
};
use world::{PASSPHRASE, Phone, Weather, World};

const TWO_YEARS_MS: i64 = 2 * 365 * 24 * 3_600_000;

/// How answers come while people sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delivery {
    Plain,
    Doubled,
    Truncated,
    DoubledTruncated,
}

const DELIVERIES: [Delivery; 4] = [Delivery::Plain, Delivery::Doubled, Delivery::Truncated, Delivery::DoubledTruncated];

/// Places in [`Scene::phones`].
const HANNE: usize = 0;
const AASE: usize = 1;
const EMIL: usize = 2;

/// Hanne, who coordinates, and the mentors Åse and Emil, all with one case.
struct Scene {
    world: World,
    phones: Vec<Phone>,
    case: CaseId,
    order: [usize; 3],
    delivery: Delivery,
}

impl fmt::Debug for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scene({:?}, {:?})", self.order, self.delivery)
    }
}

impl Scene {
    fn set() -> Self {
        let world = World::new(20_261_122);
        let (phones, case) = world.team();
        let scene = Self { world, phones, case, order: [0, 1, 2], delivery: Delivery::Plain };
        scene.meet();
        scene
    }

    /// This scene once more, for another run from the same beginning.
    fn again(&self, order: [usize; 3], delivery: Delivery) -> Self {
        let (world, phones) = self.world.twin(&self.phones);
        Self { world, phones, case: self.case, order, delivery }
    }

    fn does(&self, who: usize, edit: Edit) {
        self.world.pass(1_000);
        self.phones[who].device.edit(self.case, edit).unwrap_or_else(|error| panic!("{self:?}: {error}"));
    }

    /// Something that Åse makes and everybody has before the story begins.
    fn everybody_has(&self, make: impl FnOnce(ItemId) -> Edit) -> ItemId {
        let id = self.phones[AASE].device.new_item();
        self.does(AASE, make(id));
        for phone in self.phones.iter().chain(&self.phones) {
            phone.sync();
        }
        id
    }

    /// Everybody syncs in the order of this scene until all have everything.
    fn meet(&self) {
        for _ in 0..3 {
            for who in self.order {
                self.sync(&self.phones[who]);
            }
        }
    }

    fn sync(&self, phone: &Phone) {
        let mut codes = Vec::new();
        for attempt in 0..40_usize {
            let kept = 300 + attempt * 450;
            phone.weather(match self.delivery {
                Delivery::Plain => Weather::Clear,
                Delivery::Doubled => Weather::Twice,
                Delivery::Truncated => Weather::CutAfter(kept),
                Delivery::DoubledTruncated => Weather::TwiceCutAfter(kept),
            });
            match phone.try_sync().map_err(|error| error.code()) {
                Ok(_) => {}
                // It was cut off; there is nothing to sync any more.
                Err(code) if code == "device.wiped" || code == "vault.locked" => {}
                Err(code) => {
                    codes.push(code);
                    continue;
                }
            }
            phone.weather(Weather::Clear);
            return;
        }
        panic!("{self:?}: {} comes through in the end: {codes:?}", phone.name);
    }

    fn show(&self) -> CaseShow {
        self.phones[HANNE].device.case_show(self.case).expect("here")
    }

    /// What all see, once they see the same; nothing was refused, nothing waits, and what is stored holds.
    fn seen_by_all(&self) -> CaseShow {
        let shown = self.show();
        for phone in &self.phones {
            assert_eq!(phone.device.case_show(self.case).expect("here"), shown, "{self:?}: {}", phone.name);
            let sheet = phone.device.sync_sheet().expect("the sheet");
            assert_eq!((sheet.line.waiting, sheet.parked, sheet.aside.len(), sheet.refused.len()), (0, 0, 0, 0), "{self:?}: {sheet:?}");
            assert!(phone.device.verify().expect("verified").problems.is_empty(), "{self:?}: {}", phone.name);
        }
        shown
    }

    /// What all notes say on the phones of these, who see the same and have nothing left to do; each note once.
    fn told_to(&self, who: &[&Phone]) -> Vec<String> {
        let shown = who[0].device.case_show(self.case).expect("here");
        for phone in who {
            assert_eq!(phone.device.case_show(self.case).expect("here"), shown, "{self:?}: {}", phone.name);
            let sheet = phone.device.sync_sheet().expect("the sheet");
            assert_eq!((sheet.line.waiting, sheet.parked, sheet.refused.len()), (0, 0, 0), "{self:?}: {}: {sheet:?}", phone.name);
            assert!(phone.device.verify().expect("verified").problems.is_empty(), "{self:?}: {}", phone.name);
            assert!(phone.device.pending().expect("pending").is_empty(), "{self:?}: {}", phone.name);
        }
        let mut texts: Vec<String> = shown.notes.values().map(|note| note.text.clone()).collect();
        texts.sort();
        texts
    }

    /// Hanne takes over whatever waits in quarantine. Gives how much that was.
    fn takes_over(&self) -> u32 {
        let hanne = &self.phones[HANNE].device;
        let items = hanne.quarantine().expect("the list");
        items.iter().map(|item| hanne.accept_quarantined(&item.id, None).expect("taken over")).sum()
    }

    /// The fields about which people are asked, the same on every device.
    fn asked(&self) -> Vec<String> {
        self.seen_by_all().conflicts.iter().map(device::casework::Conflict::field).collect()
    }
}

/// Plays a story in one order of syncing and each delivery: it must end as in the first order of all.
fn play<T: PartialEq + fmt::Debug>(story: impl Fn(&Scene) -> T, order: [usize; 3]) {
    let beginning = Scene::set();
    let first = story(&beginning.again([0, 1, 2], Delivery::Plain));
    for delivery in DELIVERIES {
        let scene = beginning.again(order, delivery);
        assert_eq!(story(&scene), first, "{scene:?} ends like the first");
    }
}

/// One test for each order in which Hanne (a), Åse (b) and Emil (c) sync.
macro_rules! in_every_order {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            #[test]
            fn order_abc() {
                super::play(super::stories::$name, [0, 1, 2]);
            }
            #[test]
            fn order_acb() {
                super::play(super::stories::$name, [0, 2, 1]);
            }
            #[test]
            fn order_bac() {
                super::play(super::stories::$name, [1, 0, 2]);
            }
            #[test]
            fn order_bca() {
                super::play(super::stories::$name, [1, 2, 0]);
            }
            #[test]
            fn order_cab() {
                super::play(super::stories::$name, [2, 0, 1]);
            }
            #[test]
            fn order_cba() {
                super::play(super::stories::$name, [2, 1, 0]);
            }
        })+
    };
}

in_every_order!(
    x01_note_same_sentence,
    x02_note_different_paragraphs,
    x03_step_done_undone,
    x08_address_entered_by_two,
    x09_protection_up_and_down,
    x11_task_moved_twice,
    x12_assignment_ends_while_one_writes,
    x13_erased_while_two_write,
    x14_erasure_proposed_while_another_holds,
    x18_device_revoked_while_its_owner_writes,
    x19_new_key_while_one_writes_under_the_old,
    x21_clock_two_years_behind,
    x23_handed_over_in_both_directions,
    x26_three_way_note_and_deletion,
);

mod stories {
    use super::*;

    /// Two rewrite one sentence: the text keeps the words of both, the place is marked on every phone with both versions and
    /// who wrote them, and it is over when one who has read both writes there.
    pub fn x01_note_same_sentence(scene: &Scene) -> CaseShow {
        let before = "Han kom til tiden. Nøglen får han fredag. Vi ses igen.";
        let note = scene.everybody_has(|id| Edit::AddNote { id, text: before.to_owned(), at_ms: 0 });
        let write = |text: String| Edit::WriteNote { note, text, base: None };
        scene.does(AASE, write(before.replace("fredag", "lørdag")));
        scene.does(EMIL, write(before.replace("fredag", "mandag")));
        scene.meet();
        let shown = scene.seen_by_all();
        let text = shown.notes[&note].text.clone();
        assert!(text.contains("lørdag") && text.contains("mandag") && !text.contains("fredag"), "{text}");
        assert!(text.starts_with("Han kom til tiden. Nøglen får han ") && text.ends_with(". Vi ses igen."), "{text}");
        let mut place = String::new();
        for phone in &scene.phones {
            let view = phone.device.note(scene.case, note, None).expect("the note");
            assert_eq!(view.voices.len(), 2, "{scene:?}: {:?}", view.voices);
            let [both] = view.both.as_slice() else { panic!("{scene:?}: one place, not {:?}", view.both) };
            let mut said: Vec<(&str, &str)> = both.versions.iter().map(|v| (v.who.as_str(), v.text.as_str())).collect();
            said.sort_unstable();
            assert_eq!(said, [("Emil", "Nøglen får han mandag."), ("Åse", "Nøglen får han lørdag.")]);
            place = text.chars().skip(both.start as usize).take((both.end - both.start) as usize).collect();
        }
        assert!(place.starts_with("Nøglen får han ") && place.ends_with('.'), "{place}");
        scene.does(HANNE, write(text.replace(&place, "Nøglen får han lørdag. Nøglen får han mandag.")));
        scene.meet();
        let shown = scene.seen_by_all();
        assert!(shown.notes[&note].both.is_empty(), "both were kept by one who had read them");
        shown
    }

    /// A phone two years behind: what it says of the time is kept and marked, and nothing is put in another order by it.
    pub fn x21_clock_two_years_behind(scene: &Scene) -> CaseShow {
        let alias = |alias: &str| Edit::SetProfile { alias: Some(alias.to_owned()), programme: None, birth_year: None };
        // How often a sync throws the dice depends on the weather: the names come before it.
        let ids = [AASE, EMIL, HANNE].map(|who| (who, scene.phones[who].device.new_item()));
        let met = |who: usize| {
            let id = ids.iter().find(|(phone, _)| *phone == who).expect("one of three").1;
            let at_ms = scene.phones[who].device.host().now_ms();
            let outcome = Outcome::TookPlace;
            scene.does(
                who,
                Edit::LogMeeting { id, meeting: MeetingKind::Meeting, at_ms, minutes: 60, place: None, outcome, zone: None, said: None },
            );
            (id, at_ms)
        };
        let (first, _) = met(EMIL);
        scene.does(EMIL, alias("Ørnen"));
        scene.meet();
        scene.phones[AASE].clock_ahead(-TWO_YEARS_MS);
        scene.world.pass(3_600_000);
        let (second, claimed) = met(AASE);
        scene.does(AASE, alias("Falken"));
        scene.world.pass(3_600_000);
        let (third, _) = met(HANNE);
        scene.meet();
        let shown = scene.seen_by_all();
        assert_eq!(shown.alias, "Falken", "who knew of the other name is later, whatever the clocks say");
        assert!(shown.conflicts.is_empty());
        for phone in &scene.phones {
            let view = phone.device.case(scene.case).expect("the view");
            let met: Vec<MeetingView> =
                view.timeline.into_iter().filter_map(|entry| if let TimelineEntry::Meeting(m) = entry { Some(m) } else { None }).collect();
            assert_eq!(met.iter().map(|m| m.id).collect::<Vec<_>>(), [third, second, first], "{scene:?}: {}", phone.name);
            assert_eq!((met[1].at, met[1].clock_ahead, met[1].clock_doubt), (claimed, Some(-TWO_YEARS_MS), true));
            assert!(!met[0].clock_doubt && !met[2].clock_doubt);
            let acts: Vec<i64> = phone.device.history(scene.case).expect("history").iter().map(|entry| entry.at_ms).collect();
            let hers = acts.iter().position(|at_ms| *at_ms == claimed / 1000 * 1000 + 1000).expect("her meeting");
            assert!(hers > 0 && acts[..hers].iter().all(|at_ms| *at_ms > claimed), "it stands behind what she knew");
        }
        scene.phones[AASE].clock_ahead(0);
        shown
    }

    /// Two paragraphs, two people: both stay where they were written, and nobody is asked anything.
    pub fn x02_note_different_paragraphs(scene: &Scene) -> CaseShow {
        let note = scene.everybody_has(|id| Edit::AddNote { id, text: "Om bolig.\n\nOm arbejde.\n".to_owned(), at_ms: 0 });
        let write = |text: &str| Edit::WriteNote { note, text: text.to_owned(), base: None };
        scene.does(AASE, write("Om bolig. Han har fået nøglen.\n\nOm arbejde.\n"));
        scene.does(EMIL, write("Om bolig.\n\nOm arbejde. Han begynder mandag.\n"));
        scene.meet();
        let shown = scene.seen_by_all();
        assert_eq!(shown.notes[&note].text, "Om bolig. Han har fået nøglen.\n\nOm arbejde. Han begynder mandag.\n");
        assert_eq!(shown.notes[&note].voices.len(), 2);
        assert!(shown.conflicts.is_empty());
        shown
    }

    /// “Done” stays visible with its day while people disagree; who knows of both and opens it again is believed.
    pub fn x03_step_done_undone(scene: &Scene) -> CaseShow {
        let offer = OfferKind::Relocation;
        let step = scene.everybody_has(|id| Edit::AddStep {
            offer,
            id,
            title: "Søg indskudslån".to_owned(),
            template: None,
            owner: None,
            due: None,
        });
        let done = |on: &str| Edit::SetStepDone { offer, step, done: true, on: Some(on.to_owned()) };
        let open = Edit::SetStepDone { offer, step, done: false, on: None };
        scene.does(AASE, done("2026-11-18"));
        scene.meet();
        scene.does(AASE, open.clone());
        scene.does(EMIL, done("2026-11-21"));
        scene.does(HANNE, done("2026-11-20"));
        scene.meet();
        let shown = scene.seen_by_all();
        assert_eq!(shown.offers[&offer].steps[&step].done_on.as_deref(), Some("2026-11-20"), "the first day stays visible");
        assert_eq!(scene.asked(), [format!("offer.{offer}.step.{step}.done")]);
        let said: Vec<&str> = shown.conflicts[0].values.iter().map(|claim| claim.value.as_str()).collect();
        assert_eq!(said.len(), 3, "{said:?}");
        scene.does(EMIL, open);
        scene.meet();
        let shown = scene.seen_by_all();
        assert_eq!(shown.offers[&offer].steps[&step].done_on, None, "opened again by one who knew");
        assert_eq!(scene.asked(), Vec::<String>::new());
        shown
    }

    /// Of several due dates the earliest holds; people are asked only when they lie more than a week apart.
    pub fn x11_task_moved_twice(scene: &Scene) -> CaseShow {
        let task = scene.everybody_has(|id| Edit::AddTask {
            id,
            title: "Ring til jobcenteret".to_owned(),
            due: Some("2026-12-01".to_owned()),
            owner: None,
            task: TaskKind::Task,
            promised_to: None,
        });
        let due = |on: &str| Edit::SetTaskDue { task, due: Some(on.to_owned()) };
        scene.does(AASE, due("2026-12-10"));
        scene.does(EMIL, due("2026-12-03"));
        scene.does(HANNE, due("2026-12-08"));
        scene.meet();
        assert_eq!(scene.seen_by_all().tasks[&task].due.as_deref(), Some("2026-12-03"));
        assert_eq!(scene.asked(), Vec::<String>::new(), "a week apart is no question");
        scene.does(AASE, due("2026-12-24"));
        scene.does(EMIL, due("2026-12-05"));
        scene.meet();
        let shown = scene.seen_by_all();
        assert_eq!(shown.tasks[&task].due.as_deref(), Some("2026-12-05"), "the earliest holds until somebody chooses");
        assert_eq!(scene.asked(), [format!("task.{task}.due")]);
        shown
    }

    /// Emil is taken out of the case while he and Åse write: what he could still send counts, the rest is found in quarantine,
    /// he keeps nothing, and nobody is asked twice.
    pub fn x12_assignment_ends_while_one_writes(scene: &Scene) -> Vec<String> {
        let [hanne, aase, emil] = [HANNE, AASE, EMIL].map(|who| &scene.phones[who]);
        aase.note(scene.case, "Før.");
        scene.meet();
        hanne.device.unassign(scene.case, emil.member()).expect("decided");
        emil.note(scene.case, "Emil skriver.");
        aase.note(scene.case, "Åse skriver.");
        scene.meet();
        assert!(emil.device.cases().expect("lists").is_empty(), "{scene:?}");
        assert!(scene.takes_over() <= 1);
        scene.meet();
        assert_eq!(scene.takes_over(), 0);
        let told = scene.told_to(&[hanne, aase]);
        assert_eq!(told, ["Emil skriver.", "Før.", "Åse skriver."], "{scene:?}");
        told
    }

    /// The case is erased while Åse and Emil write: nothing of it is left on any device, nothing waits, and every device says so.
    pub fn x13_erased_while_two_write(scene: &Scene) -> Vec<String> {
        let [hanne, aase, emil] = [HANNE, AASE, EMIL].map(|who| &scene.phones[who]);
        aase.note(scene.case, "Før.");
        scene.meet();
        hanne.device.erase(scene.case, EraseBasis::Candidate).expect("decided");
        emil.note(scene.case, "Emil skriver.");
        aase.note(scene.case, "Åse skriver.");
        scene.meet();
        scene.meet();
        for phone in [hanne, aase, emil] {
            assert!(phone.device.cases().expect("lists").is_empty(), "{scene:?}: {}", phone.name);
            let sheet = phone.device.sync_sheet().expect("the sheet");
            assert_eq!((sheet.line.waiting, sheet.parked, sheet.refused.len()), (0, 0, 0), "{scene:?}: {}: {sheet:?}", phone.name);
            assert!(phone.device.pending().expect("pending").is_empty(), "{scene:?}: {}", phone.name);
        }
        let erased = hanne.device.endings().expect("endings").remove(0).erased.expect("erased");
        let mut told: Vec<String> = erased.devices.into_iter().filter(|one| one.at.is_some()).map(|one| one.person).collect();
        told.sort();
        assert_eq!(told, ["Emil", "Hanne", "Åse"], "{scene:?}");
        told
    }

    /// One coordinator proposes to erase while another holds the case: whoever comes first, nobody can erase it, and the work
    /// goes on.
    pub fn x14_erasure_proposed_while_another_holds(scene: &Scene) -> Vec<String> {
        let [hanne, aase, emil] = [HANNE, AASE, EMIL].map(|who| &scene.phones[who]);
        let tariq = scene.world.enrol(hanne, "Tariq", Role::Coordinator);
        hanne.device.assign(scene.case, tariq.member(), None).expect("decided");
        let meet = || meet_with(scene, &tariq);
        aase.note(scene.case, "Før.");
        meet();
        assert_eq!(hanne.device.erase(scene.case, EraseBasis::Retention).expect("decided"), Erasing::Proposed);
        tariq.device.hold_case(scene.case, true).expect("decided");
        emil.note(scene.case, "Emil skriver.");
        meet();
        for signer in [hanne, &tariq] {
            assert_eq!(signer.device.approve_erasure(scene.case).expect_err("held").code(), "log.held", "{scene:?}");
            assert_eq!(signer.device.erase(scene.case, EraseBasis::Candidate).expect_err("held").code(), "log.held", "{scene:?}");
        }
        assert!(emil.device.endings().expect("endings").is_empty(), "{scene:?}");
        let mut told: Vec<String> = aase.texts(scene.case).into_iter().collect();
        told.sort();
        assert_eq!(told, ["Emil skriver.", "Før."], "{scene:?}");
        told
    }

    /// Two coordinators enter different addresses: neither wins, nobody who only looks sees one, and what a person decides stands.
    pub fn x08_address_entered_by_two(scene: &Scene) -> Vec<String> {
        let (tariq, [hanne, aase]) = (with_addresses(scene), [HANNE, AASE].map(|who| &scene.phones[who]));
        let meet = || meet_with(scene, &tariq);
        aase.device.open_strongroom(PASSPHRASE).expect("opens");
        assert_eq!(address(aase, scene.case), Ok("Skovvej 3, Ådal".to_owned()), "{scene:?}");
        enter(hanne, scene.case, "Havnegade 1, Ærøskov", Protection::Ordinary);
        enter(&tariq, scene.case, "Bakken 9, Mølleby", Protection::Ordinary);
        meet();
        for coordinator in [hanne, &tariq] {
            let shown = coordinator.device.look_at_address(scene.case, Purpose::Check).expect("shown");
            let mut standing: Vec<String> = shown.standing.into_iter().map(|one| one.address).collect();
            standing.sort();
            assert!(shown.disputed && shown.address.is_none(), "{scene:?}: {}", coordinator.name);
            assert_eq!(standing, ["Bakken 9, Mølleby", "Havnegade 1, Ærøskov"], "{scene:?}");
        }
        assert_eq!(address(aase, scene.case), Err("address.disputed".to_owned()), "{scene:?}");
        let until = hanne.device.host().now_ms() + 3_600_000;
        let release = hanne.device.release_address(scene.case, scene.phones[EMIL].member(), until, Purpose::Visit, true);
        assert_eq!(release.expect_err("frozen").code(), "address.disputed", "{scene:?}");
        enter(&tariq, scene.case, "Bakken 9, Mølleby", Protection::Ordinary);
        meet();
        [hanne, aase, &tariq].map(|phone| address(phone, scene.case).expect("decided")).to_vec()
    }

    /// One raises how an address is protected while another lowers it: the stricter stands, until somebody who knows of both says
    /// otherwise.
    pub fn x09_protection_up_and_down(scene: &Scene) -> Vec<String> {
        let (tariq, [hanne, aase]) = (with_addresses(scene), [HANNE, AASE].map(|who| &scene.phones[who]));
        let meet = || meet_with(scene, &tariq);
        enter(hanne, scene.case, "Skovvej 3, Ådal", Protection::Special);
        enter(&tariq, scene.case, "Skovvej 3, Ådal", Protection::Ordinary);
        meet();
        let protection = |phone: &Phone| {
            let shown = phone.device.look_at_address(scene.case, Purpose::Check).expect("shown");
            assert_eq!((shown.address.as_deref(), shown.disputed), (Some("Skovvej 3, Ådal"), false), "{scene:?}: {}", phone.name);
            shown.protection.expect("one").to_string()
        };
        aase.device.open_strongroom(PASSPHRASE).expect("opens");
        let mut told = [hanne, aase, &tariq].map(protection).to_vec();
        assert_eq!(told, ["special"; 3], "{scene:?}");
        enter(&tariq, scene.case, "Skovvej 3, Ådal", Protection::Ordinary);
        meet();
        told.extend([hanne, aase, &tariq].map(protection));
        told
    }

    /// Emil's phone is cut off while he and Åse write: the same, and the phone is empty.
    pub fn x18_device_revoked_while_its_owner_writes(scene: &Scene) -> Vec<String> {
        let [hanne, aase, emil] = [HANNE, AASE, EMIL].map(|who| &scene.phones[who]);
        aase.note(scene.case, "Før.");
        scene.meet();
        let lost = emil.id();
        hanne.device.revoke(lost, RevokeReason::Lost).expect("decided");
        emil.note(scene.case, "Emil skriver.");
        aase.note(scene.case, "Åse skriver.");
        scene.meet();
        assert!(!emil.device.has_vault(), "{scene:?}");
        assert!(scene.takes_over() <= 1);
        scene.meet();
        let told = scene.told_to(&[hanne, aase]);
        assert_eq!(told, ["Emil skriver.", "Før.", "Åse skriver."], "{scene:?}");
        told
    }

    /// Åse has sealed what she wrote when the case gets a new key: it is sealed again and arrives once.
    pub fn x19_new_key_while_one_writes_under_the_old(scene: &Scene) -> Vec<String> {
        let [hanne, aase, emil] = [HANNE, AASE, EMIL].map(|who| &scene.phones[who]);
        for round in 0..2 {
            aase.note(scene.case, &format!("Åse {round}."));
            aase.weather(Weather::Offline).try_sync().expect_err("there is no signal");
            hanne.device.unassign(scene.case, emil.member()).expect("decided");
            scene.sync(hanne);
            hanne.note(scene.case, &format!("Hanne {round}."));
            aase.weather(Weather::Clear);
            scene.meet();
            hanne.device.assign(scene.case, emil.member(), None).expect("decided");
            scene.meet();
        }
        let told = scene.told_to(&[hanne, aase, emil]);
        assert_eq!(told, ["Hanne 0.", "Hanne 1.", "Åse 0.", "Åse 1."], "{scene:?}");
        told
    }

    /// Two coordinators hand the case over, each in the other direction: one of the mentors has it in the end, all agree who,
    /// and no word is lost.
    pub fn x23_handed_over_in_both_directions(scene: &Scene) -> Vec<String> {
        let [hanne, aase, emil] = [HANNE, AASE, EMIL].map(|who| &scene.phones[who]);
        let tariq = scene.world.enrol(hanne, "Tariq", Role::Coordinator);
        hanne.device.assign(scene.case, tariq.member(), None).expect("decided");
        let meet = || meet_with(scene, &tariq);
        aase.note(scene.case, "Før.");
        meet();
        hanne.device.hand_over(scene.case, aase.member(), emil.member(), 0).expect("decided");
        tariq.device.hand_over(scene.case, emil.member(), aase.member(), 0).expect("decided");
        aase.note(scene.case, "Åse skriver.");
        emil.note(scene.case, "Emil skriver.");
        meet();
        scene.takes_over();
        meet();
        let readers: Vec<String> = hanne.device.readers(scene.case).expect("readers").into_iter().map(|reader| reader.name).collect();
        let inside: Vec<&Phone> = [aase, emil].into_iter().filter(|phone| readers.contains(&phone.name)).collect();
        let [keeps] = inside.as_slice() else { panic!("{scene:?}: one of the two, not {readers:?}") };
        let told = scene.told_to(&[hanne, &tariq, keeps]);
        assert_eq!(told, ["Emil skriver.", "Før.", "Åse skriver."], "{scene:?}");
        told
    }

    /// Two write in a note while a third takes it away: it stays, with all words, and people are asked; it can still be taken
    /// away by one who has read it, and put back after that.
    pub fn x26_three_way_note_and_deletion(scene: &Scene) -> CaseShow {
        let note = scene.everybody_has(|id| Edit::AddNote { id, text: "Vi mødtes.".to_owned(), at_ms: 0 });
        let write = |text: &str| Edit::WriteNote { note, text: text.to_owned(), base: None };
        scene.does(AASE, write("Vi mødtes. Han kom til tiden."));
        scene.does(EMIL, write("Torsdag: Vi mødtes."));
        scene.does(HANNE, Edit::RemoveNote { note });
        scene.meet();
        let shown = scene.seen_by_all();
        assert!(!shown.notes[&note].removed, "what Hanne had not read is not hidden by her");
        assert_eq!(shown.notes[&note].text, "Torsdag: Vi mødtes. Han kom til tiden.");
        assert_eq!(scene.asked(), [format!("note.{note}.removed")]);
        let said: Vec<&str> = shown.conflicts[0].values.iter().map(|claim| claim.value.as_str()).collect();
        assert_eq!(said, ["removed", "kept"]);
        scene.does(HANNE, Edit::Resolve { conflict: shown.conflicts[0].id.clone(), keep: "removed".to_owned() });
        scene.meet();
        let shown = scene.seen_by_all();
        assert!(shown.notes[&note].removed && shown.conflicts.is_empty());
        scene.does(EMIL, Edit::RestoreNote { note });
        scene.meet();
        let shown = scene.seen_by_all();
        assert_eq!((shown.notes[&note].removed, shown.notes[&note].text.as_str()), (false, "Torsdag: Vi mødtes. Han kom til tiden."));
        shown
    }
}

/// Tariq coordinates too, and an address stands that is released to Åse.
fn with_addresses(scene: &Scene) -> Phone {
    let [hanne, aase] = [HANNE, AASE].map(|who| &scene.phones[who]);
    let tariq = scene.world.enrol(hanne, "Tariq", Role::Coordinator);
    hanne.device.assign(scene.case, tariq.member(), None).expect("decided");
    meet_with(scene, &tariq);
    for coordinator in [hanne, &tariq] {
        coordinator.device.open_strongroom(PASSPHRASE).expect("opens");
    }
    enter(hanne, scene.case, "Skovvej 3, Ådal", Protection::NameAndAddress);
    meet_with(scene, &tariq);
    let until = hanne.device.host().now_ms() + 24 * 3_600_000;
    let asked = hanne.device.release_address(scene.case, aase.member(), until, Purpose::Visit, false);
    assert_eq!(asked.expect("asked"), Releasing::Asked);
    meet_with(scene, &tariq);
    tariq.device.approve_release(scene.case, aase.member(), Some(until)).expect("agreed");
    meet_with(scene, &tariq);
    tariq
}

fn meet_with(scene: &Scene, other: &Phone) {
    for _ in 0..4 {
        for who in scene.order {
            scene.sync(&scene.phones[who]);
            if who == AASE {
                scene.sync(other);
            }
        }
    }
}

fn enter(phone: &Phone, case: CaseId, address: &str, protection: Protection) {
    phone.device.enter_address(case, address, protection, [None, None]).expect("entered");
}

fn address(phone: &Phone, case: CaseId) -> Result<String, String> {
    phone.device.look_at_address(case, Purpose::Check).map(|shown| shown.address.expect("one")).map_err(|error| error.code())
}
