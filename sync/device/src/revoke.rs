//! A device is lost, handed in, or in somebody else's hands: one act, from any device that may do it.

use wire::{
    envelope::Compartment,
    id::DeviceId,
    log::{CaseState, DeviceState, LogError, OrgState, RevokeReason, Role},
};

use crate::{
    error::{DeviceError, Result},
    session::{Changed, Device, Me, Open},
    vault::{
        commit, logs,
        outbox::{self, Intent},
    },
};

/// Devices that were revoked because somebody else may have had them: what was done there may not be their person's.
pub(crate) fn disputed(org: &OrgState) -> impl Iterator<Item = DeviceId> {
    let is_disputed = |state: &DeviceState| matches!(state.reason, Some(RevokeReason::Lost | RevokeReason::Compromised));
    org.devices().filter(move |(_, state)| is_disputed(state)).map(|(device, _)| *device)
}

impl Device {
    /// From the next sync on nothing more is taken from this device and nothing more is told to it: its access ends, and the
    /// directory and each case get a new key that it is not given. Other devices make what keys this one cannot.
    ///
    /// # Errors
    /// [`DeviceError::UnknownDevice`]; [`DeviceError::NotAllowed`] unless this is a coordinator's device, that of whoever
    /// sees to the machines, or another one of the same person; [`DeviceError::Log`] when it is revoked already, or nobody
    /// who admits would be left.
    pub fn revoke(&self, device: DeviceId, reason: RevokeReason) -> Result<()> {
        self.act(|open, _| decide(open, device, reason))?;
        self.tell(Changed { sync: true, ..Changed::default() });
        Ok(())
    }

    /// The device that is meant: by its id or a unique beginning of it.
    ///
    /// # Errors
    /// [`DeviceError::UnknownDevice`] when none is meant, or more than one.
    pub fn device_called(&self, text: &str) -> Result<DeviceId> {
        let found: Vec<DeviceId> = self.devices()?.into_iter().map(|row| row.id).filter(|id| id.to_string().starts_with(text)).collect();
        match found.as_slice() {
            [one] if !text.is_empty() => Ok(*one),
            _ => Err(DeviceError::UnknownDevice),
        }
    }
}

/// Whether this person may revoke that device: by role, or because it is their own.
pub(crate) fn may(me: &Me, state: &DeviceState) -> bool {
    me.role.revokes() || state.member == me.member
}

/// As [`Device::revoke`], in a vault that is open.
pub(crate) fn decide(open: &mut Open, device: DeviceId, reason: RevokeReason) -> Result<()> {
    let (org, me) = (open.org()?, open.me()?);
    let state = org.device(&device).ok_or(DeviceError::UnknownDevice)?;
    if !may(&me, state) {
        return Err(DeviceError::NotAllowed);
    }
    if state.revoked.is_some() {
        return Err(LogError::Already.into());
    }
    let is_left = |other: &DeviceState| {
        other.card.device != device && other.revoked.is_none() && org.role_of(&other.member).is_some_and(Role::admits)
    };
    if !org.devices().any(|(_, other)| is_left(other)) {
        return Err(LogError::LastCoordinator.into());
    }
    let mut cases = Vec::new();
    for case in logs::cases(open.vault.db())? {
        let both = |case: &CaseState| [me.member, state.member].iter().all(|member| case.is_member(Compartment::Core, member));
        if logs::case(open.vault.db(), case)?.is_some_and(|case| both(&case)) {
            cases.push(case);
        }
    }
    let transaction = open.vault.write()?;
    outbox::intend_again(&transaction, &Intent::Revoke { device, reason })?;
    // In one go with it, so that nobody writes under the old keys in between.
    if device != open.keys.device() {
        if me.role.admits() {
            outbox::intend_again(&transaction, &Intent::Rotate { case: None, compartment: None })?;
        }
        for case in cases {
            outbox::intend_again(&transaction, &Intent::Rotate { case: Some(case), compartment: None })?;
        }
    }
    commit(transaction, "edit")
}
