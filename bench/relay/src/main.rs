//! `relay`: prints where clients reach it, then takes a control line at a time on its standard input and ends with it.

use std::io::{self, BufRead};
use std::process::ExitCode;
use std::thread;

use aqlinks_relay::{Control, Options, Relay, Remote};
use lexopt::prelude::*;
use serde_json::json;

const USAGE: &str = "\
relay [--ports 1] [--seed N]

--ports   in a row from a free one: as many as the server has media workers
--seed    repeats the chances of loss, jitter and order

Prints {\"addresses\": […], \"seed\": N}. Then each line of standard input is an order, answered by one line with the counters:
  {\"to\": [\"127.0.0.1:40000\"]}                        where each port leads
  {\"down\": {\"rateKbit\": 300, \"delayMs\": 40}}         from the server to the clients; \"up\" is the other way
  {\"shared\": true}                                   one bottleneck for all clients together
  {}                                                 only the counters
The keys of an impairment: rateKbit, queueMs, delayMs, jitterMs, loss (%), bursts {begin, end, loss: %}, reorder (%),
reorderMs, duplicate (%).";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("relay: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let options = parse().map_err(|error| format!("{error}\n\n{USAGE}"))?;
    let (relay, remote) = Relay::bind(options).map_err(|error| error.to_string())?;
    let addresses = relay.addresses().map_err(|error| error.to_string())?;
    println!("{}", json!({ "addresses": addresses, "seed": options.seed }));
    thread::spawn(move || take_orders(&remote));
    relay.run().map_err(|error| error.to_string())
}

/// Returns at the end of the input; the relay ends with the remote.
fn take_orders(remote: &Remote) {
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        let answer = match Control::read(&line) {
            Ok(control) => match remote.tell(control) {
                Some(report) => json!(report),
                None => return,
            },
            Err(error) => json!({ "error": error }),
        };
        println!("{answer}");
    }
}

fn parse() -> Result<Options, lexopt::Error> {
    let mut options = Options { ports: 1, seed: 1 };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("ports") => options.ports = parser.value()?.parse()?,
            Long("seed") => options.seed = parser.value()?.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    Ok(options)
}
