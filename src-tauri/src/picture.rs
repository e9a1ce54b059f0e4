//! A text as a picture that a camera reads (a QR code), as one path that the page draws: no script, no style, no image.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};
use serde::Serialize;
use ts_rs::TS;

/// A square of dark and light fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Picture {
    /// Fields on each side, without the light edge that belongs around it.
    pub size: u32,
    /// The dark fields as an SVG path, one unit a field.
    pub path: String,
}

/// The picture of a text; none when it is too long for one.
pub fn of(text: &str) -> Option<Picture> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(code.width()).enumerate() {
        let mut x = 0_usize;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                // Writing to a String cannot fail.
                let _ = write!(path, "M{x} {y}h{length}v1h-{length}z", length = run.len());
            }
            x = x.saturating_add(run.len());
        }
    }
    Some(Picture { size: u32::try_from(code.width()).ok()?, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The dark fields that a path draws.
    fn fields(picture: &Picture) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for run in picture.path.split('z').filter(|run| !run.is_empty()) {
            let (at, length) = run.strip_prefix('M').unwrap().split_once('h').unwrap();
            let (x, y) = at.split_once(' ').unwrap();
            let length: usize = length.split_once('v').unwrap().0.parse().unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            found.extend((x..x + length).map(|x| (x, y)));
        }
        found
    }

    #[test]
    fn the_path_draws_the_fields_of_the_code_and_no_other() {
        let text = "bb1-hQFYIFq3dVJ0nKxq9kXlYw5c3Jt1bH9uQ2VdT8zM0aLrBvNe";
        let (picture, code) = (of(text).unwrap(), QrCode::with_error_correction_level(text, EcLevel::L).unwrap());
        let width = code.width();
        let dark: Vec<(usize, usize)> = code
            .to_colors()
            .iter()
            .enumerate()
            .filter(|(_, color)| **color == Color::Dark)
            .map(|(at, _)| (at % width, at / width))
            .collect();
        assert_eq!((picture.size as usize, fields(&picture)), (width, dark));
    }

    #[test]
    fn what_is_too_long_for_a_picture_has_none() {
        assert!(of(&"b".repeat(2_000)).is_some());
        assert_eq!(of(&"b".repeat(3_000)), None);
    }
}
