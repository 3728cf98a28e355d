//! What the relay is told while it runs, and what it tells: JSON, a line each.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::impairment::Impairment;
use crate::link::Counters;

/// What is absent stays as it is. Every line is answered by one: a [`Report`], or `{"error": …}`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Control {
    /// Where the relay's ports lead: one address a port.
    pub to: Option<Vec<SocketAddr>>,
    /// From the clients to the server.
    pub up: Option<Impairment>,
    /// From the server to the clients.
    pub down: Option<Impairment>,
    /// All clients go through one bottleneck instead of one each.
    pub shared: Option<bool>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub clients: usize,
    pub up: Counters,
    pub down: Counters,
}

/// Both ways of a network.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Directions {
    pub up: Impairment,
    pub down: Impairment,
}

impl Control {
    pub fn read(line: &str) -> Result<Self, String> {
        let control: Self = serde_json::from_str(line).map_err(|error| error.to_string())?;
        for impairment in control.up.iter().chain(&control.down) {
            impairment.check()?;
        }
        Ok(control)
    }
}
