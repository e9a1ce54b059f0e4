//! Whether the process lives, and whether it could take something in.

use http::StatusCode;

use super::Response;
use crate::{Server, note};

const TEXT: &str = "text/plain; charset=utf-8";

pub(super) fn alive() -> Response {
    Response::whole(StatusCode::OK, TEXT, b"ok\n".to_vec())
}

pub(super) fn ready(server: &Server) -> Response {
    match server.log.ready() {
        Ok(()) => Response::whole(StatusCode::OK, TEXT, b"ready\n".to_vec()),
        Err(error) => {
            note(error.code());
            Response::whole(StatusCode::SERVICE_UNAVAILABLE, TEXT, b"not ready\n".to_vec())
        }
    }
}
