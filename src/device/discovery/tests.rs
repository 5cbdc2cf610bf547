//! What is announced in real words.
