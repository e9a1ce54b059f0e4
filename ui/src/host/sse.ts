// Server-sent events over fetch, because EventSource cannot carry an Authorization header. Comes back by itself,
// and says "open" each time it has, since something may have been missed.
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;

/** one event out of one block of lines */
export function parseBlock(block: string): { event: string; data: string } | null {
  let event = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length ? { event, data: data.join("\n") } : null;
}

async function listenOnce(path: string, bearer: string, signal: AbortSignal, hear: (event: string, data: string) => void) {
  const response = await fetch(path, { headers: { Authorization: `Bearer ${bearer}`, Accept: "text/event-stream" }, cache: "no-store", credentials: "omit", signal });
  if (!response.ok || !response.body) throw new Error("no stream");
  hear("open", "");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value.replaceAll("\r\n", "\n")).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const heard = parseBlock(block);
      if (heard) hear(heard.event, heard.data);
    }
  }
}

export function serverEvents(path: string, session: Promise<string>, hear: (event: string, data: string) => void): () => void {
  const stop = new AbortController();
  void (async () => {
    const bearer = await session.catch(() => null);
    let wait = FIRST_WAIT;
    while (bearer && !stop.signal.aborted) {
      const began = Date.now();
      await listenOnce(path, bearer, stop.signal, hear).catch(() => undefined);
      wait = Date.now() - began > LONGEST_WAIT ? FIRST_WAIT : Math.min(wait * 2, LONGEST_WAIT);
      await new Promise((go) => setTimeout(go, wait));
    }
  })();
  return () => stop.abort();
}
