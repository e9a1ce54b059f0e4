//! What holds for everybody's app: one person decides it while nobody else could sign, and two from then on.

use wire::{
    id::Digest,
    log::{AppVersion, MAX_PROPOSAL_MS, OrgAct, Policy, PolicyProposal},
};

use crate::{
    act::Called,
    compose::{Ahead, SLACK_MS, server_now},
    error::{DeviceError, Result},
    host::Host,
    session::{Changed, Device, Open},
    vault::outbox::{self, Intent},
};

/// What somebody asked for everybody, and another person has to agree to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct PolicyAsked {
    /// Hash of the entry that proposed it.
    #[ts(type = "string")]
    pub id: Digest,
    /// The oldest app that may write, where it is about that.
    pub version: Option<String>,
    /// Address of the server, where it is about that, or about its certificates.
    pub server: Option<String>,
    /// Who proposed it.
    pub by: String,
    /// Whether whoever asks may be the second person.
    pub may_agree: bool,
    /// Unix milliseconds.
    #[ts(type = "number")]
    pub expires: i64,
}

impl Device {
    /// Demands that everybody in the organisation has at least this version of the app; reaches them with the next
    /// syncs. An older app reads on, sends what it had sealed, and writes nothing new. Answers whether one person decides it; where
    /// two have to, it is proposed and holds once somebody else agrees.
    ///
    /// # Errors
    /// [`DeviceError::NotAllowed`] unless this is a coordinator's device; [`DeviceError::VersionAhead`] when this app is
    /// older itself.
    pub fn demand_version(&self, version: AppVersion) -> Result<bool> {
        let alone = self.act(|open, host| {
            if !open.me()?.role.admits() {
                return Err(DeviceError::NotAllowed);
            }
            is_here(host, version)?;
            outbox::intend_again(open.vault.db(), &Intent::MinVersion { version })?;
            Ok(!open.org()?.has_second_person(u64::MAX))
        })?;
        self.tell(Changed { sync: true, ..Changed::default() });
        Ok(alone)
    }

    /// What waits for a second person, what ends first before the others.
    ///
    /// # Errors
    /// [`DeviceError::NoOrganisation`], or the database fails.
    pub fn policies_asked(&self) -> Result<Vec<PolicyAsked>> {
        self.with(|open, host| {
            let (org, me, names, now_ms) = (open.org()?, open.me()?, Called::read(open)?, server_now(open, host)?);
            let row = |(id, known): (&Digest, &PolicyProposal)| {
                let (version, server) = match &known.what {
                    Policy::Server { url, .. } => (None, Some(url.clone())),
                    Policy::MinVersion { version } => (Some(version.to_string()), None),
                };
                let may_agree = known.by != me.member && me.role.countersigns();
                PolicyAsked { id: *id, version, server, by: names.member_name(known.by), may_agree, expires: known.expires_ms }
            };
            let mut asked: Vec<PolicyAsked> = org.proposals().filter(|(_, known)| known.expires_ms >= now_ms).map(row).collect();
            asked.sort_by_key(|one| (one.expires, one.id));
            Ok(asked)
        })
    }

    /// Agrees, as the second person, to what somebody else proposed for everybody; it holds with the next sync. The secret is asked
    /// for again: whoever takes an open device out of a hand agrees to nothing.
    ///
    /// # Errors
    /// What [`Device::confirm`] gives; [`DeviceError::NotAllowed`] when nothing of that name waits that this person may agree to;
    /// [`DeviceError::VersionAhead`] when it demands a newer app than this one.
    pub fn agree_to_policy(&self, id: Digest, secret: &[u8]) -> Result<()> {
        self.confirm(secret)?;
        self.act(|open, host| {
            let (org, me, now_ms) = (open.org()?, open.me()?, server_now(open, host)?);
            let waits = |known: &PolicyProposal| known.by != me.member && known.expires_ms >= now_ms && me.role.countersigns();
            let known = org.proposals().find(|(hash, known)| **hash == id && waits(known)).ok_or(DeviceError::NotAllowed)?.1;
            if let Policy::MinVersion { version } = known.what {
                is_here(host, version)?;
            }
            outbox::intend_again(open.vault.db(), &Intent::Agree { proposal: id })
        })?;
        self.tell(Changed { sync: true, ..Changed::default() });
        Ok(())
    }
}

/// Nobody demands of others what their own app is not.
fn is_here(host: &dyn Host, version: AppVersion) -> Result<()> {
    if version > host.app_version() { Err(DeviceError::VersionAhead) } else { Ok(()) }
}

/// The act that decides it, as the log is now: alone, or proposed to another person.
pub(crate) fn act(open: &Open, host: &dyn Host, ahead: &Ahead, what: Policy) -> Result<OrgAct> {
    if ahead.org.has_second_person(ahead.org.head().seq.saturating_add(1)) {
        // By the server's clock, and by the one that the entry will be dated by, it lives no longer than it may.
        let latest = server_now(open, host)?.saturating_sub(SLACK_MS).min(host.now_ms());
        return Ok(OrgAct::Propose { what, expires_ms: latest.saturating_add(MAX_PROPOSAL_MS) });
    }
    Ok(match what {
        Policy::Server { url, certificates } => OrgAct::Server { url, certificates },
        Policy::MinVersion { version } => OrgAct::MinVersion { version },
    })
}
