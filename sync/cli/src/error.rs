//! What can go wrong between the keyboard and the device.

use device::DeviceError;

/// Why a command did nothing, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error("no passphrase was given and there is no terminal to ask on")]
    NoSecret,
    #[error("the two passphrases differ")]
    SecretsDiffer,
    #[error("the passphrase could not be read")]
    SecretFile(#[source] std::io::Error),
    #[error("the keystore file could not be read or made")]
    KeystoreFile(#[source] std::io::Error),
    #[error("a file could not be read")]
    File(#[source] std::io::Error),
    #[error("the text is not UTF-8")]
    NotText,
    #[error("not a certificate")]
    BadCertificate,
    #[error("not a time")]
    BadTime,
    #[error("more than one case is meant")]
    AmbiguousCase,
    #[error("no such thing in the case")]
    UnknownItem,
    #[error("more than one thing in the case is meant")]
    AmbiguousItem,
    #[error("the demo needs empty folders")]
    DemoNotEmpty,
    #[error("the demo could not be made as planned")]
    DemoPlan,
    #[error("the program could not start its work")]
    Runtime(#[source] std::io::Error),
}

impl CliError {
    /// The stable code.
    pub fn code(&self) -> String {
        match self {
            Self::Device(error) => return error.code(),
            Self::NoSecret => "cli.no_secret",
            Self::SecretsDiffer => "cli.secrets_differ",
            Self::SecretFile(_) => "cli.secret_file",
            Self::KeystoreFile(_) => "cli.keystore_file",
            Self::File(_) => "cli.file",
            Self::NotText => "cli.not_text",
            Self::BadCertificate => "cli.bad_certificate",
            Self::BadTime => "cli.bad_time",
            Self::AmbiguousCase => "cli.ambiguous_case",
            Self::UnknownItem => "cli.unknown_item",
            Self::AmbiguousItem => "cli.ambiguous_item",
            Self::DemoNotEmpty => "demo.not_empty",
            Self::DemoPlan => "demo.plan",
            Self::Runtime(_) => "cli.runtime",
        }
        .to_owned()
    }

    /// How things stand with the next try, where this is about a try.
    pub const fn standing(&self) -> Option<device::Standing> {
        match self {
            Self::Device(error) => error.standing(),
            _ => None,
        }
    }
}

/// What most things here answer.
pub type Result<T> = std::result::Result<T, CliError>;
