//! The client against the simulator over real HTTP; webhooks from the simulator to a real server.

mod account;
mod faults;
mod many;
mod menus;
mod odd;
mod sending;
mod support;
mod tokens;
mod webhooks;
