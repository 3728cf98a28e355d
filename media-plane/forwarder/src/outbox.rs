//! Datagrams on their way out.

use std::net::IpAddr;

use crate::worker::{Remote, Run};

/// Of one run (UDP GSO).
const MAX_SEGMENTS: usize = 64;
const MAX_RUN_LEN: usize = 65_000;

/// Where a datagram goes, and the local address that it leaves from (the one that the peer sent its checks to).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Path {
    pub remote: Remote,
    pub local: Option<IpAddr>,
}

/// Datagrams in the order of sending, in one arena that is used again and again. Those of equal size in a row on one
/// path become one run, which a shorter one may end.
pub(crate) struct Outbox {
    /// Kept at its full length, so that nothing is zeroed twice; `used` bytes of it are datagrams.
    arena: Vec<u8>,
    used: usize,
    runs: Vec<Segments>,
    given: usize,
    pub datagrams: u64,
    pub bytes: u64,
}

struct Segments {
    path: Path,
    start: usize,
    len: usize,
    segment_size: usize,
    count: usize,
}

impl Outbox {
    pub fn new() -> Self {
        Self { arena: Vec::new(), used: 0, runs: Vec::new(), given: 0, datagrams: 0, bytes: 0 }
    }

    /// Room for a datagram of at most `len` bytes, to be written and then sent with [`Self::send`].
    pub fn room(&mut self, len: usize) -> &mut [u8] {
        let end = self.used + len;
        if self.arena.len() < end {
            self.arena.resize(end.next_power_of_two().max(64 * 1024), 0);
        }
        &mut self.arena[self.used..end]
    }

    /// Sends the first `len` bytes of the room.
    pub fn send(&mut self, path: &Path, len: usize) {
        let start = self.used;
        self.used += len;
        self.datagrams += 1;
        self.bytes += len as u64;
        if let Some(last) = self.runs.last_mut()
            && last.fits(path, len)
        {
            last.len += len;
            last.count += 1;
            return;
        }
        self.runs.push(Segments { path: *path, start, len, segment_size: len, count: 1 });
    }

    pub fn push(&mut self, path: &Path, datagram: &[u8]) {
        self.room(datagram.len()).copy_from_slice(datagram);
        self.send(path, datagram.len());
    }

    /// Whether there is a run to take; if not, the arena begins anew.
    pub fn has_run(&mut self) -> bool {
        if self.given < self.runs.len() {
            return true;
        }
        self.runs.clear();
        self.given = 0;
        self.used = 0;
        false
    }

    /// The next run.
    pub fn take(&mut self) -> Option<Run<'_>> {
        let run = self.runs.get(self.given)?;
        self.given += 1;
        Some(Run {
            destination: run.path.remote,
            source: run.path.local,
            contents: &self.arena[run.start..run.start + run.len],
            segment_size: run.segment_size,
        })
    }
}

impl Segments {
    fn fits(&self, path: &Path, len: usize) -> bool {
        len <= self.segment_size
            && self.count < MAX_SEGMENTS
            && self.len + len <= MAX_RUN_LEN
            && self.len == self.segment_size * self.count
            && self.path == *path
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    fn path(port: u16) -> Path {
        Path { remote: SocketAddr::from(([127, 0, 0, 1], port)).into(), local: None }
    }

    fn shapes(outbox: &mut Outbox) -> Vec<(u16, usize, usize)> {
        let mut shapes = Vec::new();
        while outbox.has_run()
            && let Some(run) = outbox.take()
        {
            shapes.push((run.destination.address.port(), run.segment_size, run.contents.len()));
        }
        shapes
    }

    #[test]
    fn equal_sizes_in_a_row_become_one_run_which_a_shorter_one_ends() {
        let mut outbox = Outbox::new();
        for len in [100, 100, 100, 40, 40, 100] {
            outbox.push(&path(1), &vec![1; len]);
        }
        outbox.push(&path(2), &[2; 100]);
        assert_eq!(shapes(&mut outbox), [(1, 100, 340), (1, 40, 40), (1, 100, 100), (2, 100, 100)]);
        assert!(shapes(&mut outbox).is_empty());
    }

    #[test]
    fn a_run_has_at_most_64_segments_and_65000_bytes() {
        let mut outbox = Outbox::new();
        for _ in 0..65 {
            outbox.push(&path(1), &[0; 10]);
        }
        for _ in 0..60 {
            outbox.push(&path(1), &[0; 1200]);
        }
        assert_eq!(shapes(&mut outbox), [(1, 10, 640), (1, 10, 10), (1, 1200, 64_800), (1, 1200, 7_200)]);
    }
}
