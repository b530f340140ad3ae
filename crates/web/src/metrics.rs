//! What a process counts about itself, for `/metrics`. Figures of the city are never counted here;
//! they are computed from its records.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const BUCKETS_MS: [f64; 8] = [0.5, 1.0, 2.0, 5.0, 10.0, 50.0, 250.0, 1000.0];

#[derive(Default)]
pub(crate) struct Metrics {
    by_class: [AtomicU64; 5],
    buckets: [AtomicU64; BUCKETS_MS.len() + 1],
    micros: AtomicU64,
}

impl Metrics {
    pub(crate) fn record(&self, status: u16, took: Duration) {
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        self.by_class[class].fetch_add(1, Ordering::Relaxed);
        let ms = took.as_secs_f64() * 1000.0;
        let bucket = BUCKETS_MS.iter().position(|b| ms <= *b).unwrap_or(BUCKETS_MS.len());
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(took.as_micros() as u64, Ordering::Relaxed);
    }

    /// Prometheus text form.
    pub(crate) fn write(&self, out: &mut String) {
        let _infallible = writeln!(out, "# TYPE madoguchi_requests_total counter");
        for (class, n) in (1..).zip(&self.by_class) {
            let _infallible =
                writeln!(out, "madoguchi_requests_total{{status=\"{class}xx\"}} {}", n.load(Ordering::Relaxed));
        }
        let _infallible = writeln!(out, "# TYPE madoguchi_request_seconds histogram");
        let mut sum = 0;
        for (i, n) in self.buckets.iter().enumerate() {
            sum += n.load(Ordering::Relaxed);
            let le = BUCKETS_MS.get(i).map_or("+Inf".to_owned(), |b| (b / 1000.0).to_string());
            let _infallible = writeln!(out, "madoguchi_request_seconds_bucket{{le=\"{le}\"}} {sum}");
        }
        let seconds = self.micros.load(Ordering::Relaxed) as f64 / 1e6;
        let _infallible =
            writeln!(out, "madoguchi_request_seconds_sum {seconds}\nmadoguchi_request_seconds_count {sum}");
    }
}
