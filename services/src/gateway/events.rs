//! What the carriers brought and the customer has not fetched yet, in memory and bounded.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;
use tokio::time::timeout;

/// At most so many bytes are given at a time, or one event.
const PAGE: usize = 1 << 20;

/// Events in the order they came, each with an id that rises. The customer says up to which id it has them; they are
/// forgotten then, and no sooner.
#[derive(Debug)]
pub(super) struct Events {
    max: usize,
    queue: watch::Sender<Queue>,
}

#[derive(Debug)]
struct Queue {
    lines: VecDeque<(u64, Bytes)>,
    bytes: usize,
    last: u64,
    closed: bool,
}

/// There is no room.
#[derive(Debug, thiserror::Error)]
#[error("no room for another event until the customer has fetched some")]
pub(super) struct Full;

/// An id that no event has had yet.
#[derive(Debug, thiserror::Error)]
#[error("after: no event has had the id {0} yet")]
pub(super) struct NotYet(u64);

impl Events {
    /// Room for so many bytes; the first event's id is one more than `last`.
    pub(super) fn new(max: usize, last: u64) -> Self {
        let queue = Queue { lines: VecDeque::new(), bytes: 0, last, closed: false };
        Self { max, queue: watch::Sender::new(queue) }
    }

    /// Puts an event behind the others; `line` makes it of its id.
    pub(super) fn push(&self, line: impl FnOnce(u64) -> Vec<u8>) -> Result<(), Full> {
        self.queue
            .send_if_modified(|queue| {
                let line = Bytes::from(line(queue.last + 1));
                let room = !queue.closed && queue.bytes + line.len() <= self.max;
                if room {
                    queue.last += 1;
                    queue.bytes += line.len();
                    queue.lines.push_back((queue.last, line));
                }
                room
            })
            .then_some(())
            .ok_or(Full)
    }

    /// Forgets the events up to id `after`, and gives those behind; waits for one where there is none.
    pub(super) async fn after(&self, after: u64, wait: Duration) -> Result<Vec<Bytes>, NotYet> {
        if after > self.queue.borrow().last {
            return Err(NotYet(after));
        }
        self.queue.send_if_modified(|queue| {
            while queue.lines.front().is_some_and(|(id, _)| *id <= after) {
                queue.bytes -= queue.lines.pop_front().map_or(0, |(_, line)| line.len());
            }
            // Nobody waits for less.
            false
        });
        let mut queue = self.queue.subscribe();
        let there = |queue: &Queue| queue.closed || queue.lines.back().is_some_and(|(id, _)| *id > after);
        let Ok(Ok(queue)) = timeout(wait, queue.wait_for(there)).await else { return Ok(Vec::new()) };
        let mut bytes = 0;
        let mut page = Vec::new();
        for (_, line) in queue.lines.iter().filter(|(id, _)| *id > after) {
            bytes += line.len();
            if bytes > PAGE && !page.is_empty() {
                break;
            }
            page.push(line.clone());
        }
        Ok(page)
    }

    /// Takes no more, and lets nobody wait any longer.
    pub(super) fn close(&self) {
        self.queue.send_modify(|queue| queue.closed = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_WAIT: Duration = Duration::ZERO;

    fn event(id: u64) -> Vec<u8> {
        format!("{id}").into_bytes()
    }

    #[tokio::test]
    async fn keeps_an_event_until_a_later_one_is_asked_for() {
        let events = Events::new(100, 10);
        events.push(event).unwrap();
        events.push(event).unwrap();
        assert_eq!(events.after(0, NO_WAIT).await.unwrap(), ["11", "12"]);
        assert_eq!(events.after(0, NO_WAIT).await.unwrap(), ["11", "12"]);
        assert_eq!(events.after(11, NO_WAIT).await.unwrap(), ["12"]);
        assert_eq!(events.after(0, NO_WAIT).await.unwrap(), ["12"], "11 is gone");
        assert!(events.after(12, NO_WAIT).await.unwrap().is_empty());
        assert!(events.after(13, NO_WAIT).await.is_err());
    }

    #[tokio::test]
    async fn takes_no_more_than_there_is_room_for() {
        let events = Events::new(4, 10);
        events.push(event).unwrap();
        events.push(event).unwrap();
        assert!(events.push(event).is_err());
        assert!(events.after(12, NO_WAIT).await.unwrap().is_empty());
        events.push(event).unwrap();
        assert_eq!(events.after(12, NO_WAIT).await.unwrap(), ["13"], "what found no room took no id");
    }

    #[tokio::test]
    async fn wakes_who_waits() {
        let events = Events::new(100, 10);
        let wait = Duration::from_secs(600);
        let (page, ()) = tokio::join!(events.after(0, wait), async { events.push(event).unwrap() });
        assert_eq!(page.unwrap(), ["11"]);
        let (page, ()) = tokio::join!(events.after(11, wait), async { events.close() });
        assert!(page.unwrap().is_empty());
        assert!(events.push(event).is_err());
    }
}
