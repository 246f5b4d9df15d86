//! What is left of a rule when single ports are cut out of it.

use std::collections::BTreeSet;

use crate::model::{Source, Traffic, Transport};

/// The ports to cut out, by transport.
pub(super) type Closed = BTreeSet<(Transport, u16)>;

/// The traffic of a rule without the closed ports.
///
/// Of "all traffic" only TCP, UDP and ICMP can be said again piece by piece; see [`loses_protocols`].
pub(super) fn without(traffic: &Traffic, source: &Source, closed: &Closed) -> Vec<Traffic> {
    let mut left = Vec::new();
    for transport in [Transport::Tcp, Transport::Udp] {
        if let Some((from, to)) = traffic.ports(transport) {
            left.extend(
                pieces(from, to, transport, closed)
                    .into_iter()
                    .map(|(from, to)| transport.ports(from, to)),
            );
        }
    }
    if loses_protocols(traffic) {
        let v6 = matches!(source, Source::Cidr(cidr) if cidr.is_ipv6());
        left.push(Traffic::Icmp { v6, kind: -1, code: -1 });
    }
    left
}

/// Whether splitting the rule loses protocols that have no name of their own in EC2.
pub(super) fn loses_protocols(traffic: &Traffic) -> bool {
    *traffic == Traffic::All
}

fn pieces(from: u16, to: u16, transport: Transport, closed: &Closed) -> Vec<(u16, u16)> {
    let mut pieces = Vec::new();
    let mut start = Some(from);
    let cut = closed.iter().filter(|(of, port)| *of == transport && (from..=to).contains(port));
    for (_, port) in cut {
        if let (Some(first), Some(last)) = (start, port.checked_sub(1))
            && first <= last
        {
            pieces.push((first, last));
        }
        start = port.checked_add(1);
    }
    if let Some(first) = start.filter(|first| *first <= to) {
        pieces.push((first, to));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp_without(from: u16, to: u16, ports: &[u16]) -> Vec<(u16, u16)> {
        let closed = ports.iter().map(|port| (Transport::Tcp, *port)).collect();
        pieces(from, to, Transport::Tcp, &closed)
    }

    #[test]
    fn ports_are_cut_out_exactly() {
        assert_eq!(tcp_without(0, 1024, &[22]), [(0, 21), (23, 1024)]);
        assert_eq!(tcp_without(0, 65535, &[22, 3389]), [(0, 21), (23, 3388), (3390, 65535)]);
        assert_eq!(tcp_without(22, 22, &[22]), []);
        assert_eq!(tcp_without(22, 23, &[22]), [(23, 23)]);
        assert_eq!(tcp_without(21, 22, &[22]), [(21, 21)]);
        assert_eq!(tcp_without(0, 10, &[0]), [(1, 10)]);
        assert_eq!(tcp_without(65530, 65535, &[65535]), [(65530, 65534)]);
        assert_eq!(tcp_without(80, 443, &[22]), [(80, 443)]);
    }

    #[test]
    fn all_traffic_keeps_icmp_of_its_family() {
        let source = Source::Cidr("::/0".parse().unwrap());
        let closed = [(Transport::Tcp, 22)].into();
        let left = without(&Traffic::All, &source, &closed);
        assert!(left.contains(&Traffic::Icmp { v6: true, kind: -1, code: -1 }));
        assert!(left.contains(&Traffic::Udp { from: 0, to: 65535 }));
        assert!(!left.iter().any(|traffic| traffic.reaches(Transport::Tcp, 22)));
    }
}
