//! People and devices for tests: Aisha, Mikkel and Sofie, each with a phone of their own.

use wire::id::{CaseId, DeviceId, ItemId, MemberId};

use crate::{Author, Case, CaseShow, Done, Dot, Edit, EditError, Names, Received};

pub(crate) const CASE: [u8; 16] = [7; 16];

pub(crate) struct Person {
    pub case: Case,
    pub by: Author,
    pub now_ms: i64,
}

pub(crate) fn person(n: u8) -> Person {
    let by = Author { member: MemberId::from_bytes([n; 16]), device: DeviceId::from_bytes([n + 100; 16]) };
    Person { case: Case::found(CaseId::from_bytes(CASE), [n; 16]).unwrap(), by, now_ms: 1_700_000_000_000 }
}

pub(crate) fn aisha() -> Person {
    person(1)
}

pub(crate) fn mikkel() -> Person {
    person(2)
}

pub(crate) fn sofie() -> Person {
    person(3)
}

pub(crate) fn item(n: u16) -> ItemId {
    let mut bytes = [0x55; 16];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    ItemId::from_bytes(bytes)
}

impl Person {
    pub fn does(&mut self, edit: Edit) -> Done {
        self.tries(edit).unwrap()
    }

    pub fn tries(&mut self, edit: Edit) -> Result<Done, EditError> {
        self.now_ms += 1_000;
        self.case.edit(edit, &self.by, self.now_ms)
    }

    pub fn refused(&mut self, edit: Edit) -> &'static str {
        let before = self.case.heads();
        let code = self.tries(edit).unwrap_err().code();
        assert_eq!(self.case.heads(), before);
        code
    }

    /// Hands over everything the other does not have of this person.
    pub fn gives(&self, to: &mut Person) -> Received {
        let since = to.case.seq_of(self.case.actor());
        to.case.receive(self.case.actor(), &self.case.unsent(since).changes)
    }

    pub fn note(&mut self, n: u16, text: &str) -> Done {
        self.does(Edit::AddNote { id: item(n), text: text.into(), at_ms: 5 })
    }

    pub fn writes(&mut self, n: u16, text: &str, base: Option<crate::Base>) -> Done {
        self.does(Edit::WriteNote { note: item(n), text: text.into(), base })
    }

    pub fn text(&self, n: u16) -> String {
        self.case.show().notes[&item(n)].text.clone()
    }

    pub fn shows(&self) -> CaseShow {
        self.case.show()
    }
}

/// Everybody gives everything to everybody, until all have all.
pub(crate) fn meet(people: &mut [Person]) {
    for _ in 0..people.len() {
        for from in 0..people.len() {
            for to in 0..people.len() {
                if from != to {
                    let changes = {
                        let since = people[to].case.seq_of(people[from].case.actor());
                        people[from].case.unsent(since).changes
                    };
                    let actor = people[from].case.actor();
                    let got = people[to].case.receive(actor, &changes);
                    assert_eq!(got.refused, []);
                }
            }
        }
    }
}

pub(crate) struct Plain;

impl Names for Plain {
    fn member(&self, member: MemberId) -> String {
        format!("member {}", member.as_bytes()[0])
    }
    fn device(&self, device: DeviceId) -> String {
        format!("device {}", device.as_bytes()[0])
    }
}

pub(crate) fn with_lens<T>(me: &Author, now_ms: i64, run: impl FnOnce(&crate::Lens<'_>) -> T) -> T {
    let zone = jiff::tz::TimeZone::UTC;
    let lens = crate::Lens {
        names: &Plain,
        dot: &|_, seq| if seq <= 1 { Dot::Server } else { Dot::Here },
        clock_doubt: &|_, _| false,
        disputed: &|_| false,
        me: me.member,
        now_ms,
        zone: &zone,
        team: &[],
        waiting_for_server: false,
    };
    run(&lens)
}
