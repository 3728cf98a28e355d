use std::io;
use std::net::{IpAddr, SocketAddr};

/// What a worker's transports announce as host candidates. `port`: where a NAT maps the bound one to.
pub(crate) fn announced(configured: &[IpAddr], port: Option<u16>, bound: SocketAddr) -> io::Result<Vec<SocketAddr>> {
    let ips = if !configured.is_empty() {
        configured.to_vec()
    } else if !bound.ip().is_unspecified() {
        vec![bound.ip()]
    } else {
        local_ips()?.into_iter().filter(|ip| bound.is_ipv6() || ip.is_ipv4()).collect()
    };
    Ok(ips.into_iter().map(|ip| SocketAddr::new(ip, port.unwrap_or(bound.port()))).collect())
}

/// Every address of this machine, loopback last. Without link-local IPv6: it means nothing without a scope, which a
/// candidate cannot carry (RFC 8445 5.1.1.1).
fn local_ips() -> io::Result<Vec<IpAddr>> {
    let mut ips: Vec<IpAddr> = if_addrs::get_if_addrs()?
        .into_iter()
        .map(|interface| interface.ip())
        .filter(|ip| !matches!(ip, IpAddr::V6(v6) if v6.is_unicast_link_local()))
        .collect();
    ips.sort_by_key(|ip| (ip.is_loopback(), ip.is_ipv6()));
    ips.dedup();
    Ok(ips)
}
