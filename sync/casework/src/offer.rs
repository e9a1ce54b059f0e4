//! The nine offers of an exit course and the tenth for all the rest: their words, their ladder and their usual steps.

use serde::{Deserialize, Serialize};

use wire::id::ItemId;

use crate::{
    document::{Origin, Reg},
    word::words,
};

words! {
    /// Which kind of help.
    OfferKind {
        Relocation = "relocation",
        FinancialAid = "financial_aid",
        OutsideContacts = "outside_contacts",
        AuthorityCooperation = "authority_cooperation",
        FamilyReconnection = "family_reconnection",
        SocialActivities = "social_activities",
        Therapy = "therapy",
        SubstanceTreatment = "substance_treatment",
        WorkEducation = "work_education",
        Other = "other",
    }
}

words! {
    /// How far an offer is. The order is that of the ladder; any rung may follow any other.
    OfferStatus {
        NotAssessed = "not_assessed",
        NoNeed = "no_need",
        Need = "need",
        Offered = "offered",
        Accepted = "accepted",
        Declined = "declined",
        Waiting = "waiting",
        Running = "running",
        Done = "done",
        Stopped = "stopped",
    }
}

impl OfferKind {
    /// The wording of the national description, Danish.
    pub const fn danish(self) -> &'static str {
        match self {
            Self::Relocation => "en anden bopæl",
            Self::FinancialAid => "økonomisk bistand",
            Self::OutsideContacts => "kontakt med mennesker uden for miljøet",
            Self::AuthorityCooperation => "samarbejde med politi, socialforvaltning mv.",
            Self::FamilyReconnection => "reetablering af kontakt til familien",
            Self::SocialActivities => "sociale aktiviteter med andre unge, der ikke har tilhørt det kriminelle miljø",
            Self::Therapy => "terapeutisk hjælp",
            Self::SubstanceTreatment => "misbrugsbehandling",
            Self::WorkEducation => "støtte til arbejde eller uddannelse",
            Self::Other => "øvrige",
        }
    }

    /// The same in English.
    pub const fn english(self) -> &'static str {
        match self {
            Self::Relocation => "another place to live",
            Self::FinancialAid => "financial support",
            Self::OutsideContacts => "contact with people outside the milieu",
            Self::AuthorityCooperation => "cooperation with police, social services and others",
            Self::FamilyReconnection => "re-establishing contact with the family",
            Self::SocialActivities => "social activities with other young people who have not been part of the criminal milieu",
            Self::Therapy => "therapeutic help",
            Self::SubstanceTreatment => "treatment for substance use",
            Self::WorkEducation => "support towards work or education",
            Self::Other => "other",
        }
    }
}

/// One offer as the document holds it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Offer {
    pub status: Reg<OfferStatus>,
    pub steps: std::collections::BTreeMap<ItemId, Step>,
}

impl Offer {
    /// The status that applies. While people disagree it is the lower rung: nobody stops working
    /// on an offer because of a disagreement.
    pub fn applies(&self) -> OfferStatus {
        self.status.values().min().copied().unwrap_or(OfferStatus::NotAssessed)
    }
}

/// One step of an offer.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub id: ItemId,
    pub title: String,
    pub template: Option<String>,
    pub owner: Option<String>,
    pub due: Option<String>,
    pub done: Reg<Option<String>>,
    pub removed: bool,
    pub origin: Origin,
}

/// A change of status, kept for ever.
#[derive(Debug, Clone)]
pub(crate) struct OfferChange {
    pub id: ItemId,
    pub offer: OfferKind,
    pub from: OfferStatus,
    pub to: OfferStatus,
    pub origin: Origin,
}

/// One usual step of an offer, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepTemplate {
    /// Stable within the pack; stored with a step made from it.
    pub key: String,
    pub da: String,
    pub en: String,
}

/// A versioned set of usual steps, which an organisation may replace by its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferPack {
    pub name: String,
    pub version: u32,
    pub offers: std::collections::BTreeMap<String, Vec<StepTemplate>>,
}

/// One usual step with the offer it belongs to, for a screen to propose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(rename = "StepTemplate")]
pub struct StepChoice {
    pub offer: OfferKind,
    pub key: String,
    pub da: String,
    pub en: String,
}

impl OfferPack {
    /// The JSON text of the pack that comes with the program.
    pub const BUILT_IN: &'static str = include_str!("../packs/offers-1.json");

    /// The usual steps of one offer, in order; empty when the pack says nothing about it.
    pub fn steps(&self, offer: OfferKind) -> &[StepTemplate] {
        self.offers.get(offer.word()).map_or(&[], Vec::as_slice)
    }

    /// Every usual step, in the order of the offers.
    pub fn choices(&self) -> Vec<StepChoice> {
        let of = |offer: &OfferKind| {
            let choice = |step: &StepTemplate| (step.key.clone(), step.da.clone(), step.en.clone());
            let choices: Vec<_> =
                self.steps(*offer).iter().map(choice).map(|(key, da, en)| StepChoice { offer: *offer, key, da, en }).collect();
            choices
        };
        OfferKind::ALL.iter().flat_map(of).collect()
    }
}

#[cfg(test)]
mod tests;
