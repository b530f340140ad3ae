//! What sealing costs: `cargo bench -p vault`.

use std::io::{self, Read};
use std::time::Instant;

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};
use vault::file::{self, FileKey};
use vault::passphrase::{Passphrase, Wrapped};
use vault::record::{self, Place};
use vault::{CaseKey, Context, Cost, KeyPair, OuterKey};

/// A file of 500 MB.
const FILE: u64 = 500_000_000;
/// Cases that a desk has after some years.
const CASES: usize = 5_000;

fn main() -> vault::Result<()> {
    // Without an argument of the test runner, so that `cargo test --benches` does not measure.
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    let mut rng = ChaCha8Rng::seed_from_u64(1);

    // Files first: the derivation would raise the mark of the memory.
    let key = FileKey::generate(&mut rng);
    let before = most_memory();
    let begun = Instant::now();
    let mut counted = Counted(0);
    file::seal(&key, Zeros(FILE), &mut counted, &mut rng)?;
    rate("file sealed (500 MB)", FILE as f64 / 1e6, begun, "MB/s");
    println!(
        "    size with padding: {} bytes, {:.2} % more",
        counted.0,
        (counted.0 as f64 / FILE as f64 - 1.0) * 100.0
    );
    let (reader, writer) = io::pipe()?;
    let sealing = {
        let (key, mut rng) = (key.clone(), ChaCha8Rng::seed_from_u64(2));
        std::thread::spawn(move || file::seal(&key, Zeros(FILE), writer, &mut rng))
    };
    let begun = Instant::now();
    let opened = file::open(&key, reader, io::sink())?;
    assert!(sealing.join().is_ok_and(|sealed| sealed == Ok(opened)));
    rate("file sealed and opened at once, two threads (500 MB)", FILE as f64 / 1e6, begun, "MB/s");
    println!("    VmHWM: {before} kB before, {} kB after", most_memory());

    let outer = OuterKey::generate(&mut rng);
    let data = CaseKey::generate(&mut rng).data_key(&outer, "case", 1);
    let place = Place { case: "case", epoch: 1, record: "record", field: "body", version: 1 };
    let mut text = [0; 1024];
    rng.fill_bytes(&mut text);
    const RECORDS: usize = 50_000;
    let begun = Instant::now();
    let mut sealed = Vec::new();
    for _ in 0..RECORDS {
        sealed = record::seal(&data, place, &text, &mut rng)?;
    }
    rate("records of 1 KiB sealed", RECORDS as f64, begun, "per second");
    let begun = Instant::now();
    for _ in 0..RECORDS {
        record::open(&data, place, &sealed)?;
    }
    rate("records of 1 KiB opened", RECORDS as f64, begun, "per second");

    let reader = KeyPair::generate(&mut rng);
    let context = Context { case: "case", epoch: 1, reader: "reader" };
    let begun = Instant::now();
    let keys: Vec<Vec<u8>> = (0..CASES)
        .map(|_| CaseKey::generate(&mut rng).seal_to(&reader.public, context, &mut rng))
        .collect::<vault::Result<_>>()?;
    rate("case keys sealed (5,000)", CASES as f64, begun, "per second");
    let begun = Instant::now();
    for sealed in &keys {
        CaseKey::open_with(&reader.secret, context, sealed)?.data_key(&outer, "case", 1);
    }
    rate("case keys opened, with the data key (5,000)", CASES as f64, begun, "per second");

    let passphrase = Passphrase::typed("うま でんち ホチキス ただしい");
    let wrapped = Wrapped::wrap(&reader.secret, &passphrase, "account", Cost::house(), &mut rng)?;
    let begun = Instant::now();
    const DERIVATIONS: u32 = 5;
    for _ in 0..DERIVATIONS {
        wrapped.unwrap(&passphrase, "account")?;
    }
    println!("derivation at house cost (128 MiB, 3 passes): {:.0?}", begun.elapsed() / DERIVATIONS);
    Ok(())
}

fn rate(what: &str, count: f64, begun: Instant, unit: &str) {
    let seconds = begun.elapsed().as_secs_f64();
    println!("{what}: {:.0} {unit} ({seconds:.2} s)", count / seconds);
}

/// The most memory that the process has held, in kB; 0 where the system does not tell.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// So many zeros.
struct Zeros(u64);

impl Read for Zeros {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let length = bytes.len().min(usize::try_from(self.0).unwrap_or(usize::MAX));
        bytes[..length].fill(0);
        self.0 -= length as u64;
        Ok(length)
    }
}

/// Counts what is written.
struct Counted(u64);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
