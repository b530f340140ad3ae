//! The language model's walls, tried with lies, honest rephrasings, injections, broken services and random texts.

mod answers;
mod endpoint;
mod honest;
mod honest_texts;
mod injection;
mod lies;
mod random;
mod support;
