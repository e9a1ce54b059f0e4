//! Where a candidate lives, and who looked: two ledgers beside the case's document, each with readers and keys of its own.
//!
//! A ledger is a set of signed entries that only grows. An entry about the address says which entries it takes the place of; what nobody
//! took the place of stands. Two that stand beside each other with different addresses are not resolved by anybody but a person.

use jiff::civil::Date;
use minicbor::{Decode, Encode};
use wire::{
    cbor,
    id::{ItemId, MemberId},
};

use crate::{edit::EditError, text, word::words};

words! {
    /// How the population register protects an address; each stricter than those before.
    Protection {
        /// None.
        Ordinary = "ordinary",
        /// Name and address are protected (CPR-loven § 28).
        NameAndAddress = "name_and_address",
        /// Registered without a permanent address on notice by the police (CPR-loven § 6, stk. 6, nr. 2).
        Special = "special",
    }
}

words! {
    /// Why somebody looks at an address, or lets somebody look.
    Purpose {
        /// To be with the candidate there.
        Visit = "visit",
        /// Somebody moves, or something is moved.
        Move = "move",
        /// For an authority that has to know it.
        Authority = "authority",
        /// Life or health is in danger.
        Danger = "danger",
        /// To see that it is still right.
        Check = "check",
    }
}

/// What is entered about an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressEntry {
    pub id: ItemId,
    /// One line.
    pub address: String,
    pub protection: Protection,
    /// From when it holds, if that was said: `YYYY-MM-DD`.
    pub from: Option<String>,
    /// When its protection lapses unless it is renewed: `YYYY-MM-DD`.
    pub renew_by: Option<String>,
    /// Entries that it takes the place of, sorted.
    pub over: Vec<ItemId>,
}

/// What is entered about who may look, and who did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessEntry {
    /// Somebody looked at the address.
    Looked { id: ItemId, purpose: Purpose },
    /// Somebody was let in, or that was asked for, until a time (Unix milliseconds); alone where it was for a vital interest.
    Released { id: ItemId, member: MemberId, until_ms: Option<i64>, purpose: Purpose, alone: bool },
}

/// Longest body of entries, in bytes.
const MAX_BODY: usize = 16 * 1024;

#[derive(Encode, Decode)]
struct AddressWire {
    #[n(0)]
    id: ItemId,
    #[n(1)]
    address: String,
    #[n(2)]
    protection: String,
    #[n(3)]
    from: Option<String>,
    #[n(4)]
    renew_by: Option<String>,
    #[n(5)]
    over: Vec<ItemId>,
}

#[derive(Encode, Decode)]
struct AccessWire {
    #[n(0)]
    id: ItemId,
    #[n(1)]
    purpose: String,
    #[n(2)]
    released: Option<ReleasedWire>,
}

#[derive(Encode, Decode)]
struct ReleasedWire {
    #[n(0)]
    member: MemberId,
    #[n(1)]
    until_ms: Option<i64>,
    #[n(2)]
    alone: bool,
}

impl AddressEntry {
    /// The same, made fit to be kept: one line, dates that are dates.
    ///
    /// # Errors
    /// [`EditError`] when the address is empty or too long, or a date is none.
    pub fn checked(self) -> Result<Self, EditError> {
        let address = text::short(&self.address)?;
        if address.is_empty() {
            return Err(EditError::AddressMissing);
        }
        for date in [&self.from, &self.renew_by].into_iter().flatten() {
            date.parse::<Date>().map_err(|_| EditError::BadDate)?;
        }
        let mut over = self.over;
        over.sort_unstable();
        over.dedup();
        Ok(Self { address, over, ..self })
    }

    /// As it is sealed.
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&AddressWire {
            id: self.id,
            address: self.address.clone(),
            protection: self.protection.word().to_owned(),
            from: self.from.clone(),
            renew_by: self.renew_by.clone(),
            over: self.over.clone(),
        })
    }

    /// Reads one; nothing where it is none, or not fit to be shown.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let wire: AddressWire = cbor::decode(bytes.get(..).filter(|bytes| bytes.len() <= MAX_BODY)?).ok()?;
        let entry = Self {
            id: wire.id,
            address: wire.address,
            protection: Protection::from_word(&wire.protection)?,
            from: wire.from,
            renew_by: wire.renew_by,
            over: wire.over,
        };
        entry.checked().ok()
    }
}

impl AccessEntry {
    /// As it is sealed.
    pub fn encode(&self) -> Vec<u8> {
        let (id, purpose, released) = match *self {
            Self::Looked { id, purpose } => (id, purpose, None),
            Self::Released { id, member, until_ms, purpose, alone } => (id, purpose, Some(ReleasedWire { member, until_ms, alone })),
        };
        cbor::encode(&AccessWire { id, purpose: purpose.word().to_owned(), released })
    }

    /// Reads one; nothing where it is none.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let wire: AccessWire = cbor::decode(bytes.get(..).filter(|bytes| bytes.len() <= MAX_BODY)?).ok()?;
        let (id, purpose) = (wire.id, Purpose::from_word(&wire.purpose)?);
        Some(match wire.released {
            None => Self::Looked { id, purpose },
            Some(ReleasedWire { member, until_ms, alone }) => Self::Released { id, member, until_ms, purpose, alone },
        })
    }
}

/// An entry with who made it and when, as they said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered<T> {
    pub by: MemberId,
    /// Unix milliseconds.
    pub at_ms: i64,
    pub entry: T,
}

/// What stands in an address book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressBook {
    /// Entries that nobody took the place of, by their ids.
    standing: Vec<Entered<AddressEntry>>,
    /// All the others, oldest first.
    before: Vec<Entered<AddressEntry>>,
}

impl AddressBook {
    /// From all entries, in any order. Each counts once.
    pub fn of(entries: impl IntoIterator<Item = Entered<AddressEntry>>) -> Self {
        let mut all: Vec<Entered<AddressEntry>> = entries.into_iter().collect();
        all.sort_by_key(|one| (one.entry.id, one.at_ms, one.by));
        all.dedup_by(|a, b| a.entry.id == b.entry.id);
        // Nothing takes its own place, whatever it says.
        let is_over = |of: &Entered<AddressEntry>, id: &ItemId| of.entry.id != *id && of.entry.over.contains(id);
        let taken: Vec<ItemId> = all.iter().map(|one| one.entry.id).filter(|id| all.iter().any(|of| is_over(of, id))).collect();
        let (mut before, standing): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| taken.contains(&one.entry.id));
        before.sort_by_key(|one| (one.at_ms, one.entry.id));
        // Two that take each other's place would leave nothing: then both stand.
        if standing.is_empty() { Self { standing: before, before: Vec::new() } } else { Self { standing, before } }
    }

    /// What nobody took the place of: one, unless people disagree.
    pub fn standing(&self) -> &[Entered<AddressEntry>] {
        &self.standing
    }

    /// What was entered before, oldest first.
    pub fn before(&self) -> &[Entered<AddressEntry>] {
        &self.before
    }

    /// Ids of all that stands: what a new entry takes the place of.
    pub fn heads(&self) -> Vec<ItemId> {
        let mut heads: Vec<ItemId> = self.standing.iter().map(|one| one.entry.id).collect();
        heads.sort_unstable();
        heads
    }

    /// Whether people entered different addresses without knowing of each other: none of them is shown to anybody who only looks.
    pub fn is_disputed(&self) -> bool {
        let mut addresses = self.standing.iter().map(|one| &one.entry.address);
        let first = addresses.next();
        addresses.any(|other| Some(other) != first)
    }

    /// The address, where there is one and nobody says otherwise.
    pub fn address(&self) -> Option<&str> {
        self.standing.first().filter(|_| !self.is_disputed()).map(|one| one.entry.address.as_str())
    }

    /// The strictest protection that anybody entered.
    pub fn protection(&self) -> Option<Protection> {
        self.standing.iter().map(|one| one.entry.protection).max()
    }

    /// The first day on which a protection lapses.
    pub fn renew_by(&self) -> Option<&str> {
        self.standing.iter().filter_map(|one| one.entry.renew_by.as_deref()).min()
    }
}

#[cfg(test)]
mod tests;
