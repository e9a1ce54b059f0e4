//! Every entrance for bytes of others.
