//! Who asked for admission, and how one of them is let in: by the whole REQUEST, or by words that somebody reads aloud.

use wire::{
    cbor,
    message::{Asked, REQUESTS_PATH},
};

use super::{
    Courier,
    said::{MOST_SAID, refusal, whole_body},
    signed,
};
use crate::{
    enrol::Request,
    error::{DeviceError, Result},
    propose,
    road::Cut,
};

impl Courier {
    /// Those who asked for admission and wait.
    ///
    /// # Errors
    /// [`DeviceError::Offline`], [`DeviceError::Refused`].
    pub async fn requests(&self) -> Result<Vec<Request>> {
        let asked = self.asked().await?;
        self.device.describe_requests(&asked)
    }

    /// Approves the device that shows this REQUEST; it is admitted with the next sync. The secret is asked for again: whoever takes an
    /// open device out of a hand lets nobody in.
    ///
    /// # Errors
    /// [`DeviceError::WrongSecret`] and [`DeviceError::Wait`] as for unlocking; [`DeviceError::NoSuchRequest`] when nobody asked with
    /// exactly these keys.
    pub async fn approve(&self, request: &str, device_name: &str, secret: &[u8]) -> Result<()> {
        self.device.confirm(secret)?;
        let asked = self.asked().await?;
        self.device.intend_admission(request, &asked, device_name)
    }

    /// Approves the device of which somebody far away reads the seven words aloud to whoever knows the voice. There is one try: where the
    /// words are others, nobody is let in by that invitation on this device any more.
    ///
    /// # Errors
    /// As [`Courier::approve`]; [`DeviceError::NotWords`] for what cannot be seven words, which is no try; [`DeviceError::WordsDiffer`] for others.
    pub async fn approve_spoken(&self, person: &str, words: &str, device_name: &str, secret: &[u8]) -> Result<()> {
        let said = propose::spoken(words).ok_or(DeviceError::NotWords)?;
        self.device.confirm(secret)?;
        let asked = self.asked().await?;
        let is_meant = |one: &Request| one.person == person || one.member.to_string() == person;
        let of_them: Vec<Request> = self.device.describe_requests(&asked)?.into_iter().filter(is_meant).collect();
        if of_them.is_empty() {
            return Err(DeviceError::NoSuchRequest);
        }
        let Some(same) = of_them.iter().find(|one| one.words == said) else {
            for one in &of_them {
                self.device.refuse_request(&one.id, &asked)?;
            }
            return Err(DeviceError::WordsDiffer);
        };
        self.device.intend_admission(&same.id, &asked, device_name)
    }

    /// Says that the device which shows this REQUEST shows other words: nobody is let in by that invitation here.
    ///
    /// # Errors
    /// As [`Courier::requests`]; [`DeviceError::NoSuchRequest`].
    pub async fn refuse(&self, request: &str) -> Result<()> {
        let asked = self.asked().await?;
        self.device.refuse_request(request, &asked)
    }

    async fn asked(&self) -> Result<Vec<Asked>> {
        let request = self.device.with(|open, host| signed(open, host.now_ms(), "GET", REQUESTS_PATH, None))?;
        let answer = self.go(request).await.map_err(|Cut| DeviceError::Offline)?;
        let (status, body) = whole_body(answer, MOST_SAID).await?;
        if status != 200 {
            return Err(refusal(&body));
        }
        cbor::decode(&body).map_err(|_| DeviceError::BadAnswer)
    }
}
