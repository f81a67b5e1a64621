//! Published facts against replications.
