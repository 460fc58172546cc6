// The local API as the page uses it: requests, and one event stream that reconnects by itself.

/** The token an address outside loopback needs: it arrives once, in the fragment. */
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    sessionStorage.setItem("token", given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem("token");
}

const token = takeToken();
/** Whether there is a token, without which the host gives no pattern another module. */
export const hasToken = Boolean(token);

/**
 * The error of a request: `status` is 0 when the host did not answer at all, `forceHelps`
 * when the same with force would be done.
 */
export class ApiError extends Error {
  constructor(status, body) {
    super(body?.error?.message ?? (status ? `The host answered ${status}.` : ""));
    this.status = status;
    this.kept = Boolean(body?.error?.rejection);
    this.forceHelps = Boolean(body?.error?.force);
  }
}

async function ask(method, path, body) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (body) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(`/api/${path}`, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new ApiError(0);
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok || !answer) throw new ApiError(response.status, answer);
  return answer;
}

const of = (pattern) => `patterns/${encodeURIComponent(pattern)}`;

/**
 * The rows behind `after` in that order, at most `limit`; `asOf` is the last event that is in them,
 * `more` whether others follow.
 */
export async function readRows(pattern, table, { order, limit, after }) {
  const query = new URLSearchParams({ order, limit });
  if (after) query.set("after", JSON.stringify(after));
  const page = await ask("GET", `${of(pattern)}/rows/${encodeURIComponent(table)}?${query}`);
  return { rows: page.rows, asOf: page.as_of, more: page.next !== null };
}

export const write = (pattern, id, operation) =>
  ask("POST", `${of(pattern)}/writes`, { write_id: id, operations: [operation] });
export const readRejected = async (pattern) =>
  (await ask("GET", `${of(pattern)}/rejected`)).rejected;
export const retryRejected = (pattern, id) => ask("POST", `${of(pattern)}/rejected/${id}/retry`);
export const discardRejected = (pattern, id) => ask("DELETE", `${of(pattern)}/rejected/${id}`);
export const readPlugins = async () => (await ask("GET", "plugins")).plugins;
export const swap = (pattern, module, force) =>
  ask("POST", `${of(pattern)}/swap`, { module, force });
export const swapBack = (pattern, force) =>
  ask("POST", `${of(pattern)}/swap`, { back: true, force });
export const addPattern = (pattern, module) => ask("POST", "patterns", { pattern, module });
export const removePattern = (pattern, force) =>
  ask("DELETE", `${of(pattern)}${force ? "?force=true" : ""}`);
export const setNetwork = (mode) => ask("POST", "network", { mode });

const kEvents = ["hello", "row", "row_gone", "table", "write", "pattern", "stream", "network"];
const kReconnectMs = 1000;
/** Rows of a table that are told one by one; where more change together the table is read again. */
const kBurst = 100;

/**
 * Calls `onEvent(name, data, id)` for each event and `onLost()` when the host is not there. After a
 * loss the stream comes again by itself; its first event is always hello. A hidden page has no
 * stream: browsers open six connections to one host, and many tabs would use them up.
 */
export function listen(onEvent, onLost) {
  const query = new URLSearchParams({ burst: kBurst, ...(token && { token }) });
  let source;

  function open() {
    source?.close();
    source = new EventSource(`/api/events?${query}`);
    for (const name of kEvents) {
      source.addEventListener(name, (event) =>
        onEvent(name, JSON.parse(event.data), Number(event.lastEventId)),
      );
    }
    source.addEventListener("error", onError);
  }

  function onError() {
    onLost();
    // The browser reconnects by itself unless the answer was an error.
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, kReconnectMs);
  }

  function follow() {
    if (document.visibilityState === "hidden") source?.close();
    else if (!source || source.readyState === EventSource.CLOSED) open();
  }

  document.addEventListener("visibilitychange", follow);
  follow();
}
