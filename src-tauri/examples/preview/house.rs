//! Behind the door: the page, its commands and its events.

use std::{convert::Infallible, path::PathBuf, sync::Arc};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware::{Next, from_fn_with_state},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
    routing::{get, post},
};
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};
use tauri::{
    App, Listener, WebviewWindow,
    ipc::{CallbackFn, InvokeBody, InvokeResponseBody},
    test::{INVOKE_KEY, MockRuntime, get_ipc_response},
    webview::InvokeRequest,
};
use tokio::{
    net::TcpListener,
    sync::{broadcast, watch},
};

use crate::{door::Door, page};

/// Where the page of the app lives; commands are allowed from there only.
const PAGE: &str = if cfg!(any(windows, target_os = "android")) { "http://tauri.localhost" } else { "tauri://localhost" };

/// Everything that answers.
pub struct House {
    door: Door,
    ui: PathBuf,
    window: WebviewWindow<MockRuntime>,
    changes: broadcast::Sender<String>,
    closing: watch::Sender<bool>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl House {
    /// The house of an app that was made on the mock runtime and initialised.
    pub fn new(app: &App<MockRuntime>, door: Door, ui: PathBuf) -> Result<Self, Box<dyn std::error::Error>> {
        let window = tauri::WebviewWindowBuilder::new(app, "main", tauri::WebviewUrl::default()).build()?;
        let changes = broadcast::Sender::new(256);
        let hear = changes.clone();
        app.listen_any(app::events::CHANGED, move |event| {
            // A browser that is not there hears nothing.
            let _ = hear.send(event.payload().to_owned());
        });
        let policy = app.config().app.security.csp.clone().ok_or("the app has no content security policy")?;
        Ok(Self { door, ui, window, changes, closing: watch::Sender::new(false), headers: headers(policy.into())? })
    }
}

/// Answers until told to stop.
pub async fn open(listener: TcpListener, house: Arc<House>, stopped: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
    let inside = Router::new()
        .route("/ipc/{command}", post(ipc))
        .route("/events", get(events))
        .route_layer(from_fn_with_state(Arc::clone(&house), only_with_bearer));
    let router = Router::new()
        .route("/session", post(session))
        .merge(inside)
        .fallback(get(file))
        .layer(from_fn_with_state(Arc::clone(&house), at_the_door))
        .with_state(Arc::clone(&house));
    let stop = async move {
        stopped.await;
        house.closing.send_replace(true);
    };
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

/// The app's own policy, except that this page speaks HTTP to where it came from.
fn headers(
    policy: std::collections::HashMap<String, tauri::utils::config::CspDirectiveSources>,
) -> Result<Vec<(HeaderName, HeaderValue)>, Box<dyn std::error::Error>> {
    let mut directives: Vec<String> = policy
        .into_iter()
        .filter(|(name, _)| name != "connect-src")
        .map(|(name, sources)| format!("{name} {}", Vec::<String>::from(sources).join(" ")))
        .collect();
    directives.extend(["connect-src 'self'".to_owned(), "frame-ancestors 'none'".to_owned()]);
    directives.sort();
    Ok(vec![
        (header::CONTENT_SECURITY_POLICY, directives.join("; ").parse()?),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    ])
}

async fn at_the_door(State(house): State<Arc<House>>, request: Request, next: Next) -> Response {
    let mut response = match house.door.is_for_us(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    };
    response.headers_mut().extend(house.headers.iter().cloned());
    response
}

async fn only_with_bearer(State(house): State<Arc<House>>, request: Request<Body>, next: Next) -> Response {
    if house.door.knows(request.headers()) { next.run(request).await } else { StatusCode::UNAUTHORIZED.into_response() }
}

async fn session(State(house): State<Arc<House>>, Json(asked): Json<Value>) -> Response {
    match asked.get("token").and_then(Value::as_str).and_then(|token| house.door.enter(token)) {
        Some(bearer) => Json(json!({ "bearer": bearer })).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

async fn ipc(State(house): State<Arc<House>>, Path(command): Path<String>, Json(arguments): Json<Value>) -> Response {
    let answer = tauri::async_runtime::spawn_blocking(move || call(&house.window, command, arguments)).await;
    match answer {
        Ok(Some(Ok(InvokeResponseBody::Json(json)))) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Ok(Some(Err(error))) => (StatusCode::BAD_REQUEST, Json(error)).into_response(),
        Ok(Some(Ok(InvokeResponseBody::Raw(_))) | None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Calls one of the app's commands as its window would; those of plugins are not reached from here.
fn call(window: &WebviewWindow<MockRuntime>, command: String, arguments: Value) -> Option<Result<InvokeResponseBody, Value>> {
    if !command.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
        return None;
    }
    let request = InvokeRequest {
        cmd: command,
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: PAGE.parse().ok()?,
        body: InvokeBody::Json(arguments),
        headers: header::HeaderMap::default(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    Some(get_ipc_response(window, request))
}

async fn events(State(house): State<Arc<House>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut closing = house.closing.subscribe();
    let heard = stream::unfold(house.changes.subscribe(), |mut changes| async {
        let payload = match changes.recv().await {
            Ok(payload) => payload,
            Err(broadcast::error::RecvError::Lagged(_)) => "{\"cases\":[],\"sync\":true,\"locked\":false}".to_owned(),
            Err(broadcast::error::RecvError::Closed) => return None,
        };
        Some((Ok(Event::default().event(app::events::CHANGED).data(payload)), changes))
    });
    let until = async move {
        let _ = closing.wait_for(|closing| *closing).await;
    };
    Sse::new(heard.take_until(Box::pin(until))).keep_alive(KeepAlive::default())
}

async fn file(State(house): State<Arc<House>>, uri: Uri) -> Response {
    page::serve(&house.ui, uri.path())
}
