//! Every command the page may call. Each has a permission in `build.rs` and a line in the capability.

use tauri::{Runtime, ipc::Invoke};

pub mod about;
pub mod address;
pub mod appointment;
pub mod cases;
pub mod conflicts;
pub mod duress;
pub mod ending;
pub mod first;
pub mod history;
pub mod meeting;
pub mod note;
pub mod offer;
pub mod people;
pub mod quarantine;
pub mod report;
pub mod search;
pub mod session;
pub mod settings;
pub mod sync;
pub mod task;
pub mod team;

/// The handler of a list of commands: the list is written once, and is as long as it is.
macro_rules! answers {
    ($($room:ident :: $command:ident,)+) => {
        /// Answers the page's calls.
        pub fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($room::$command),+]
        }
    };
}

answers! {
    people::people,
    people::pending,
    people::invite,
    people::requests,
    people::approve,
    people::refuse_request,
    people::policies_asked,
    people::agree_to_policy,
    team::assign,
    team::readers,
    team::unassign,
    team::hand_over,
    ending::endings,
    ending::hold_case,
    ending::erase_case,
    ending::approve_erasure,
    people::revoke,
    people::breach_sheet,
    people::receipt,
    people::picture,
    quarantine::quarantine,
    quarantine::accept_quarantined,
    quarantine::reject_quarantined,
    address::address_standing,
    address::open_strongroom,
    address::close_strongroom,
    address::look_at_address,
    address::enter_address,
    address::release_address,
    address::approve_release,
    address::take_back_address,
    address::address_log,
    duress::has_duress,
    duress::choose_duress,
    duress::forget_duress,
    session::app_state,
    session::unlock,
    session::lock,
    session::set_lang,
    cases::today,
    cases::cases,
    cases::case_view,
    cases::new_case,
    cases::undo,
    offer::set_offer_status,
    offer::add_step,
    offer::set_step_done,
    offer::remove_step,
    offer::step_templates,
    task::add_task,
    task::set_task_done,
    appointment::add_appointment,
    appointment::move_appointment,
    appointment::settle_appointment,
    appointment::remove_appointment,
    task::set_task_due,
    task::remove_task,
    meeting::meeting_defaults,
    meeting::log_meeting,
    meeting::set_meeting_at,
    meeting::remove_meeting,
    note::note_open,
    note::note_write,
    note::note_finish,
    note::remove_note,
    history::history,
    search::search,
    conflicts::conflicts,
    conflicts::resolve,
    settings::settings,
    settings::save_settings,
    about::storage,
    about::about,
    report::report,
    report::save_report,
    first::propose_secret,
    first::create_organisation,
    first::join_organisation,
    sync::sync_line,
    sync::sync_sheet,
    sync::sync_now,
}
