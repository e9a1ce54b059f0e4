// The host behind loopback HTTP, for a browser in development and tests. The token in the address opens one
// session and is then removed; what the session got is kept in this tab only.
import type { Changed, ErrorView } from "./bindings";
import { hostOver } from "./commands";
import { asError } from "./error";
import type { Host } from "./host";
import { serverEvents } from "./sse";

const KEPT = "bearer";
const gone: ErrorView = { code: "env.host_gone", wait_s: null };
const noSession: ErrorView = { code: "env.no_session", wait_s: null };

async function post(path: string, body: unknown, bearer: string | null): Promise<Response> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  return fetch(path, { method: "POST", headers, body: JSON.stringify(body), cache: "no-store", credentials: "omit" }).catch(() => {
    throw gone;
  });
}

async function openSession(): Promise<string> {
  const token = /^#t=(.+)$/.exec(location.hash)?.[1];
  if (!token) {
    const kept = sessionStorage.getItem(KEPT);
    if (kept) return kept;
    throw noSession;
  }
  history.replaceState(null, "", location.pathname + location.search);
  const answer = await post("/session", { token: decodeURIComponent(token) }, null);
  if (!answer.ok) throw noSession;
  const { bearer } = (await answer.json()) as { bearer: string };
  sessionStorage.setItem(KEPT, bearer);
  return bearer;
}

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (response.status === 401) {
    sessionStorage.removeItem(KEPT);
    throw noSession;
  }
  const value: unknown = text === "" ? null : JSON.parse(text);
  if (!response.ok) throw asError(value);
  return value;
}

export function previewHost(): Host {
  const session = openSession();
  session.catch(() => undefined);
  const call = async (command: string, args: Record<string, unknown> = {}) =>
    answerOf(await post(`/ipc/${command}`, args, await session)).catch((thrown: unknown) => {
      throw asError(thrown);
    });
  return hostOver(call as never, oneStream(session));
}

/** One stream for all listeners: a browser opens only six connections to one host. */
function oneStream(session: Promise<string>): (listener: (changed: Changed) => void) => () => void {
  const listeners = new Set<(changed: Changed) => void>();
  let stop: (() => void) | null = null;
  const tell = (changed: Changed) => listeners.forEach((listener) => listener(changed));
  return (listener) => {
    listeners.add(listener);
    stop ??= serverEvents("/events", session, (event, data) => {
      if (event === "open") tell({ cases: [], sync: true, locked: false });
      if (event === "changed" || event === "message") tell(JSON.parse(data) as Changed);
    });
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) {
        stop?.();
        stop = null;
      }
    };
  };
}
