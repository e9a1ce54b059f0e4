//! Gives every command a permission of its own, so that the page may call only what a capability lists.

const COMMANDS: &[&str] = &[
    "app_state",
    "unlock",
    "lock",
    "set_lang",
    "today",
    "cases",
    "case_view",
    "set_task_done",
    "undo",
    "meeting_defaults",
    "log_meeting",
    "note_open",
    "note_write",
    "note_finish",
    "sync_line",
    "sync_sheet",
    "sync_now",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let attributes = tauri_build::Attributes::new().app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    tauri_build::try_build(attributes).map_err(Into::into)
}
