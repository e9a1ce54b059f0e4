//! Offers and their steps.

use device::{
    CaseId, Device, Done, ItemId,
    casework::{Edit, OfferKind, OfferStatus, StepChoice},
};
use tauri::State;

use crate::{error::Answer, shell::Shell};

/// Says how far an offer is.
#[tauri::command]
pub async fn set_offer_status(shell: State<'_, Shell>, case: CaseId, offer: OfferKind, status: OfferStatus) -> Answer<Done> {
    shell.edit(move |device| device.edit(case, Edit::SetOfferStatus { offer, status })).await
}

/// Adds a step to an offer.
#[tauri::command]
pub async fn add_step(
    shell: State<'_, Shell>,
    case: CaseId,
    offer: OfferKind,
    title: String,
    template: Option<String>,
    owner: Option<String>,
    due: Option<String>,
) -> Answer<Done> {
    let add = move |device: &Device| device.edit(case, Edit::AddStep { offer, id: device.new_item(), title, template, owner, due });
    shell.edit(add).await
}

/// Ticks a step off, or not.
#[tauri::command]
pub async fn set_step_done(shell: State<'_, Shell>, case: CaseId, offer: OfferKind, step: ItemId, done: bool) -> Answer<Done> {
    shell.edit(move |device| device.edit(case, Edit::SetStepDone { offer, step, done, on: device.day_done(done) })).await
}

/// Takes a step away.
#[tauri::command]
pub async fn remove_step(shell: State<'_, Shell>, case: CaseId, offer: OfferKind, step: ItemId) -> Answer<Done> {
    shell.edit(move |device| device.edit(case, Edit::RemoveStep { offer, step })).await
}

/// The usual steps of every offer.
#[tauri::command]
pub async fn step_templates(shell: State<'_, Shell>) -> Answer<Vec<StepChoice>> {
    shell.with(Device::step_templates).await
}
