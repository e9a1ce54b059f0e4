//! What can go wrong on a device: a stable code for the face, whether trying again helps, nothing personal.

use wire::log::LogError;

use crate::attempts::Standing;

/// Why a device did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    #[error("there is no vault in this folder yet")]
    NoVault,
    #[error("there is a vault in this folder already")]
    VaultExists,
    #[error("the vault is locked")]
    Locked,
    #[error("the vault is open in another program")]
    InUse,
    #[error("the keyslots do not open: {0}")]
    Slot(#[from] seal::keyslot::SlotError),
    #[error("no slot opens with this secret")]
    WrongSecret(Standing),
    #[error("too many wrong tries: the next has to wait")]
    Wait(Standing),
    #[error("the vault is damaged")]
    Damaged,
    #[error("the disk is full")]
    Full,
    #[error("the vault was written by a newer version of this app")]
    Newer,
    #[error("the vault can only be read now")]
    ReadOnly,
    #[error("the disk takes nothing from this person")]
    ReadOnlyDisk,
    #[error("the organisation demands a newer version of this app")]
    Outdated,
    #[error("this device was put back from a copy")]
    Restored,
    #[error("this app is older than the version to be demanded")]
    VersionAhead,
    #[error("the passphrase is too weak")]
    WeakSecret,
    #[error("a PIN needs a keystore, which this device does not have")]
    NoKeystore,
    #[error("the vault did not take it")]
    Database(#[source] rusqlite::Error),
    #[error("a file could not be read or written")]
    File(#[source] std::io::Error),
    #[error("a key is wrong: {0}")]
    Key(#[from] seal::KeyError),
    #[error("a log entry was refused: {0}")]
    Log(#[from] LogError),
    #[error("the case did not take it: {0}")]
    Case(#[from] casework::EditError),
    #[error("the document is damaged: {0}")]
    Document(#[from] casework::CaseError),
    #[error("this device belongs to no organisation yet")]
    NoOrganisation,
    #[error("this device belongs to an organisation already")]
    HasOrganisation,
    #[error("that text is not an invitation")]
    BadInvitation,
    #[error("nobody asked with that request")]
    NoSuchRequest,
    #[error("the words that were compared are not the same")]
    WordsDiffer,
    #[error("that is not seven words of the list")]
    NotWords,
    #[error("no such case on this device")]
    UnknownCase,
    #[error("what this person wrote in the case before is not here again yet")]
    Incomplete,
    #[error("no such person in the organisation")]
    UnknownPerson,
    #[error("no such device in the organisation")]
    UnknownDevice,
    #[error("this role may not do that")]
    NotAllowed,
    #[error("addresses open only after the secret was given again")]
    AddressLocked,
    #[error("this person may not see the address now")]
    NotReleased,
    #[error("two people entered different addresses, and nobody has decided")]
    AddressDisputed,
    #[error("nobody has entered an address")]
    NoAddress,
    #[error("the key of the address is not here yet")]
    AddressAway,
    #[error("nothing with this name is in quarantine, or it is decided")]
    UnknownItem,
    #[error("the organisation cut this device off, and it is empty now")]
    Wiped,
    #[error("the server could not be reached")]
    Offline,
    #[error("the server refused: {code}")]
    Refused { code: String },
    #[error("the server's answer makes no sense")]
    BadAnswer,
    #[error("too much came that cannot be taken in yet")]
    Backlog,
    #[error("the undo is too old, or was used")]
    UndoGone,
    #[error("{0}")]
    Demo(&'static str),
}

impl DeviceError {
    /// The code of a device that was emptied because it was cut off.
    pub(crate) const WIPED: &'static str = "device.wiped";

    /// The stable code.
    pub fn code(&self) -> String {
        match self {
            Self::NoVault => "vault.none",
            Self::VaultExists => "vault.exists",
            Self::Locked => "vault.locked",
            Self::InUse => "vault.in_use",
            Self::Slot(error) => error.code(),
            Self::WrongSecret(_) => seal::keyslot::SlotError::WrongSecret.code(),
            Self::Wait(_) => "vault.wait",
            Self::Damaged => "vault.damaged",
            Self::Full => "vault.full",
            Self::Newer => "vault.newer",
            Self::ReadOnly => "vault.read_only",
            Self::ReadOnlyDisk => "vault.read_only_disk",
            Self::Outdated => "org.min_version",
            Self::Restored => RESTORED,
            Self::VersionAhead => "org.version_ahead",
            Self::WeakSecret => "vault.weak_secret",
            Self::NoKeystore => "vault.no_keystore",
            Self::Database(_) => "vault.database",
            Self::File(_) => "vault.file",
            Self::Key(error) => error.code(),
            Self::Log(error) => error.code(),
            Self::Case(error) => error.code(),
            Self::Document(error) => error.code(),
            Self::NoOrganisation => "org.none",
            Self::HasOrganisation => "org.exists",
            Self::BadInvitation => "enrol.bad_invitation",
            Self::NoSuchRequest => "enrol.no_such_request",
            Self::WordsDiffer => "enrol.words_differ",
            Self::NotWords => "enrol.not_words",
            Self::UnknownCase => "case.unknown",
            Self::Incomplete => "case.incomplete",
            Self::UnknownPerson => "people.unknown",
            Self::UnknownDevice => "device.unknown",
            Self::NotAllowed => "role.not_allowed",
            Self::AddressLocked => "address.locked",
            Self::NotReleased => "address.not_released",
            Self::AddressDisputed => "address.disputed",
            Self::NoAddress => "address.none",
            Self::AddressAway => "address.away",
            Self::UnknownItem => "quarantine.unknown",
            Self::Wiped => Self::WIPED,
            Self::Offline => "net.offline",
            Self::Refused { code } => return code.clone(),
            Self::BadAnswer => "net.bad_answer",
            Self::Backlog => crate::vault::inbox::BACKLOG,
            Self::UndoGone => "undo.gone",
            Self::Demo(_) => "demo.refused",
        }
        .to_owned()
    }

    /// Whether the same call can succeed later without a person doing anything else.
    pub const fn is_permanent(&self) -> bool {
        !matches!(self, Self::Offline | Self::InUse | Self::Full | Self::Wait(_))
    }

    /// How things stand with the next try, where this is about a try.
    pub const fn standing(&self) -> Option<Standing> {
        match self {
            Self::WrongSecret(standing) | Self::Wait(standing) => Some(*standing),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for DeviceError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            _ => Self::Database(error),
        }
    }
}

impl From<std::io::Error> for DeviceError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            std::io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnlyDisk,
            _ => Self::File(error),
        }
    }
}

/// What most things here answer.
/// The code of a device that was put back from a copy.
pub(crate) const RESTORED: &str = "vault.restored";

pub type Result<T> = std::result::Result<T, DeviceError>;
