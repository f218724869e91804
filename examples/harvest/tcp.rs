//! TCP reassembly: segments in the order of a capture, to the bytes of each direction of each connection.
//!
//! The whole capture is at hand, so nothing is guessed while it is read: every segment is laid down where its sequence
//! number says, and only then the stretches are read out. What arrived first counts; what is missing stays missing.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::capture::Segment;

/// Sequence numbers further apart than this, in bytes, are not of one connection.
const WINDOW: i64 = 1 << 24;

/// A connection, as far as the capture shows it.
#[derive(Debug)]
pub struct Connection<'c> {
    /// The ends: who sent first in the capture, and the other.
    pub ends: [SocketAddr; 2],
    /// What each of them sent.
    pub halves: [Half<'c>; 2],
}

/// One direction of a connection.
///
/// A place in it is a number of 64 bits whose lower 32 are the sequence number, so that it does not wrap around.
#[derive(Debug, Default)]
pub struct Half<'c> {
    /// The place behind the SYN.
    first: Option<i64>,
    /// The place of the FIN.
    end: Option<i64>,
    reset: bool,
    /// The highest place seen; the next is looked for around it.
    near: Option<i64>,
    /// Pieces that do not overlap, each with its packet.
    pieces: BTreeMap<i64, (usize, &'c [u8])>,
    /// Packets that say something else of bytes that came before.
    contradictions: Vec<usize>,
}

/// Bytes without a gap in between.
#[derive(Debug)]
pub struct Run {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// How many bytes are missing before them.
    pub missing: u64,
    /// Why there are no more.
    pub ending: Ending,
    /// Where the bytes of a packet begin, in order.
    packets: Vec<(usize, usize)>,
}

/// Why a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Bytes are missing behind it.
    Gap,
    /// The sender ended the connection.
    Closed,
    /// The capture shows no more.
    CaptureEnd,
}

impl Run {
    /// The packet that brought a byte.
    pub fn packet(&self, offset: usize) -> usize {
        let behind = self.packets.partition_point(|&(start, _)| start <= offset);
        self.packets.get(behind.saturating_sub(1)).map_or(0, |&(_, packet)| packet)
    }
}

impl<'c> Half<'c> {
    /// The place that a sequence number means here.
    fn place(&self, sequence: u32) -> i64 {
        // The first is laid high enough to have room below it.
        let near = self.near.unwrap_or_else(|| i64::from(sequence) + (1 << 32));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the lower 32 bits are meant")]
        let around = near as u32;
        near + i64::from(sequence.wrapping_sub(around).cast_signed())
    }

    fn fits(&self, sequence: u32) -> bool {
        self.near.is_none_or(|near| (self.place(sequence) - near).abs() < WINDOW)
    }

    /// Whether a SYN with this sequence number is this half's: seen before, or only now and its bytes are there.
    fn opens(&self, sequence: u32) -> bool {
        let place = self.place(sequence) + 1;
        match (self.first, self.pieces.first_key_value()) {
            (Some(first), _) => first == place,
            (None, Some((&lowest, _))) => (0..WINDOW).contains(&(lowest - place)),
            (None, None) => self.fits(sequence),
        }
    }

    fn add(&mut self, segment: &Segment<'c>) {
        let start = self.place(segment.sequence) + i64::from(segment.syn);
        let end = start + len(segment.payload);
        if segment.syn {
            self.first = Some(start);
        }
        if segment.fin {
            self.end = Some(end);
        }
        self.reset |= segment.rst;
        self.near = self.near.max(Some(end));
        // What a reset carries is a remark, not a part of the stream.
        if !segment.rst {
            self.lay(start, segment.packet, segment.payload);
        }
    }

    /// Lays down what is not there yet, and compares what is.
    fn lay(&mut self, mut at: i64, packet: usize, payload: &'c [u8]) {
        let (mut rest, mut contradicts) = (payload, false);
        while !rest.is_empty() {
            let before = self.pieces.range(..=at).next_back();
            let held = before.and_then(|(&start, (_, piece))| piece.get(usize::try_from(at - start).ok()?..));
            let count = if let Some(held) = held.filter(|held| !held.is_empty()) {
                let count = held.len().min(rest.len());
                contradicts |= held[..count] != rest[..count];
                count
            } else {
                let next = self.pieces.range(at..).next();
                let room = next.and_then(|(&next, _)| usize::try_from(next - at).ok()).unwrap_or(usize::MAX);
                let count = room.min(rest.len());
                self.pieces.insert(at, (packet, &rest[..count]));
                count
            };
            at += len(&rest[..count]);
            rest = &rest[count..];
        }
        // A single byte is what probes of keep-alive repeat, with any value.
        if contradicts && payload.len() > 1 {
            self.contradictions.push(packet);
        }
    }

    /// Packets that say something else of bytes that came before.
    pub fn contradictions(&self) -> &[usize] {
        &self.contradictions
    }

    /// Whether the capture has the beginning.
    pub fn is_whole_from_start(&self) -> bool {
        self.first.is_some()
    }

    /// The bytes, a run for each stretch without a gap.
    pub fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut next = self.first;
        for (&start, &(packet, piece)) in &self.pieces {
            // What stands before the SYN belongs to nothing.
            let skipped = self.first.map_or(0, |first| usize::try_from(first - start).unwrap_or(0));
            let Some(piece) = piece.get(skipped..).filter(|piece| !piece.is_empty()) else { continue };
            let start = start.max(self.first.unwrap_or(start));
            let missing = u64::try_from(start - next.unwrap_or(start)).unwrap_or(0);
            if missing > 0 || runs.is_empty() {
                if let Some(run) = runs.last_mut() {
                    run.ending = Ending::Gap;
                }
                runs.push(Run { bytes: Vec::new(), missing, ending: Ending::CaptureEnd, packets: Vec::new() });
            }
            if let Some(run) = runs.last_mut() {
                run.packets.push((run.bytes.len(), packet));
                run.bytes.extend_from_slice(piece);
            }
            next = Some(start + len(piece));
        }
        if let Some(run) = runs.last_mut() {
            run.ending = match self.end {
                Some(end) if next.is_some_and(|next| next < end) => Ending::Gap,
                Some(_) => Ending::Closed,
                None if self.reset => Ending::Closed,
                None => Ending::CaptureEnd,
            };
        }
        runs
    }

    /// How many bytes are missing between the last of them and the FIN.
    pub fn missing_at_end(&self) -> u64 {
        let end = self.pieces.last_key_value().map(|(&start, (_, piece))| start + len(piece)).or(self.first);
        self.end.zip(end).map_or(0, |(fin, end)| u64::try_from(fin - end).unwrap_or(0))
    }
}

fn len(bytes: &[u8]) -> i64 {
    i64::try_from(bytes.len()).expect("a slice is no longer than isize::MAX")
}

/// The connections of a capture, in the order of their first packets.
pub fn connections<'c>(segments: &[Segment<'c>]) -> Vec<Connection<'c>> {
    let mut connections: Vec<Connection<'c>> = Vec::new();
    let mut known: BTreeMap<[SocketAddr; 2], Vec<usize>> = BTreeMap::new();
    for segment in segments {
        let mut key = [segment.from, segment.to];
        key.sort_unstable();
        let of_these_ends = known.entry(key).or_default();
        let is_its = |index: usize, is_new: bool| {
            let connection: &Connection<'_> = &connections[index];
            let half = &connection.halves[usize::from(connection.ends[0] != segment.from)];
            let is_its = if segment.syn { half.opens(segment.sequence) } else { half.fits(segment.sequence) };
            is_its && half.near.is_none() == is_new
        };
        let latest = |is_new| of_these_ends.iter().copied().rev().find(|&index| is_its(index, is_new));
        // The latest that it fits, best one that has heard of this end; a reset of none of them says nothing.
        let index = match latest(false).or_else(|| latest(true)) {
            Some(index) => index,
            None if segment.rst => continue,
            None => {
                of_these_ends.push(connections.len());
                connections.push(Connection { ends: [segment.from, segment.to], halves: Default::default() });
                connections.len() - 1
            }
        };
        let connection = &mut connections[index];
        connection.halves[usize::from(connection.ends[0] != segment.from)].add(segment);
    }
    connections
}
