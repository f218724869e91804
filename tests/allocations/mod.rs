//! Counts what is allocated, per thread, so that tests beside this one do not count.
//!
//! Outside of [`measure`] an allocation costs one look at a flag more, so that the same program can time.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    static MEASURING: Cell<bool> = const { Cell::new(false) };
    static NOW: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    static TOTAL: Cell<usize> = const { Cell::new(0) };
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

/// What a function allocated.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// The most bytes at once, beyond what was there before. Both places count while an allocation moves.
    pub peak: usize,
    /// Bytes in all; an allocation that moves counts again.
    pub total: usize,
    /// Allocations, moves included.
    pub count: usize,
}

/// Not there while a thread starts or ends; nothing is measured then.
fn measuring() -> bool {
    MEASURING.try_with(Cell::get).unwrap_or(false)
}

fn add(size: usize) {
    if !measuring() {
        return;
    }
    let _ = NOW.try_with(|now| {
        now.set(now.get() + size.cast_signed());
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(now.get())));
    });
    let _ = TOTAL.try_with(|total| total.set(total.get() + size));
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

fn remove(size: usize) {
    if !measuring() {
        return;
    }
    let _ = NOW.try_with(|now| now.set(now.get() - size.cast_signed()));
}

#[allow(unsafe_code, reason = "an allocator is unsafe by its trait; it passes every call on as it came")]
// SAFETY: every method passes its arguments on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        remove(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        add(size);
        remove(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What the function allocated, and what it gave.
pub fn measure<T>(run: impl FnOnce() -> T) -> (Usage, T) {
    let before = NOW.with(Cell::get);
    PEAK.with(|peak| peak.set(before));
    let (total, count) = (TOTAL.with(Cell::get), COUNT.with(Cell::get));
    MEASURING.set(true);
    let result = run();
    MEASURING.set(false);
    let usage = Usage {
        peak: PEAK.with(Cell::get).abs_diff(before),
        total: TOTAL.with(Cell::get) - total,
        count: COUNT.with(Cell::get) - count,
    };
    (usage, result)
}
