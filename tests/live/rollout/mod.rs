//! `harden rollout`: many accounts.

mod again;
mod bad_input;
mod damaged;
mod fleet;
mod hostile;
mod inherited;
mod newcomers;
mod pages;
mod profiles;
mod prompts;
mod roles;
mod root_keys;
mod shards;
mod stopped;
mod surveys;
mod waves;
