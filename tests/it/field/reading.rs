//! What a file may say, and what reading it may cost.
