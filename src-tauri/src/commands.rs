//! Every command the page may call. Each has a permission in `build.rs` and a line in the capability.

use tauri::{Runtime, ipc::Invoke};

pub mod cases;
pub mod meeting;
pub mod note;
pub mod session;
pub mod sync;

/// Answers the page's calls.
pub fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        session::app_state,
        session::unlock,
        session::lock,
        session::set_lang,
        cases::today,
        cases::cases,
        cases::case_view,
        cases::set_task_done,
        cases::undo,
        meeting::meeting_defaults,
        meeting::log_meeting,
        note::note_open,
        note::note_write,
        note::note_finish,
        sync::sync_line,
        sync::sync_sheet,
        sync::sync_now,
    ]
}
