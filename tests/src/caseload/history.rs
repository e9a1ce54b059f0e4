//! Two years of two people's work, written on two real devices that sync whenever one has to know what the other wrote.

use std::{collections::BTreeMap, path::Path};

use device::{CaseId, Cost, Device, Role};

use super::{
    act::{Act, Writer},
    office::Desk,
};

/// The two who write.
#[derive(Debug)]
pub struct Office {
    pub coordinator: Desk,
    pub mentor: Desk,
}

/// Who a measured device belongs to.
pub const HANNE: &str = "Hanne";
/// The mentor.
pub const AASE: &str = "Åse";

impl Office {
    /// Founds the organisation, with its two people.
    pub async fn open(dir: &Path, server: &str, by_way_of: Option<&str>, cost: Cost) -> Self {
        let coordinator = Desk::unpack(&dir.join("coordinator"), by_way_of, cost);
        let mentor = Desk::unpack(&dir.join("mentor"), by_way_of, cost);
        coordinator.found(server).await;
        coordinator.admit(&mentor, AASE, Role::Mentor).await.expect("the mentor is admitted");
        Self { coordinator, mentor }
    }

    /// Admits a new device of one of the two and gives it the keys of every case. The device itself has only asked: that
    /// it was let in, it learns with its first answer.
    pub async fn enrol(&self, dir: &Path, by_way_of: Option<&str>, cost: Cost, writer: Writer) {
        let desk = Desk::unpack(dir, by_way_of, cost);
        let (person, role) = match writer {
            Writer::Mentor => (AASE, Role::Mentor),
            Writer::Coordinator => (HANNE, Role::Coordinator),
        };
        let person = self.coordinator.device.person(person).expect("known").id.to_string();
        self.coordinator.let_in(&desk, &person, role).await.expect("a further device is admitted");
        self.settle().await;
    }

    const fn desk(&self, writer: Writer) -> &Desk {
        match writer {
            Writer::Mentor => &self.mentor,
            Writer::Coordinator => &self.coordinator,
        }
    }

    /// Writes everything, case by case. Gives the cases by their names and the number of edits.
    pub async fn write(&self, acts: &[Act]) -> (BTreeMap<String, CaseId>, usize) {
        let mut by_case: BTreeMap<&str, Vec<&Act>> = BTreeMap::new();
        for act in acts {
            by_case.entry(&act.case).or_default().push(act);
        }
        let (mut cases, mut edits) = (BTreeMap::new(), 0);
        for (name, acts) in by_case {
            let (case, n) = self.write_case(&acts).await;
            cases.insert(name.to_owned(), case);
            edits += n;
        }
        self.settle().await;
        (cases, edits)
    }

    async fn write_case(&self, acts: &[&Act]) -> (CaseId, usize) {
        let (first, rest) = acts.split_first().expect("a case has acts");
        assert!(first.begins_case());
        let case = self.mentor.hold(first.at_ms, |device| first.begin(device)).expect("a case");
        self.pass(Writer::Mentor).await;
        // How many acts of this writer the other has not seen.
        let mut unseen = BTreeMap::from([(Writer::Mentor, 0), (Writer::Coordinator, 0)]);
        let mut edits = 3;
        for (place, act) in rest.iter().enumerate() {
            let other = act.by.other();
            let follows_unseen = act.concurrent && place > 0 && rest[place - 1].by == other;
            if unseen[&other] > usize::from(follows_unseen) {
                self.pass(other).await;
                unseen.insert(other, 0);
            }
            // What the next act is not to know of stays here when that one's author hears of the rest.
            let next_is_blind = rest.get(place + 1).is_some_and(|next| next.concurrent && next.by == other);
            if next_is_blind && unseen[&act.by] > 0 {
                self.pass(act.by).await;
                unseen.insert(act.by, 0);
            }
            let at = |device: &Device| act.apply(device, case);
            edits += self.desk(act.by).hold(act.at_ms, at).unwrap_or_else(|error| panic!("{act:?}: {error}"));
            *unseen.entry(act.by).or_default() += 1;
        }
        for writer in [Writer::Mentor, Writer::Coordinator] {
            self.pass(writer).await;
        }
        (case, edits)
    }

    /// One writes, the other reads.
    async fn pass(&self, from: Writer) {
        self.desk(from).sync().await;
        self.desk(from.other()).sync().await;
    }

    /// Until nobody has anything to say.
    async fn settle(&self) {
        for _ in 0..10 {
            let (a, b) = (self.mentor.sync().await, self.coordinator.sync().await);
            if a.sent + a.received + b.sent + b.received == 0 {
                return;
            }
        }
    }
}
