//! `limit [--no-gso]`: forwards what one publisher sends to everyone who registered, with as little work as can be.
//! Prints its address, runs until its standard input ends, then prints what it forwarded per second of its own CPU.

use std::io::Read;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aqlinks_load::{Cpu, Limit};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("limit: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut gso = true;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--no-gso" => gso = false,
            other => return Err(format!("unknown argument {other}. Usage: limit [--no-gso]")),
        }
    }
    let mut limit = Limit::bind(gso)?;
    println!("{}", serde_json::json!({ "address": limit.address()? }));

    let ended = Arc::new(AtomicBool::new(false));
    let seen = ended.clone();
    std::thread::spawn(move || {
        // Whatever comes, and whether it ends or fails: nobody is interested any more.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        seen.store(true, Ordering::Relaxed);
    });
    limit.run(|_| ended.load(Ordering::Relaxed))?;

    let cpu = Cpu::of(std::process::id())?.process;
    let forwarded = limit.forwarded();
    let report = serde_json::json!({ "forwarded": forwarded, "cpu": cpu, "perCpuSecond": forwarded as f64 / cpu });
    println!("{report}");
    Ok(())
}
