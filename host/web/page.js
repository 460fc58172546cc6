// The page: one panel for each running pattern, kept by the event stream, and a banner that says
// what cannot be reached.

import * as api from "./api.js";
import { comparePanels, Panel } from "./panel.js";

const panels = new Map(); // pattern → Panel
const streams = new Map(); // table → its last status
const main = document.getElementById("panels");
const network = document.getElementById("network");
const networkMode = document.getElementById("network-mode");
let hostLost = false;
let table = "";

/** What is not reachable, one sentence each; empty when all is well. */
function troubles() {
  if (hostLost) return ["The host cannot be reached. This page comes back by itself."];
  const stream = streams.get(table);
  const found = [];
  if (stream?.state === "retrying") {
    found.push(`Changes from the server are late: ${stream.reason}`);
  } else if (stream?.state === "stopped") {
    found.push(`Changes from the server do not come any more: ${stream.reason}`);
  }
  for (const { status } of panels.values()) {
    if (status.queue?.state !== "retrying" && status.queue?.state !== "unauthorized") continue;
    found.push(`Writes are waiting: ${status.queue.reason}`);
  }
  return found;
}

function drawBanner() {
  const text = [...new Set(troubles())].join("\n");
  const banner = document.getElementById("banner");
  if (banner.textContent !== text) banner.textContent = text;
}

function placePanels() {
  const sorted = [...panels.values()].sort((a, b) => comparePanels(a.status, b.status));
  sorted.forEach((panel, at) => {
    if (main.children[at] !== panel.element) {
      main.insertBefore(panel.element, main.children[at] ?? null);
    }
  });
}

function removePanel(pattern) {
  panels.get(pattern)?.element.remove();
  panels.delete(pattern);
}

/** A pattern as the host now tells it: new, changed or gone. */
function onPattern(status) {
  if (status.state === "removed") return removePanel(status.pattern);
  const known = panels.get(status.pattern);
  const cameToLife = known?.status.state !== "running" && status.state === "running";
  if (known) {
    known.setStatus(status);
  } else {
    panels.set(status.pattern, new Panel(status, table));
  }
  placePanels();
  if (!known || cameToLife) panels.get(status.pattern).read();
}

/** Everything afresh: the first connection, and each one after a loss. */
function onHello(status) {
  table = status.page.table;
  streams.clear();
  for (const stream of status.streams) streams.set(stream.table, stream);
  const running = new Set(status.patterns.map(({ pattern }) => pattern));
  for (const pattern of [...panels.keys()]) if (!running.has(pattern)) removePanel(pattern);
  for (const pattern of status.patterns) {
    const known = panels.has(pattern.pattern);
    onPattern(pattern);
    if (known) panels.get(pattern.pattern).read();
  }
  network.hidden = status.network === undefined;
  networkMode.value = status.network ?? "online";
  main.removeAttribute("aria-busy");
}

function onEvent(name, data, id) {
  hostLost = false;
  const panel = panels.get(data.pattern);
  if (name === "hello") onHello(data);
  if (name === "row" || name === "row_gone") panel?.onRow(id, data);
  if (name === "table") panel?.onTable(data);
  if (name === "write") panel?.onWrite(data);
  if (name === "pattern") onPattern(data);
  if (name === "stream") streams.set(data.table, data);
  if (name === "network") networkMode.value = data.mode;
  drawBanner();
}

networkMode.addEventListener("change", () => api.setNetwork(networkMode.value).catch(() => {}));

api.listen(onEvent, () => {
  hostLost = true;
  drawBanner();
});
