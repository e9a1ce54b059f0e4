//! A report of what went wrong, made and saved by the person, never sent.

use tauri::State;

use crate::{error::Answer, report::Report, shell::Shell};

/// The report as it would be saved now.
#[tauri::command]
pub async fn report(shell: State<'_, Shell>) -> Answer<Report> {
    shell.with(Report::of).await
}

/// Saves a report as it was shown; gives its place.
#[tauri::command]
pub async fn save_report(shell: State<'_, Shell>, report: Report) -> Answer<String> {
    let dir = shell.downloads();
    shell.with(move |_| report.save(&dir?)).await
}
