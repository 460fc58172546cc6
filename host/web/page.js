// The page: one panel for each running pattern, kept by the event stream, and a banner that says
// what cannot be reached.

import * as api from "./api.js";
import { oncePerFrame } from "./frames.js";
import { offerNewPattern } from "./new_pattern.js";
import { comparePanels, Panel } from "./panel.js";

const panels = new Map(); // pattern → Panel
const streams = new Map(); // table → its last status
const main = document.getElementById("panels");
const network = document.getElementById("network");
const networkMode = document.getElementById("network-mode");
let hostLost = false;
let table = "";
let embedded = false; // the host follows PostgreSQL itself, without an Electric between

const kForBanner = ["hello", "pattern", "stream"]; // the events that may change what it says
const kHostAway = "The host cannot be reached: nothing can be written until it is back.";
const kPostgresAway = "PostgreSQL is away: writes wait until it is back.";
const kElectricAway = "Electric is away: writes show late, but are not lost.";
const kBackendAway = "The backend is away: writes wait until it is back.";
const kTokenRefused = "The backend refuses the host's token: writes wait until it is corrected.";

/** The parts that are away, as [sentence, reason] each; empty when all is well. */
function troubles() {
  if (hostLost) return [[kHostAway, ""]];
  const found = [];
  const { state, reason } = streams.get(table) ?? {};
  if (state === "retrying") found.push([embedded ? kPostgresAway : kElectricAway, reason]);
  if (state === "stopped") found.push([`Changes do not come any more: ${reason}`, ""]);
  for (const { status } of panels.values()) {
    const { queue } = status;
    // The bundled backend is never away: without PostgreSQL it cannot answer, and that is said.
    const said = embedded && state === "retrying";
    if (queue?.state === "retrying" && !said) found.push([kBackendAway, queue.reason]);
    if (queue?.state === "unauthorized") found.push([kTokenRefused, queue.reason]);
  }
  return found;
}

/** The sentences to read, the reasons to hover over. */
function drawBanner() {
  const found = troubles();
  const lines = (column) => [...new Set(found.map((one) => one[column]))].join("\n");
  const banner = document.getElementById("banner");
  if (banner.textContent !== lines(0)) banner.textContent = lines(0);
  banner.title = lines(1).trim();
}

const drawBannerSoon = oncePerFrame(drawBanner);

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

/** A pattern as the host now tells it: new, changed, another module's or gone. */
function onPattern(status) {
  if (status.state === "removed") return removePanel(status.pattern);
  const known = panels.get(status.pattern);
  const cameToLife = known?.status.state !== "running" && status.state === "running";
  const swapped = known && known.status.id !== status.id;
  if (known) {
    known.setStatus(status);
  } else {
    panels.set(status.pattern, new Panel(status, table));
  }
  placePanels();
  if (!known || cameToLife || swapped) panels.get(status.pattern).read();
}

/** Reads everything: after the first connection, and after each one that follows a loss. */
function onHello(status) {
  table = status.page.table;
  embedded = "sync service" in status.places;
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

/** In the order in which they came; rows are drawn in the next frame. */
function onEvent(name, data, id) {
  const panel = panels.get(data.pattern);
  if (name === "hello") onHello(data);
  if (name === "row" || name === "row_gone") panel?.onRow(id, data);
  if (name === "table") panel?.onTable(data);
  if (name === "write") panel?.onWrite(data);
  if (name === "pattern") onPattern(data);
  if (name === "stream") streams.set(data.table, data);
  if (name === "network") networkMode.value = data.mode;
  if (hostLost || kForBanner.includes(name)) drawBannerSoon();
  hostLost = false;
}

if (api.hasToken) offerNewPattern(document.getElementById("new-pattern"));
networkMode.addEventListener("change", () => api.setNetwork(networkMode.value).catch(() => {}));

api.listen(onEvent, () => {
  hostLost = true;
  drawBannerSoon();
});
