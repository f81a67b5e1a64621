//! What commands answer, in words and figures.
