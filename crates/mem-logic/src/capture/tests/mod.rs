//! Tests of the capture that are too long to stand beside what they test.

mod judge;
mod overlaps;
mod secrets;
