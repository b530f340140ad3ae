//! Effect.
