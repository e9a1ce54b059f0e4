//! Every label that separates one use of a key or hash from another, each once.

/// Log statements, as COSE external data.
pub const LOG: &str = "brobygger/1/log";
/// Statements inside an envelope, as COSE external data.
pub const CONTENT: &str = "brobygger/1/content";
/// Commitment to an epoch key.
pub const EPOCH: &str = "brobygger/1/epoch";
/// Back link from an epoch to the one before.
pub const BACK: &str = "brobygger/1/back";
/// HPKE info of a wrap.
pub const WRAP: &str = "brobygger/1/wrap";
/// Envelope key and commitment.
pub const ENVELOPE: &str = "brobygger/1/env";
/// Sealed part of a log entry.
pub const SEALED_PART: &str = "brobygger/1/part";
/// Automerge actor of a device in a case.
pub const ACTOR: &str = "brobygger/1/actor";
/// Hash of a set of recipients.
pub const MEMBERS: &str = "brobygger/1/members";
/// What a sponsor compares before approving a device.
pub const REQUEST: &str = "brobygger/1/request";
/// Hash by which the server knows an invitation.
pub const INVITATION: &str = "brobygger/1/invitation";
/// Key-encryption key of a keyslot.
pub const KEYSLOT: &str = "brobygger/1/keyslot";
/// What the keystore is asked to authenticate.
pub const KEYSTORE: &str = "brobygger/1/keystore";
/// The count of tries, as the keystore authenticates it.
pub const COUNTER: &str = "brobygger/1/counter";
/// Database key from the device's master key.
pub const DATABASE: &str = "brobygger/1/database";
/// Seeds of the device's own keys, kept in the vault.
pub const DEVICE_KEYS: &str = "brobygger/1/device-keys";
/// Key and commitment of what a device hands in after it was cut off.
pub const QUARANTINE: &str = "brobygger/1/quarantine";
/// Item ids that every device must derive alike.
pub const WORDS: &str = "brobygger/1/words";
/// Secret key of a device's strongroom, and what is put into it.
pub const STRONGROOM: &str = "brobygger/1/strongroom";
/// A notice that a device was opened under duress, as COSE external data.
pub const DURESS: &str = "brobygger/1/duress";

/// All labels, for the inventory test.
pub const ALL: [&str; 20] = [
    LOG,
    CONTENT,
    EPOCH,
    BACK,
    WRAP,
    ENVELOPE,
    SEALED_PART,
    ACTOR,
    MEMBERS,
    REQUEST,
    INVITATION,
    KEYSLOT,
    KEYSTORE,
    COUNTER,
    DATABASE,
    DEVICE_KEYS,
    QUARANTINE,
    WORDS,
    STRONGROOM,
    DURESS,
];

#[cfg(test)]
mod tests;
