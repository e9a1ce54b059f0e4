//! The real window: the app as it is shipped, in the desktop's own web view, with its real policy and its real way to Rust.

mod driver;

use std::fs;

use serde_json::Value;
use tempfile::TempDir;
use world::process::{PASSPHRASE, ServerProcess, Shell};

use crate::{
    cli::{team, text},
    scanner::{CANARY, found_in},
};
use driver::{Driver, Home, Window};

const PHONE: (u32, u32) = (390, 844);

/// Hanne at the command line, and Åse with a window on her device; Åse has a case called Falken.
struct Pair {
    dir: TempDir,
    server: ServerProcess,
    hanne: Shell,
    aase: Shell,
    case: String,
    home: Home,
}

fn pair() -> Pair {
    let dir = TempDir::new().expect("a folder");
    let (server, hanne, aase) = team(&dir);
    let case = text(&aase.ok(&["case", "new", "--alias", "Falken", "--programme", "national"])["case"]);
    aase.ok(&["sync"]);
    hanne.ok(&["sync"]);
    let home = Home::new(&dir.path().join("home"), &aase);
    Pair { dir, server, hanne, aase, case, home }
}

async fn unlocked(driver: &Driver) -> Window<'_> {
    let window = driver.open(PHONE.0, PHONE.1).await;
    unlock(&window).await;
    window
}

async fn unlock(window: &Window<'_>) {
    window.type_into("#phrase", PASSPHRASE).await;
    window.press(".phrase .primary").await;
    window.wait_for("nav.bar").await;
}

/// Logs a visit to Falken and writes this of it.
async fn write_a_note(window: &Window<'_>, words: &str) {
    window.press(r#".tile[data-log="Falken"]"#).await;
    window.press("[data-save]").await;
    window.press(".snack button").await;
    window.type_into("textarea.ed", words).await;
    window.wait_for(r#"[data-state="note"][data-saved="saved"]"#).await;
}

/// Saves an error report from the settings and gives what lies on the disk. This home names no folder for downloads.
async fn save_a_report(window: &Window<'_>, pair: &Pair) -> String {
    window.press("[data-settings]").await;
    window.press(r#"[data-go="report"]"#).await;
    window.wait_for("[data-report]").await;
    window.press("[data-save]").await;
    window.wait_for(".green .place").await;
    let saved =
        fs::read_dir(&pair.home.dir).expect("a home").flatten().find(|entry| entry.file_name().to_string_lossy().starts_with("rapport-"));
    fs::read_to_string(saved.expect("a report").path()).expect("readable")
}

fn timeline(case: &Value, list: &str) -> Vec<Value> {
    case[list].as_object().map(|all| all.values().cloned().collect()).unwrap_or_default()
}

#[tokio::test]
async fn the_window_says_nothing_before_it_is_unlocked() {
    let pair = pair();
    let driver = Driver::start(&pair.home).await;
    let window = driver.open(PHONE.0, PHONE.1).await;
    window.wait_for("#phrase").await;
    let before = window.text().await;
    for word in ["Falken", "Åse", "Hanne", "Broen", "exit", "Exit"] {
        assert!(!before.contains(word), "{word} stands on the locked page");
    }
    window.type_into("#phrase", "en anden sætning end den rigtige").await;
    window.press(".phrase .primary").await;
    window.wait_to_read("Det passede ikke").await;
    unlock(&window).await;
    window.wait_for(r#".tile[data-log="Falken"]"#).await;
    assert!(["Notater", "Notér"].contains(&window.title().await.as_str()));
    window.close().await;
}

#[tokio::test]
async fn the_window_logs_a_contact_in_three_presses() {
    let pair = pair();
    let driver = Driver::start(&pair.home).await;
    let window = unlocked(&driver).await;
    window.press(r#".tile[data-log="Falken"]"#).await;
    window.press(r#"[data-key="phone"]"#).await;
    window.press("[data-save]").await;
    window.wait_for(".snack").await;
    window.close().await;
    let meetings = timeline(&pair.aase.ok(&["case", "show", &pair.case]), "meetings");
    assert_eq!(meetings.len(), 1, "{meetings:?}");
    assert_eq!(meetings[0]["kind"], "phone");
}

#[tokio::test]
async fn a_note_stands_in_the_window_again_after_the_app_was_killed() {
    let pair = pair();
    let driver = Driver::start(&pair.home).await;
    let window = unlocked(&driver).await;
    write_a_note(&window, "Vi gik langs åen, og han sagde at").await;
    driver.kill_the_app();
    drop(window);
    drop(driver);
    let driver = Driver::start(&pair.home).await;
    let window = unlocked(&driver).await;
    window.press("nav.bar button:nth-of-type(2)").await;
    window.press(".caserow .case").await;
    window.wait_to_read("Vi gik langs åen").await;
    window.press(".row.draft").await;
    window.wait_for("textarea.ed").await;
    window.wait_to_read("Vi gik langs åen, og han sagde at").await;
    window.close().await;
}

#[tokio::test]
async fn the_window_sends_and_fetches_and_its_page_reaches_nothing_else() {
    let pair = pair();
    let driver = Driver::start(&pair.home).await;
    let window = unlocked(&driver).await;
    window.press(r#".tile[data-log="Falken"]"#).await;
    window.press("[data-save]").await;
    window.wait_for(".snack").await;
    pair.hanne.ok(&["task", "add", &pair.case, "Ring til boligselskabet"]);
    pair.hanne.ok(&["sync"]);
    window.press("button[data-state]").await;
    window.press(".sheet .btn.big").await;
    window.wait_for(r#".sheet [data-sent="all"], [data-state="all_sent"]"#).await;
    window.press(".sheet .iconbtn").await;
    window.press("nav.bar button:nth-of-type(2)").await;
    window.press(".caserow .case").await;
    window.wait_to_read("Ring til boligselskabet").await;
    let tried = format!(
        "const done = arguments[arguments.length - 1];
         fetch('{}/v1/health').then(() => done('reached'), () => done('refused'));",
        pair.server.url()
    );
    assert_eq!(window.run_to_end(&tried).await, "refused");
    let inline = "const s = document.createElement('script'); s.textContent = 'globalThis.smuggled = true'; document.head.append(s); return globalThis.smuggled === true;";
    assert_eq!(window.run(inline).await, false);
    window.close().await;
    pair.hanne.ok(&["sync"]);
    assert_eq!(timeline(&pair.hanne.ok(&["case", "show", &pair.case]), "meetings").len(), 1);
}

#[tokio::test]
async fn a_locked_window_and_everything_it_leaves_behind_hold_no_word_of_a_person() {
    let pair = pair();
    let driver = Driver::start(&pair.home).await;
    let window = unlocked(&driver).await;
    write_a_note(&window, CANARY).await;
    window.press(".top .iconbtn").await;
    let report = save_a_report(&window, &pair).await;
    for word in [CANARY, "Falken", "Åse", "Hanne", "Broen", &pair.case] {
        assert!(!report.contains(word), "{word} stands in the error report: {report}");
    }
    assert!(report.contains("Noter: 1"), "{report}");
    window.press("[data-lock]").await;
    window.wait_for("#phrase").await;
    let locked = window.text().await;
    for word in [CANARY, "Falken", "Åse"] {
        assert!(!locked.contains(word), "{word} stands on the locked page");
    }
    let kept = window.run("return [localStorage.length, sessionStorage.length, document.cookie].join()").await;
    assert!(kept == "0,0,", "the page keeps {kept}");
    window.close().await;
    drop(driver);
    assert_eq!(found_in(&pair.home.dir, CANARY), Vec::<String>::new());
    assert_eq!(found_in(&pair.aase.data, CANARY), Vec::<String>::new());
    assert_eq!(found_in(&pair.dir.path().join("server"), CANARY), Vec::<String>::new());
    assert!(fs::read_dir(&pair.home.dir).expect("a home").count() >= 5);
    let hits = pair.aase.ok(&["search", "kanariefugl østerbro"]);
    assert!(hits["hits"].as_array().is_some_and(|hits| hits.iter().any(|hit| hit["kind"] == "note")), "{hits}");
}
