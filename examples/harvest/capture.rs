//! Capture files: pcap and pcapng, down to the TCP segments in them.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice};
use pcap_parser::{Block, Linktype, PcapBlockOwned, PcapNGSlice, nom, pcap};

use super::Problem;

/// A TCP segment as one packet carried it.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'c> {
    /// Which packet of the capture it came in, counted from 1.
    pub packet: usize,
    /// The sender.
    pub from: SocketAddr,
    /// The receiver.
    pub to: SocketAddr,
    /// The sequence number: of the payload's first byte, or of the SYN before it.
    pub sequence: u32,
    /// The sender opens the connection.
    pub syn: bool,
    /// The sender has no more to send.
    pub fin: bool,
    /// The sender gives the connection up.
    pub rst: bool,
    /// What it carries of the stream; shorter than it was where the capture cut the packet.
    pub payload: &'c [u8],
}

/// The segments of a capture file in the order of its packets. A file that breaks off gives what stands before that; whatever
/// else is passed over is counted and told once.
///
/// # Errors
/// Bytes that are no capture file, or one of whose packets none can be read.
pub fn segments<'c>(file: &'c [u8], problems: &mut Vec<Problem>) -> Result<Vec<Segment<'c>>, String> {
    let (packets, broken) = packets(file)?;
    let mut segments = Vec::new();
    let mut passed_over: BTreeMap<(&'static str, String), usize> = BTreeMap::new();
    let mut read = 0;
    for (index, (link, bytes)) in packets.iter().enumerate() {
        let mut pass_over = |code, what: String| *passed_over.entry((code, what)).or_default() += 1;
        let Some(sliced) = slice(*link, bytes) else {
            pass_over("capture/link-layer", format!("packets of link type {} that cannot be read", link.0));
            continue;
        };
        read += 1;
        let (from, to, payload) = match &sliced.net {
            Some(LaxNetSlice::Ipv4(ip)) => {
                let header = ip.header();
                (IpAddr::V4(header.source_addr()), IpAddr::V4(header.destination_addr()), ip.payload())
            }
            Some(LaxNetSlice::Ipv6(ip)) => {
                let header = ip.header();
                (IpAddr::V6(header.source_addr()), IpAddr::V6(header.destination_addr()), ip.payload())
            }
            _ => continue,
        };
        if payload.fragmented {
            pass_over("capture/ip-fragment", "fragments of IP packets, which are not put together".into());
            continue;
        }
        let Some(TransportSlice::Tcp(tcp)) = &sliced.transport else { continue };
        if payload.incomplete {
            pass_over("capture/packet-cut", "packets that the capture holds in part".into());
        }
        segments.push(Segment {
            packet: index + 1,
            from: (from, tcp.source_port()).into(),
            to: (to, tcp.destination_port()).into(),
            sequence: tcp.sequence_number(),
            syn: tcp.syn(),
            fin: tcp.fin(),
            rst: tcp.rst(),
            payload: tcp.payload(),
        });
    }
    let told =
        passed_over.into_iter().map(|((code, what), count)| Problem::new(code, None, "", format!("{count} {what}")));
    problems.extend(told);
    if let Some(detail) = broken {
        problems.push(Problem::new("capture/broken-off", Some(packets.len()), "", detail));
    }
    if read == 0 && !packets.is_empty() {
        return Err(format!("none of {} packets can be read", packets.len()));
    }
    Ok(segments)
}

/// A packet's link type and bytes.
type Packet<'c> = (Linktype, &'c [u8]);

/// The packets of a file, and why there are no more where it does not end with one.
fn packets(file: &[u8]) -> Result<(Vec<Packet<'_>>, Option<String>), String> {
    match PcapNGSlice::from_slice(file) {
        Ok(blocks) => return Ok(pcapng_packets(blocks)),
        Err(nom::Err::Incomplete(_)) if file.starts_with(&[0x0A, 0x0D, 0x0D, 0x0A]) => {
            return Err("a pcapng file that ends in its first block".into());
        }
        Err(_) => {}
    }
    match pcap::parse_pcap_header(file) {
        Ok((rest, header)) => Ok(pcap_packets(rest, &header)),
        Err(nom::Err::Incomplete(_)) => Err("too short for a capture file".into()),
        Err(_) => Err("neither pcap nor pcapng".into()),
    }
}

fn pcap_packets<'c>(mut rest: &'c [u8], header: &pcap::PcapHeader) -> (Vec<Packet<'c>>, Option<String>) {
    let frame = match (header.is_bigendian(), header.is_modified_format()) {
        (true, _) => pcap::parse_pcap_frame_be,
        (false, true) => pcap::parse_pcap_frame_modified,
        (false, false) => pcap::parse_pcap_frame,
    };
    let mut packets = Vec::new();
    while !rest.is_empty() {
        let Ok((behind, block)) = frame(rest) else {
            return (packets, Some(format!("the file ends inside a packet, {} bytes into it", rest.len())));
        };
        packets.push((header.network, block.data));
        rest = behind;
    }
    (packets, None)
}

fn pcapng_packets(blocks: PcapNGSlice<'_>) -> (Vec<Packet<'_>>, Option<String>) {
    let mut packets = Vec::new();
    // Link type and snap length of the section's interfaces.
    let mut interfaces: Vec<(Linktype, usize)> = Vec::new();
    for block in blocks {
        let block = match block {
            Ok(PcapBlockOwned::NG(block)) => block,
            Ok(_) => continue,
            Err(nom::Err::Incomplete(_)) => return (packets, Some("the file ends inside a block".into())),
            Err(_) => return (packets, Some("a block that cannot be read".into())),
        };
        let (interface, data, len) = match block {
            Block::SectionHeader(_) => {
                interfaces.clear();
                continue;
            }
            Block::InterfaceDescription(interface) => {
                let snap = usize::try_from(interface.snaplen).ok().filter(|&len| len > 0);
                interfaces.push((interface.linktype, snap.unwrap_or(usize::MAX)));
                continue;
            }
            Block::EnhancedPacket(packet) => (packet.if_id, packet.data, packet.caplen),
            Block::SimplePacket(packet) => (0, packet.data, packet.origlen),
            _ => continue,
        };
        let known = usize::try_from(interface).ok().and_then(|index| interfaces.get(index));
        let (link, snap) = known.copied().unwrap_or((Linktype(-1), usize::MAX));
        // The data of a block are padded to four bytes.
        let len = usize::try_from(len).unwrap_or(usize::MAX).min(snap).min(data.len());
        packets.push((link, &data[..len]));
    }
    (packets, None)
}

/// The layers of a packet, by the link type that its capture or interface names.
fn slice(link: Linktype, bytes: &[u8]) -> Option<LaxSlicedPacket<'_>> {
    let by_ether_type = |type_at: usize, header: usize| {
        let number = bytes.get(type_at..type_at + 2)?.try_into().ok()?;
        Some(LaxSlicedPacket::from_ether_type(EtherType(u16::from_be_bytes(number)), bytes.get(header..)?))
    };
    match link {
        Linktype::ETHERNET => LaxSlicedPacket::from_ethernet(bytes).ok(),
        Linktype::LINUX_SLL => by_ether_type(14, 16),
        Linktype::LINUX_SLL2 => by_ether_type(0, 20),
        // The address family, of four bytes; the version of what follows says the same.
        Linktype::NULL | Linktype::LOOP => LaxSlicedPacket::from_ip(bytes.get(4..)?).ok(),
        // 12 and 14: what raw IP is called in the files of some BSDs.
        Linktype::RAW | Linktype::IPV4 | Linktype::IPV6 | Linktype(12 | 14) => LaxSlicedPacket::from_ip(bytes).ok(),
        _ => None,
    }
}
