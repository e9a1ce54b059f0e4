//! Offers and their steps.

use std::sync::Arc;

use device::{
    CaseId, Device, ItemId,
    casework::{Edit, OfferKind},
};
use serde_json::json;

use super::{find_case, find_item, open_case};
use crate::{
    arguments::{Offer, Step},
    error::{CliError, Result},
    labels,
    say::Out,
};

/// Carries out a command about offers.
pub fn run(device: &Arc<Device>, words: &Offer, out: &Out) -> Result<bool> {
    match words {
        Offer::Set { case, offer, status } => {
            let case = find_case(device, case)?;
            let done = device.edit(case, Edit::SetOfferStatus { offer: *offer, status: *status })?;
            out.say(&json!({ "offer": offer, "status": status, "undo": done.undo }), |lang| {
                format!("{}: {}", lang.pick(offer.danish(), offer.english()), labels::offer_status(*status, lang))
            });
        }
        Offer::Step(words) => step(device, words, out)?,
    }
    Ok(true)
}

fn step(device: &Arc<Device>, words: &Step, out: &Out) -> Result<()> {
    let (case, edit) = match words {
        Step::Add { case, offer, title, due, owner } => {
            let (id, offer) = (device.new_item(), *offer);
            let edit = Edit::AddStep { offer, id, title: title.clone(), template: None, owner: owner.clone(), due: due.clone() };
            (find_case(device, case)?, edit)
        }
        Step::Done { case, step, on } => {
            let (case, offer, step) = find(device, case, step)?;
            (case, Edit::SetStepDone { offer, step, done: true, on: on.clone() })
        }
        Step::Open { case, step } => {
            let (case, offer, step) = find(device, case, step)?;
            (case, Edit::SetStepDone { offer, step, done: false, on: None })
        }
    };
    let done = device.edit(case, edit)?;
    out.say(&json!({ "step": done.id, "undo": done.undo }), |_| done.id.clone());
    Ok(())
}

fn find(device: &Arc<Device>, case: &str, step: &str) -> Result<(CaseId, OfferKind, ItemId)> {
    let (case, show) = open_case(device, case)?;
    let step = find_item(step, show.offers.values().flat_map(|offer| offer.steps.keys()))?;
    let of = show.offers.iter().find(|(_, offer)| offer.steps.contains_key(&step));
    let (offer, _) = of.ok_or(CliError::UnknownItem)?;
    Ok((case, *offer, step))
}
