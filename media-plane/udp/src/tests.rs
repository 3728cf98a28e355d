//! The loop over real sockets of this machine, around a mind that echoes.

mod driver;
mod failure;
mod socket;
mod tcp;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The families to try; a machine without IPv6 tries the other alone.
fn loopbacks() -> Vec<IpAddr> {
    let all = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    all.into_iter().filter(|&ip| std::net::UdpSocket::bind((ip, 0)).is_ok()).collect()
}
