//! `hot-paths ENTRIES NAME…`: runs each of these paths once, for a profiler that looks at `hot::measured`.

use std::process::ExitCode;

use hot::{PATHS, measured};

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let entries = words.next().and_then(|word| word.parse().ok());
    let paths: Option<Vec<_>> = words.map(|word| PATHS.iter().find(|path| path.name == word)).collect();
    let (Some(entries), Some(paths)) = (entries, paths) else {
        eprintln!("hot-paths ENTRIES NAME…, the names: {}", PATHS.map(|path| path.name).join(" "));
        return ExitCode::from(2);
    };
    for path in paths {
        let run = (path.scene)(entries)();
        drop(measured(run));
    }
    ExitCode::SUCCESS
}
