//! Gives what was freed back to the system.
//!
//! The allocator of glibc keeps what is freed for the next one who asks, and gives back no more than the top of each heap:
//! one small thing that stays there holds tens of megabytes below it. So whoever lets go of something large because nothing
//! happens says so here. Only ever in quiet: the next who allocates pays for the pages once more.
//!
//! One of the two files with `unsafe`: no crate that we have declares this function, which has no precondition at all.
#![cfg_attr(
    all(target_os = "linux", target_env = "gnu"),
    expect(unsafe_code, reason = "glibc gives memory back when told to, and only then")
)]

/// Gives back every whole page that nothing stands on, of all threads' heaps. Takes a few milliseconds, during which those who
/// allocate wait. Other allocators give back by themselves, or cannot be told to.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: the function's type as malloc.h has it. It may be called at any time and from any thread.
        unsafe extern "C" {
            safe fn malloc_trim(pad: usize) -> std::ffi::c_int;
        }
        let _whether_there_was_any = malloc_trim(0);
    }
}

#[cfg(test)]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    /// What this process takes that is no file, in kB.
    fn taken() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    #[test]
    fn what_was_freed_below_something_that_stays_is_given_back() {
        let page = |_| vec![1_u8; 4000];
        let mut pages: Vec<Vec<u8>> = (0..16 * 1024).map(page).collect();
        let last = pages.pop();
        let full = taken();
        drop(pages);
        give_back();
        // other tests run beside this one, with far less than the half
        let left = taken();
        assert!(left + 32 * 1024 < full, "{full} kB, then {left} kB");
        drop(last);
    }
}
