//! Everything a device does to the world: the vault, the courier, unlocking and locking, and the API of the whole app
//! without its face. The app and the command line drive this and hold no rule of their own.

#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects,
        clippy::panic
    )
)]

mod access;
mod act;
mod address;
mod again;
mod attempts;
mod breach;
mod compose;
mod courier;
pub mod crash;
mod digest;
mod doctor;
mod duress;
mod end;
mod enrol;
mod error;
mod find;
mod fold;
mod forced;
mod hand_in;
mod harden;
mod heartbeat;
mod host;
mod leave;
mod ledger;
mod look;
mod meet;
mod policy;
mod propose;
mod quarantine;
mod renew;
mod repair;
mod revoke;
mod road;
mod roster;
mod session;
mod stock;
mod strongroom;
mod tally;
mod team;
mod testify;
mod vault;
mod verify;
mod wipe;

pub use access::AccessRow;
pub use act::Done;
pub use address::{AddressShow, AddressStanding, AddressVersion, ReleaseAsked, Releasing};
pub use attempts::Standing;
pub use breach::{BreachCase, BreachSheet};
pub use casework;
pub use courier::{Courier, SyncReport};
pub use doctor::{Checkup, Lying};
pub use end::{Ending, Erasing, Erasure, ErasureProposal, ErasureReceipt};
pub use enrol::{Invited, Request, check_invitation};
pub use error::{DeviceError, Result};
pub use find::{SearchGroup, SearchHit, SearchPart, SearchView};
pub use forced::{Told, tell as tell_duress};
pub use harden::harden;
pub use host::{Host, Keystore, SoftwareKeystore, SystemHost};
pub use look::{CodeCount, DeviceRow, Person, SyncLine, SyncSheet, SyncState, WaitingItems, Whoami};
pub use policy::PolicyAsked;
pub use quarantine::Quarantined;
pub use road::{Cut, HttpRoad, Patience, Road, RoadAnswer, RoadRequest, is_allowed_url, reach};
pub use roster::{Awaited, DeviceStanding, Roster, RosterDevice};
pub use seal::keyslot::Cost;
pub use session::{Changed, Device, Me};
pub use stock::Stock;
pub use tally::{Facts, Inside, Tally, utc_day};
pub use team::{Pending, Reader};
pub use vault::{SCHEMA, projections::Hit};
pub use verify::Verified;
pub use wire::{
    exchange::{IDLE_MS, QUIET_MS},
    id::{CaseId, DeviceId, Digest, ItemId, MemberId, OrgId},
    log::{AppVersion, EraseBasis, RevokeReason, Role},
};
