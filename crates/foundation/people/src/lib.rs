//! Persons, households and how they can be reached.
//!
//! Invariant: an address or whereabouts prints only through policy.
