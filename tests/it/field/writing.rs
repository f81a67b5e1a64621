//! What commands write, and what happens when two write at once.
