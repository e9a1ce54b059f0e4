//! Founding an organisation, inviting, asking for admission, approving.

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use minicbor::{Decode, Encode, bytes::ByteVec};
use rusqlite::Connection;
use seal::{
    Keychain,
    keychain::wrap_refs,
    part::{Place, seal_part},
};
use wire::{
    cbor,
    envelope::Stream,
    id::{DeviceId, Digest, MemberId, OrgId},
    log::{Act, Entry, InvitationState, LogError, LogId, OrgAct, OrgState, Role, Statement, VERSION, invitation_hash},
    message::{Admission, Asked, Founding},
    signature::sha256,
};

use crate::{
    error::{DeviceError, Result},
    host::Dice,
    propose::words_of,
    road::is_allowed_url,
    session::{Changed, Device, Me, Open},
    vault::{
        commit, documents, keys, logs, meta,
        outbox::{self, Intent},
        projections,
    },
};

/// How long an invitation is good for, in milliseconds: a day.
pub const INVITATION_MS: i64 = 24 * 60 * 60 * 1000;
const PREFIX: &str = "bb1-";
/// Most refused invitations that are remembered; each is good for a day only.
const MOST_REFUSED: usize = 256;

/// Names in the sealed part of a log entry: subject (organisation, person or device) and what it is called.
pub(crate) type Names = Vec<(ByteVec, String)>;

/// What an invitation carries. It gives the right to ask, nothing more.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Invitation {
    #[n(0)]
    version: u8,
    #[n(1)]
    pub org: OrgId,
    #[n(2)]
    pub server: String,
    #[cbor(n(3), with = "minicbor::bytes")]
    pub token: [u8; 16],
    #[n(4)]
    pub certificates: Vec<ByteVec>,
}

impl Invitation {
    fn to_text(&self) -> String {
        format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&cbor::encode(self)))
    }

    pub fn from_text(text: &str) -> Result<Self> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(DeviceError::BadInvitation)?;
        let bytes = BASE64URL_NOPAD.decode(encoded.as_bytes()).map_err(|_| DeviceError::BadInvitation)?;
        let invitation: Self = cbor::decode(&bytes).map_err(|_| DeviceError::BadInvitation)?;
        if invitation.version == 1 && is_allowed_url(&invitation.server) { Ok(invitation) } else { Err(DeviceError::BadInvitation) }
    }
}

/// Whether a text is an invitation, before there is a vault for it.
///
/// # Errors
/// [`DeviceError::BadInvitation`].
pub fn check_invitation(text: &str) -> Result<()> {
    Invitation::from_text(text).map(drop)
}

/// A new invitation, to be handed over by the person who made it.
#[derive(Debug, Clone, serde::Serialize, ts_rs::TS)]
pub struct Invited {
    pub invitation: String,
    /// Unix milliseconds.
    #[ts(type = "number")]
    pub expires: i64,
}

/// Somebody who asked for admission.
#[derive(Debug, Clone, serde::Serialize, ts_rs::TS)]
pub struct Request {
    /// The REQUEST as the other device shows it: compare before approving.
    pub id: String,
    /// Whom the invitation was made for.
    pub person: String,
    pub member: MemberId,
    /// Seven words that the other device shows too: the same comparison, shorter.
    pub words: Vec<String>,
}

/// How a REQUEST is written: base32 in groups of four.
fn request_text(hash: &Digest) -> String {
    let text = BASE32_NOPAD.encode(hash.as_bytes());
    let groups: Vec<String> = text.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    groups.join("-")
}

fn same_request(text: &str, hash: &Digest) -> bool {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    plain(text) == plain(&request_text(hash))
}

impl Device {
    /// Founds an organisation with this device as its first; it reaches the server with the next sync.
    ///
    /// # Errors
    /// [`DeviceError::HasOrganisation`] when this device belongs to one.
    pub fn found_organisation(
        &self,
        server: &str,
        certificates: Vec<Vec<u8>>,
        name: &str,
        person: &str,
        device_name: &str,
    ) -> Result<OrgId> {
        if !is_allowed_url(server) {
            return Err(DeviceError::Refused { code: "net.insecure".to_owned() });
        }
        self.act(|open, host| {
            if open.org().is_ok() || meta::get(open.vault.db(), meta::JOINING)?.is_some() {
                return Err(DeviceError::HasOrganisation);
            }
            let mut dice = Dice(host);
            let now_ms = host.now_ms();
            let member = MemberId::from_bytes(dice.roll());
            let device = open.keys.device();
            let certificates: Vec<ByteVec> = certificates.into_iter().map(ByteVec::from).collect();
            let mut entries = Vec::new();
            let statement = |org: Option<&OrgState>, act: OrgAct, sealed: Option<Vec<u8>>| org_statement(org, device, now_ms, act, sealed);
            let found = sign(open, &statement(None, OrgAct::Found { member, card: open.keys.card().clone() }, None))?;
            let mut state = OrgState::found(&found)?;
            let org = state.org();
            let mut keychain = Keychain::new(Stream::DIRECTORY);
            let (epoch, wraps) = keychain.make_epoch(&org, 1, &[open.keys.card()], &open.keys, &mut dice)?;
            let names: Names = vec![
                (org.as_bytes().to_vec().into(), name.to_owned()),
                (member.as_bytes().to_vec().into(), person.to_owned()),
                (device.as_bytes().to_vec().into(), device_name.to_owned()),
            ];
            let sealed = seal_names(&keychain, org, 1, 1, &names, &mut dice)?;
            let epoch = sign(open, &statement(Some(&state), OrgAct::Epoch(epoch), Some(sealed)))?;
            state.apply(&epoch)?;
            let server_entry =
                sign(open, &statement(Some(&state), OrgAct::Server { url: server.to_owned(), certificates: certificates.clone() }, None))?;
            state.apply(&server_entry)?;
            for entry in [&found, &epoch, &server_entry] {
                entries.push(ByteVec::from(entry.bytes().to_vec()));
            }
            let founding = Founding { entries, wraps };
            let transaction = open.vault.write()?;
            for entry in [&found, &epoch, &server_entry] {
                logs::append(&transaction, entry)?;
            }
            logs::set_org(&transaction, &state)?;
            keys::keep(&transaction, &keychain)?;
            for (subject, name) in &names {
                projections::set_name(&transaction, subject, name)?;
            }
            meta::set(&transaction, meta::ORG, org.as_bytes())?;
            meta::set(&transaction, meta::SERVER, server.as_bytes())?;
            meta::set(&transaction, meta::CERTIFICATES, &cbor::encode(&certificates))?;
            meta::set(&transaction, meta::FOUNDING, &cbor::encode(&founding))?;
            commit(transaction, "found")?;
            open.set_org(state);
            Ok(org)
        })
    }

    /// The server to which a founding still has to go; none once it has taken it.
    ///
    /// # Errors
    /// When locked, or the database fails.
    pub fn founding_at(&self) -> Result<Option<String>> {
        self.with(|open, _| {
            let db = open.vault.db();
            let server = meta::get(db, meta::FOUNDING)?.and(meta::get(db, meta::SERVER)?);
            server.map(|url| String::from_utf8(url).map_err(|_| DeviceError::Damaged)).transpose()
        })
    }

    /// Takes back a founding that the server would not have, so that another can be tried.
    ///
    /// # Errors
    /// [`DeviceError::HasOrganisation`] when the server has it, or a case was made since.
    pub fn withdraw_founding(&self) -> Result<()> {
        self.act(|open, _| {
            let transaction = open.vault.write()?;
            if meta::get(&transaction, meta::FOUNDING)?.is_none() || !documents::all(&transaction)?.is_empty() {
                return Err(DeviceError::HasOrganisation);
            }
            for table in ["log_entry", "log_state", "epoch_key", "name", "intent", "outbox", "inbox"] {
                transaction.execute(&format!("DELETE FROM {table}"), [])?;
            }
            for key in [meta::FOUNDING, meta::ORG, meta::SERVER, meta::CERTIFICATES, meta::CURSOR, meta::INCARNATION] {
                meta::remove(&transaction, key)?;
            }
            commit(transaction, "found")?;
            open.leave_org();
            Ok(())
        })
    }

    /// Invites a person by a name, or by their id somebody who is here already, in their role, with a further device. A name
    /// alone names nobody: people may be called the same.
    ///
    /// # Errors
    /// [`DeviceError::NotAllowed`] unless this is a coordinator's device.
    pub fn invite(&self, person: &str, role: Role) -> Result<Invited> {
        let invited = self.act(|open, host| {
            let me = open.me()?;
            // Who may give a second signature brings in further devices of their own.
            let is_own = me.role.countersigns() && me.role == role && person.parse() == Ok(me.member);
            if !me.role.admits() && !is_own {
                return Err(DeviceError::NotAllowed);
            }
            let org = open.org()?;
            let mut dice = Dice(host);
            let token: [u8; 16] = dice.roll();
            let expires = host.now_ms().saturating_add(INVITATION_MS);
            let known = person.parse::<MemberId>().ok().filter(|id| org.members().any(|(known, state)| known == id && state.role == role));
            let name = match known {
                Some(id) => projections::name(open.vault.db(), id.as_bytes())?.unwrap_or_default(),
                None => person.to_owned(),
            };
            let member = known.unwrap_or_else(|| MemberId::from_bytes(dice.roll()));
            let (server, certificates) = org.server().ok_or(DeviceError::NoOrganisation)?;
            let invitation =
                Invitation { version: 1, org: org.org(), server: server.to_owned(), token, certificates: certificates.to_vec() };
            let intent = Intent::Invite { invitation: invitation_hash(&token), member, role, expires_ms: expires, name };
            let transaction = open.vault.write()?;
            outbox::intend(&transaction, &intent)?;
            commit(transaction, "edit")?;
            Ok(Invited { invitation: invitation.to_text(), expires })
        })?;
        self.tell(Changed { sync: true, ..Changed::default() });
        Ok(invited)
    }

    /// Answers an invitation: from here on every sync asks whether this device was admitted. Gives the REQUEST to show.
    /// Until it is admitted, another invitation may be answered instead: the first may have been too old.
    ///
    /// # Errors
    /// [`DeviceError::BadInvitation`], [`DeviceError::HasOrganisation`].
    pub fn join(&self, invitation: &str) -> Result<String> {
        let invitation = Invitation::from_text(invitation)?;
        self.act(|open, _| {
            if open.org().is_ok() {
                return Err(DeviceError::HasOrganisation);
            }
            let transaction = open.vault.write()?;
            meta::set(&transaction, meta::JOINING, &cbor::encode(&invitation))?;
            meta::set(&transaction, meta::ORG, invitation.org.as_bytes())?;
            meta::set(&transaction, meta::SERVER, invitation.server.as_bytes())?;
            meta::set(&transaction, meta::CERTIFICATES, &cbor::encode(&invitation.certificates))?;
            commit(transaction, "found")?;
            Ok(request_text(&open.keys.card().request_hash(&invitation_hash(&invitation.token))))
        })
    }

    /// What people compare of this device's keys: SHA-256 of its card, in lower-case base32.
    ///
    /// # Errors
    /// When locked.
    pub fn fingerprint(&self) -> Result<String> {
        self.with(|open, _| Ok(sha256(&[&cbor::encode(open.keys.card())]).to_string()))
    }

    /// The server this device goes to; none before it founded an organisation or was invited to one.
    ///
    /// # Errors
    /// When locked, or the database fails.
    pub fn server(&self) -> Result<Option<String>> {
        self.with(|open, _| Ok(meta::get(open.vault.db(), meta::SERVER)?.map(|url| String::from_utf8_lossy(&url).into_owned())))
    }

    /// The REQUEST this device shows while it waits for admission.
    ///
    /// # Errors
    /// When locked.
    pub fn pending_request(&self) -> Result<Option<String>> {
        self.with(|open, _| {
            let joining: Option<Invitation> = joining(open)?;
            Ok(joining.map(|invitation| request_text(&open.keys.card().request_hash(&invitation_hash(&invitation.token)))))
        })
    }

    /// The seven words this device shows with its REQUEST while it waits for admission; none when it does not wait.
    ///
    /// # Errors
    /// When locked.
    pub fn pending_words(&self) -> Result<Vec<String>> {
        self.with(|open, _| {
            let hash = |invitation: Invitation| open.keys.card().request_hash(&invitation_hash(&invitation.token));
            Ok(joining(open)?.map(|invitation| words_of(&hash(invitation))).unwrap_or_default())
        })
    }

    /// Those who asked, with what the organisation knows of their invitation.
    pub(crate) fn describe_requests(&self, asked: &[Asked]) -> Result<Vec<Request>> {
        self.with(|open, _| {
            let org = open.org()?;
            let (mut requests, refused) = (Vec::new(), refused(open.vault.db())?);
            for one in asked {
                let is_open = |hash: &Digest, state: &InvitationState| *hash == one.invitation && !state.used && !refused.contains(hash);
                let Some((_, invited)) = org.invitations().find(|(hash, state)| is_open(hash, state)) else { continue };
                let hash = one.card.request_hash(&one.invitation);
                let person = projections::name(open.vault.db(), invited.member.as_bytes())?.unwrap_or_default();
                requests.push(Request { id: request_text(&hash), person, member: invited.member, words: words_of(&hash) });
            }
            Ok(requests)
        })
    }

    /// Takes up the admission of the device whose REQUEST a person has compared.
    pub(crate) fn intend_admission(&self, request: &str, asked: &[Asked], device_name: &str) -> Result<()> {
        self.act(|open, _| {
            let me = open.me()?;
            if !me.role.countersigns() {
                return Err(DeviceError::NotAllowed);
            }
            let one = asked.iter().find(|one| same_request(request, &one.card.request_hash(&one.invitation)));
            let one = one.ok_or(DeviceError::NoSuchRequest)?;
            if refused(open.vault.db())?.contains(&one.invitation) {
                return Err(DeviceError::WordsDiffer);
            }
            let org = open.org()?;
            let invited = org.invitations().find(|(hash, _)| **hash == one.invitation).map(|(_, state)| state);
            let is_own = invited.is_some_and(|invited| invited.member == me.member);
            match invited.and_then(|invited| invited.by) {
                // Who invited somebody who may sign as a second person is not the one who admits them.
                Some(by) if by == me.member => return Err(LogError::NeedsSecondPerson.into()),
                None if !me.role.admits() && !is_own => return Err(DeviceError::NotAllowed),
                _ => {}
            }
            let intent = Intent::AddDevice { invitation: one.invitation, card: one.card.clone(), name: device_name.to_owned() };
            let transaction = open.vault.write()?;
            outbox::intend_again(&transaction, &intent)?;
            commit(transaction, "edit")
        })?;
        self.tell(Changed { sync: true, ..Changed::default() });
        Ok(())
    }

    /// The words were others: on this device nobody is let in any more by the invitation that was answered with this REQUEST.
    ///
    /// # Errors
    /// [`DeviceError::NoSuchRequest`] when nobody asked with exactly these keys.
    pub(crate) fn refuse_request(&self, request: &str, asked: &[Asked]) -> Result<()> {
        self.act(|open, _| {
            let one = asked.iter().find(|one| same_request(request, &one.card.request_hash(&one.invitation)));
            let invitation = one.ok_or(DeviceError::NoSuchRequest)?.invitation;
            let mut refused = refused(open.vault.db())?;
            refused.retain(|known| *known != invitation);
            refused.push(invitation);
            let late = refused.len().saturating_sub(MOST_REFUSED);
            refused.drain(..late);
            meta::set(open.vault.db(), meta::REFUSED_REQUESTS, &cbor::encode(&refused))
        })
    }

    /// Who uses this device.
    ///
    /// # Errors
    /// [`DeviceError::NoOrganisation`] before admission.
    pub fn me(&self) -> Result<Me> {
        self.with(|open, _| open.me())
    }
}

/// Invitations by which nobody is let in on this device, because the words differed; the latest last.
fn refused(db: &Connection) -> Result<Vec<Digest>> {
    let kept = meta::get(db, meta::REFUSED_REQUESTS)?;
    kept.map_or(Ok(Vec::new()), |bytes| cbor::decode(&bytes).map_err(|_| DeviceError::Damaged))
}

/// The invitation this device answered, while it waits.
pub(crate) fn joining(open: &crate::session::Open) -> Result<Option<Invitation>> {
    let blob = meta::get(open.vault.db(), meta::JOINING)?;
    blob.map(|bytes| cbor::decode(&bytes).map_err(|_| DeviceError::Damaged)).transpose()
}

/// The request for admission, as it is posted.
pub(crate) fn admission(open: &crate::session::Open) -> Result<Option<Admission>> {
    Ok(joining(open)?.map(|invitation| Admission { token: invitation.token, card: open.keys.card().clone() }))
}

/// The next statement of the organisation's log.
pub(crate) fn org_statement(org: Option<&OrgState>, signer: DeviceId, now_ms: i64, act: OrgAct, sealed: Option<Vec<u8>>) -> Statement {
    let head = org.map(OrgState::head);
    Statement {
        version: VERSION,
        org: org.map(OrgState::org),
        log: LogId::Org,
        seq: head.map_or(0, |head| head.seq.saturating_add(1)),
        prev: head.map_or(Digest::ZERO, |head| head.hash),
        org_head: None,
        signer,
        claimed_ms: now_ms,
        act: Act::Org(act),
        sealed,
    }
}

/// Signs a statement of this device.
pub(crate) fn sign(open: &crate::session::Open, statement: &Statement) -> Result<Entry> {
    Ok(Entry::decode(&open.keys.sign_entry(statement))?)
}

/// Seals names for a place in the organisation's log: CBOR `[epoch, sealed]`.
pub(crate) fn seal_names(keychain: &Keychain, org: OrgId, seq: u64, epoch: u32, names: &Names, dice: &mut Dice<'_>) -> Result<Vec<u8>> {
    let key = keychain.key(epoch).ok_or(seal::KeyError::Hole)?;
    let place = Place { org, log: LogId::Org, seq };
    let sealed = seal_part(&place, epoch, key, &cbor::encode(names), dice)?;
    Ok(cbor::encode(&(epoch, ByteVec::from(sealed))))
}

/// Names the wraps of an epoch as a log entry does.
pub(crate) fn one_wrap(wraps: &[wire::message::Wrap]) -> Result<wire::log::WrapRef> {
    wrap_refs(wraps).into_iter().next().ok_or(DeviceError::Key(seal::KeyError::Broken))
}

/// Where the server of this vault is.
pub(crate) fn server_of(open: &Open) -> Result<String> {
    let server = meta::get(open.vault.db(), meta::SERVER)?.ok_or(DeviceError::NoOrganisation)?;
    String::from_utf8(server).map_err(|_| DeviceError::Damaged)
}

/// The certificates (DER) that the server may show; none where the system's authorities are trusted.
pub(crate) fn certificates_of(open: &Open) -> Result<Vec<ByteVec>> {
    let kept = meta::get(open.vault.db(), meta::CERTIFICATES)?.unwrap_or_default();
    if kept.is_empty() { Ok(Vec::new()) } else { cbor::decode(&kept).map_err(|_| DeviceError::Damaged) }
}

#[cfg(test)]
mod tests;
