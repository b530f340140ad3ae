//! The binary as people, scripts and browsers meet it: every message with its exit code, on bad input,
//! full disks, wrong files, kills, and on both engines.

mod answers;
mod articles;
mod audit;
mod backup;
mod city;
mod configuration;
mod csv;
mod database;
mod dictionary;
mod disk;
mod doctor;
mod engines;
mod erasures;
mod folder;
mod kills;
mod line;
mod mail;
mod pages;
mod question;
mod sealed_uploads;
mod search;
mod server;
mod servers;
mod support;
mod tls;
mod toml;
mod xlsx;
