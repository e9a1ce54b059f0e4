//! How long a person waits for each path, on a case of 600 entries.

use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use hot::{PATHS, measured};

/// Entries of a full case; where nothing is optimised, the tests only see that every path runs.
const ENTRIES: usize = if cfg!(debug_assertions) { 20 } else { 600 };

fn all(criterion: &mut Criterion) {
    for path in PATHS {
        let mut scene = None;
        criterion.bench_function(path.name, |bencher| {
            let scene = scene.get_or_insert_with(|| (path.scene)(ENTRIES));
            bencher.iter_custom(|runs| {
                let mut took = Duration::ZERO;
                for _ in 0..runs {
                    let run = scene();
                    let begun = Instant::now();
                    let left = measured(run);
                    took += begun.elapsed();
                    drop(left);
                }
                took
            });
        });
    }
}

criterion_group!(hot_paths, all);
criterion_main!(hot_paths);
