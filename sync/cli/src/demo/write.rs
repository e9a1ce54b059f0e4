//! The plan carried out: everything through what a person could do, and an ordinary sync.

use std::sync::Arc;

use device::{CaseId, Courier, Device};
use jiff::civil::Date;

use super::{
    Actor, Prepared, SeedArgs,
    cast::{CASES, COORDINATOR, MENTORS, ORGANISATION},
    host::{self, DemoHost},
    plan::{Line, Person, Plan},
    role,
};
use crate::{
    error::{CliError, Result},
    say::Out,
    secret::Secret,
};

/// So much of the demo's time passes between two syncs of everybody.
const ROUND_MS: i64 = 28 * 86_400_000;

/// Founds the organisation and admits everybody.
///
/// # Errors
/// What the devices say.
pub async fn people(words: &SeedArgs, prepared: Vec<Prepared>) -> Result<Vec<Actor>> {
    let mut actors: Vec<Actor> = Vec::new();
    let mut key = Secret::default();
    for (person, device, host, secret) in prepared {
        let Some(first) = actors.first() else {
            key = secret;
            device.found_organisation(&words.server, Vec::new(), ORGANISATION, COORDINATOR.0, COORDINATOR.1)?;
            let actor = Actor { person, courier: Courier::over_http(Arc::clone(&device))?, device, host };
            actor.sync().await?;
            actors.push(actor);
            continue;
        };
        let (name, device_name) = MENTORS.get(actors.len().saturating_sub(1)).copied().ok_or(CliError::DemoPlan)?;
        let invited = first.device.invite(name, role(person))?;
        first.sync().await?;
        let request = device.join(&invited.invitation)?;
        let actor = Actor { person, courier: Courier::over_http(Arc::clone(&device))?, device, host };
        actor.sync().await?;
        first.courier.approve(&request, device_name, &key).await?;
        first.sync().await?;
        actor.sync().await?;
        actors.push(actor);
    }
    for actor in &actors {
        actor.sync().await?;
        actor.device.mark_synthetic()?;
    }
    Ok(actors)
}

fn of(actors: &[Actor], person: Person) -> Result<&Actor> {
    actors.iter().find(|actor| actor.person == person).ok_or(CliError::DemoPlan)
}

/// Opens every case on the device of its opener and lets the mentors in.
///
/// # Errors
/// What the devices say.
pub async fn cases(actors: &[Actor], anchor: Date) -> Result<Vec<CaseId>> {
    let mut cases = Vec::new();
    for cast in CASES {
        let day = anchor.checked_sub(jiff::Span::new().days(cast.opened.clamp(0, 3000))).map_err(|_| CliError::DemoPlan)?;
        let at = host::zone().to_timestamp(day.at(19, 0, 0, 0)).map_err(|_| CliError::DemoPlan)?;
        let opener = of(actors, cast.opener)?;
        opener.host.set(at.as_millisecond());
        cases.push(opener.device.new_case(cast.alias, cast.programme, Some(cast.birth_year))?);
    }
    round(actors).await?;
    let coordinator = of(actors, Person::Coordinator)?;
    for (cast, case) in CASES.iter().zip(&cases) {
        for mentor in cast.mentors.iter().filter(|mentor| **mentor != cast.opener) {
            let member = of(actors, *mentor)?.device.me()?.member;
            coordinator.device.assign(*case, member, None)?;
        }
    }
    round(actors).await?;
    Ok(cases)
}

/// Everybody syncs, then everybody again: all have what all wrote.
async fn round(actors: &[Actor]) -> Result<()> {
    for actor in actors.iter().chain(actors) {
        actor.sync().await?;
    }
    Ok(())
}

/// Writes what everybody writes: each on their own device at the same time, in the order of their own time.
///
/// # Errors
/// What the devices say.
pub async fn lines(actors: &[Actor], cases: &[CaseId], plan: &Plan, out: &Out) -> Result<()> {
    let all = plan.lines.len().saturating_add(plan.clash.len());
    let begin = plan.lines.first().map_or(0, |line| line.at_ms);
    let round_of = |line: &Line| line.at_ms.saturating_sub(begin).div_euclid(ROUND_MS);
    let mut written = 0_usize;
    let rounds = plan.lines.chunk_by(|a, b| round_of(a) == round_of(b)).chain(std::iter::once(plan.clash.as_slice()));
    for lines in rounds {
        write(actors, cases, lines).await?;
        written = written.saturating_add(lines.len());
        out.progress(written, all, "");
        round(actors).await?;
    }
    Ok(())
}

async fn write(actors: &[Actor], cases: &[CaseId], lines: &[Line]) -> Result<()> {
    let mut writing = Vec::new();
    for actor in actors {
        let (device, host) = (Arc::clone(&actor.device), Arc::clone(&actor.host));
        let own: Vec<Line> = lines.iter().filter(|line| line.by == actor.person).cloned().collect();
        let cases = cases.to_vec();
        writing.push(tokio::task::spawn_blocking(move || write_own(&device, &host, &cases, own)));
    }
    for written in writing {
        written.await.map_err(|_| CliError::DemoPlan)??;
    }
    Ok(())
}

fn write_own(device: &Device, host: &DemoHost, cases: &[CaseId], lines: Vec<Line>) -> Result<()> {
    for line in lines {
        let case = cases.get(line.case).ok_or(CliError::DemoPlan)?;
        host.set(line.at_ms);
        device.edit(*case, line.edit)?;
    }
    Ok(())
}
