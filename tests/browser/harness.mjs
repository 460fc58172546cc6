// Tools of the browser's tests: a child process that prints where it is, Chromium, and short ways
// to look at a panel. Everything started here ends with its test.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));
const kFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const environment = (name, otherwise) => process.env[name] || otherwise;

export async function openBrowser() {
  return chromium.launch({
    executablePath: environment("PATCHBAY_CHROMIUM", "/usr/bin/chromium"),
    args: kFlags,
  });
}

/**
 * Starts a program and waits for the first line of its output that `find` makes something of.
 * `stop()` asks it to end and waits; what it printed is in `output`.
 */
export async function startProgram(program, args, find, { stopSignal } = {}) {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  const started = { child, output: "" };
  started.stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.stdin.end();
    if (stopSignal) child.kill(stopSignal);
    await ended;
  };
  child.stderr.on("data", (data) => (started.output += data));
  started.found = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) =>
      reject(new Error(`${program} ended with ${code} before it was ready:\n${started.output}`)),
    );
    createInterface({ input: child.stdout }).on("line", (line) => {
      started.output += `${line}\n`;
      const found = find(line);
      if (found) resolve(found);
    });
  });
  return started;
}

/** The page before played patterns; `steer(verb, parameters)` plays them. */
export async function startPageServer(port = 0) {
  const server = await startProgram(
    environment("PATCHBAY_PAGE_SERVER", `${root}build/dev/bin/page_server`),
    [String(port), `${root}host/web`],
    (line) => line.startsWith("{") && JSON.parse(line),
  );
  server.page = server.found.page;
  server.steer = async (verb, parameters = {}) => {
    const query = new URLSearchParams(parameters);
    const answer = await fetch(`${server.found.control}${verb}?${query}`, { method: "POST" });
    await answer.text();
  };
  return server;
}

/** One panel as a person uses it. */
export class PanelView {
  constructor(page, pattern) {
    this.pattern = pattern;
    this.element = page.locator(`[data-pattern="${pattern}"]`);
    this.input = this.element.locator("form input");
    this.button = this.element.getByRole("button", { name: "Add" });
    this.notices = this.element.locator(".notice");
  }

  row(title) {
    return this.element.locator("li", { hasText: title });
  }
  box(title) {
    return this.row(title).getByRole("checkbox");
  }
  async add(title) {
    await this.input.fill(title);
    await this.button.click();
  }
  remove(title) {
    return this.element.getByRole("button", { name: `Delete ${title}` }).click();
  }

  /** The module that runs, as the menu says: "optimistic 1.0.0". */
  module() {
    return this.element.locator(".menu summary").textContent();
  }
  async openMenu() {
    await this.element.locator(".menu summary").click();
    const option = this.element.getByLabel("Module").locator("option").first();
    await option.waitFor({ state: "attached" });
  }
  async swap(module) {
    await this.openMenu();
    await this.element.getByLabel("Module").selectOption(module);
    await this.press("Swap");
  }
  /** A button of the menu, once it is open, or of a notice. */
  press(name) {
    return this.element.getByRole("button", { name, exact: true }).click();
  }
  said() {
    return this.element.locator(".notice p").allTextContents().then((all) => all.join("\n"));
  }

  /** "milk* [x] eggs": `*` not yet saved, `[x]` ticked. */
  async printed() {
    const rows = await this.element.locator("li").evaluateAll((lines) =>
      lines.map((line) => {
        const ticked = line.querySelector("input").checked ? "[x] " : "";
        const pending = line.dataset.pending === "true" ? "*" : "";
        return ticked + line.querySelector(".title").textContent + pending;
      }),
    );
    return rows.join(" | ");
  }
}

/** Looks until it reads `expected`; the last text seen is in the error. */
export async function eventually(look, expected, timeout_ms = 8000) {
  const deadline = Date.now() + timeout_ms;
  let seen = await look();
  while (seen !== expected) {
    if (Date.now() > deadline) throw new Error(`expected "${expected}", saw "${seen}"`);
    await new Promise((resolve) => setTimeout(resolve, 15));
    seen = await look();
  }
}

/** Until the page has drawn what it knows now, and has asked for what it misses then. */
export async function nextFrames(page) {
  const oneMore = () => new Promise((drawn) => requestAnimationFrame(drawn));
  await page.evaluate(oneMore);
  await page.evaluate(oneMore);
}
