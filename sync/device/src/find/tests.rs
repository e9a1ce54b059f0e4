//! Search: what is typed one way is found as it was written.
