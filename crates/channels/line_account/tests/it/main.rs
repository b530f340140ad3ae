//! The account against LINE's simulator, with the real dictionary, on both engines.

mod faults;
mod inbox;
mod linking;
mod menu;
mod path;
mod town;
