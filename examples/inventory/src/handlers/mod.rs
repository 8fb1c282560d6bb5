//! What answers the operations: one file for each tag.

mod inventories;
