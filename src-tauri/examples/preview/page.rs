//! The files of the built page, and nothing else of this machine.

use std::path::{Path, PathBuf};

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// Answers with a file of the page. It has no icon; browsers ask all the same.
pub fn serve(folder: &Path, path: &str) -> Response {
    if path == "/favicon.ico" {
        return StatusCode::NO_CONTENT.into_response();
    }
    let Some(file) = find(folder, path) else { return StatusCode::NOT_FOUND.into_response() };
    let Ok(bytes) = std::fs::read(&file) else { return StatusCode::NOT_FOUND.into_response() };
    let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let bytes = if extension == "html" { marked(&bytes) } else { bytes };
    ([(header::CONTENT_TYPE, kind(extension))], bytes).into_response()
}

/// The file with this path, if it lies in the folder. Paths of the page need no escapes and no dots but in names.
fn find(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = if path == "/" { "/index.html" } else { path };
    let names: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let is_plain =
        |name: &&str| !name.is_empty() && !name.starts_with('.') && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    if !names.iter().all(is_plain) {
        return None;
    }
    let folder = folder.canonicalize().ok()?;
    let file = names.iter().fold(folder.clone(), |path, name| path.join(name)).canonicalize().ok()?;
    (file.starts_with(&folder) && file.is_file()).then_some(file)
}

/// Tells the page which host it has.
fn marked(html: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(html).replacen("<head>", "<head>\n    <meta name=\"host\" content=\"preview\">", 1).into_bytes()
}

fn kind(extension: &str) -> &'static str {
    match extension {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "woff2" => "font/woff2",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" | "webmanifest" => "application/json",
        _ => "application/octet-stream",
    }
}
