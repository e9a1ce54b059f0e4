//! One person's encrypted vault: writing something down, and finding it again.

use std::rc::Rc;

use device::{CaseId, casework::Programme};
use world::{Phone, World};

use crate::{Scene, history};

struct Desk {
    /// Holds the folder.
    _world: World,
    phone: Phone,
    case: CaseId,
}

fn filled(entries: usize) -> Rc<Desk> {
    let world = World::new(20_261_122);
    let phone = world.founder("Hanne");
    let case = phone.device.new_case("Falken", Programme::National, None).expect("a case");
    for n in 0..entries {
        phone.device.edit(case, history::entry(n)).expect("an entry");
    }
    Rc::new(Desk { _world: world, phone, case })
}

/// A meeting is written down and is on the disk.
pub fn keep(entries: usize) -> Scene {
    let desk = filled(entries);
    let mut next = entries.next_multiple_of(5);
    Box::new(move || {
        let (desk, entry) = (Rc::clone(&desk), history::entry(next));
        next += 5;
        Box::new(move || Box::new(desk.phone.device.edit(desk.case, entry).expect("kept")))
    })
}

/// Something is looked for in everything that was written.
pub fn search(entries: usize) -> Scene {
    let desk = filled(entries);
    Box::new(move || {
        let desk = Rc::clone(&desk);
        Box::new(move || {
            let found = desk.phone.device.find("søsteren").expect("it searches");
            assert!(!found.groups.is_empty());
            Box::new(found)
        })
    })
}
