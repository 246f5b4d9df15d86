//! Everything that needs no process and no network: the laws, the architecture, the file formats, and
//! the carrying out of plans against a fake account.

mod apply;
mod architecture;
mod fake;
mod formats;
mod generate;
mod laws;
