//! The whole product, driven from outside: documents in, running services out.

mod around;
mod compile;
mod conformance;
mod control;
mod corpus;
mod examples;
mod generate;
mod heavy;
mod keys;
mod life;
mod limits;
mod modes;
mod packages;
mod patterns;
mod policies;
mod row;
mod serve;
mod stubs;
mod telemetry;
mod trees;
mod weeks;
