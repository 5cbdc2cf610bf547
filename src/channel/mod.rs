//! Ways to tell somebody.
