//! Lists over all cases.
