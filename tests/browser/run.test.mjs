// The page before `patchbay run`, complete on one machine: every panel adds, ticks and deletes, and
// every other panel sees it come through PostgreSQL.

import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { environment, eventually, openBrowser, PanelView, startProgram } from "./harness.mjs";

const kProgram = environment(
  "PATCHBAY_PROGRAM",
  fileURLToPath(new URL("../../build/dev/bin/patchbay", import.meta.url)),
);
const kStartTimeout_ms = 60_000;

let browser;
let directory;
let host;
let page;
let panels;
const complaints = [];

before(
  async () => {
    browser = await openBrowser();
    directory = await mkdtemp(join(tmpdir(), "patchbay-page-"));
    await chmod(directory, 0o755); // a root's PostgreSQL runs as somebody else
    host = await startProgram(
      kProgram,
      ["run", "--port", "0", "--directory", directory],
      (line) => line.match(/page: (http\S+)/)?.[1],
      { stopSignal: "SIGINT" },
    );
    page = await browser.newPage({ viewport: { width: 986, height: 698 } });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith(new URL("/", host.found).href)) complaints.push(request.url());
    });
    // A pipe is told no token: it is in the directory.
    const token = (await readFile(join(directory, "token"), "utf8")).trim();
    await page.goto(`${host.found}/#token=${token}`);
    await page.locator("main:not([aria-busy]) [data-pattern]").first().waitFor();
    const names = await page
      .locator("[data-pattern]")
      .evaluateAll((all) => all.map((one) => one.dataset.pattern));
    panels = names.map((name) => new PanelView(page, name));
  },
  { timeout: kStartTimeout_ms },
);
after(async () => {
  await browser?.close();
  await host?.stop();
  if (directory) await rm(directory, { recursive: true, force: true });
});

async function everyPanelShows(text) {
  for (const panel of panels) await eventually(() => panel.printed(), text, 15_000);
}

test("starts without trouble", async () => {
  const headings = await page.locator("h2").allTextContents();
  assert.deepEqual(headings, [
    "1. Online writes",
    "2. Optimistic state",
    "3. Combine on read",
    "4. Through the DB",
  ]);
  await eventually(() => page.locator("#banner").textContent(), "");
  assert.equal(await page.locator(".notice").count(), 0);
});

test("each panel adds, ticks and deletes, and every panel sees it", async () => {
  for (const panel of panels) {
    await panel.add("Get stuff done");
    await everyPanelShows("Get stuff done");
    await panel.box("Get stuff done").click();
    await everyPanelShows("[x] Get stuff done");
    await panel.remove("Get stuff done");
    await everyPanelShows("");
  }
  assert.equal(await page.locator(".notice").count(), 0);
});

test("each panel works on what another has written", async () => {
  const [first, second] = panels;
  const last = panels.at(-1);
  await first.add("milk");
  await everyPanelShows("milk");
  await second.add("eggs");
  await everyPanelShows("milk | eggs");
  await last.box("milk").click();
  await everyPanelShows("[x] milk | eggs");
  await first.remove("eggs");
  await everyPanelShows("[x] milk");
});

/** The events of a host from now on, as { name, bytes } each. */
async function listen() {
  const stop = new AbortController();
  const answer = await fetch(new URL("/api/events", host.found), { signal: stop.signal });
  const events = [];
  let text = "";
  const read = async () => {
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const whole = text.split("\n\n");
      text = whole.pop();
      for (const one of whole) {
        const [, name] = one.match(/^event: (\w+)$/m) ?? [];
        if (name && name !== "hello") events.push({ name, bytes: one.length, text: one });
      }
    }
  };
  read().catch(() => {});
  return { events, stop: () => stop.abort() };
}

test("one insert is told in few events and bytes, whichever pattern takes it", async () => {
  for (const panel of panels) {
    const { events, stop } = await listen();
    await panel.add("bread");
    await everyPanelShows("[x] milk | bread");
    const confirmed = () => events.some(({ text }) => text.includes('"state":"confirmed"'));
    await eventually(confirmed, true);
    await panel.remove("bread");
    await everyPanelShows("[x] milk");
    stop();
    const end = events.findIndex(({ text }) => /"operation":"delete"|row_gone/.test(text));
    const told = events.slice(0, end);
    const of = (name) => told.filter((one) => one.name === name).length;
    const bytes = told.reduce((sum, one) => sum + one.bytes, 0);
    const counts = `${panel.pattern}: ${told.map(({ name }) => name).join(" ")}, ${bytes} bytes`;
    // A row for each view, and another where it was shown before it was saved.
    assert.equal(of("row"), panel.pattern === "online" ? 4 : 5, counts);
    assert.ok(of("write") <= 5, counts);
    assert.equal(told.length, of("row") + of("write"), counts);
    assert.ok(bytes < 3_500, counts);
  }
});

test("a refused write is listed with the server's reason, retried and discarded", async () => {
  for (const pattern of ["immutable", "through-db"]) {
    const { notices } = panels.find((panel) => panel.pattern === pattern);
    const status = await page.evaluate(async (name) => {
      const value = { id: crypto.randomUUID(), title: "late", created_at: "no time" };
      const answer = await fetch(`/api/patterns/${name}/writes`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ operations: [{ operation: "insert", table: "todos", value }] }),
      });
      return answer.status;
    }, pattern);
    assert.equal(status, 200);
    const said = async () => (await notices.allTextContents()).join().includes("no time");
    await eventually(said, true);
    const refused = await notices.first().getAttribute("data-write-id");
    await notices.getByRole("button", { name: "Retry" }).click(); // refused again, as another write
    await eventually(async () => {
      const ids = await notices.evaluateAll((all) => all.map((one) => one.dataset.writeId));
      return ids.length === 1 && ids[0] !== refused;
    }, true);
    await page.reload();
    await eventually(said, true);
    await notices.getByRole("button", { name: "Discard" }).click();
    await eventually(() => notices.count(), 0);
  }
  await everyPanelShows("[x] milk");
});

const runs = (panel) => panel.module().then((text) => text.split(" ")[0]);

test("a running pattern gets another module, continues, and gives it back by force", async () => {
  const panel = panels.find(({ pattern }) => pattern === "optimistic");
  await panel.openMenu();
  await panel.press("Back");
  const never = "The pattern \"optimistic\" has had no other module yet; name one.";
  await eventually(() => panel.said(), never);
  await panel.element.getByLabel("Module").selectOption("immutable");
  await panel.press("Swap");
  await eventually(() => runs(panel), "immutable", 15_000);
  await eventually(() => panel.said(), "");
  await panel.add("bread");
  await everyPanelShows("[x] milk | bread");

  await panel.openMenu();
  await panel.press("Back");
  const question = async () => (await panel.said()).endsWith("Swap it anyway?");
  await eventually(question, true);
  assert.match(await panel.said(), /keeps its writes on disk, optimistic would have them in mem/);
  assert.equal(await runs(panel), "immutable");
  await panel.press("Yes");
  await eventually(() => runs(panel), "optimistic", 15_000);
  await panel.remove("bread");
  await everyPanelShows("[x] milk");
  assert.equal(await page.locator(".notice").count(), 0);
});

test("a pattern is added, works with the others, and is removed after a question", async () => {
  const form = page.locator("#new-pattern");
  await page.getByText("Add a pattern").click();
  await form.getByLabel("Plugin").selectOption("optimistic");
  await form.getByLabel("Its name").fill("No Name");
  await form.getByRole("button", { name: "Add" }).click();
  const refused = () => form.locator(".notice p").allTextContents().then((all) => all.join());
  await eventually(async () => (await refused()).includes("use a-z, 0-9, - and _"), true);
  await form.getByLabel("Its name").fill("notes");
  await form.getByRole("button", { name: "Add" }).click();
  const notes = new PanelView(page, "notes");
  await eventually(() => notes.printed(), "[x] milk", 15_000);
  await notes.add("salt");
  await everyPanelShows("[x] milk | salt");
  await notes.remove("salt");
  await everyPanelShows("[x] milk");

  await page.evaluate(() => {
    const value = { id: crypto.randomUUID(), title: "late", created_at: "no time" };
    return fetch("/api/patterns/notes/writes", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ operations: [{ operation: "insert", table: "todos", value }] }),
    });
  });
  await eventually(async () => (await notes.said()).includes("no time"), true);
  await notes.openMenu();
  await notes.press("Remove");
  const question = async () => (await notes.said()).endsWith("Remove it anyway?");
  await eventually(question, true);
  assert.match(await notes.said(), /writes that are not final, 0 unfinished and 1 refused;/);
  await notes.press("Yes");
  await eventually(() => notes.element.count(), 0);
});

test("a name that had another module once gets the one that is asked for", async () => {
  const form = page.locator("#new-pattern");
  const notes = new PanelView(page, "notes");
  for (const plugin of ["immutable", "optimistic"]) {
    await page.getByText("Add a pattern").click();
    await form.getByLabel("Plugin").selectOption(plugin);
    await form.getByLabel("Its name").fill("notes");
    await form.getByRole("button", { name: "Add" }).click();
    await eventually(() => runs(notes), plugin, 15_000);
    await eventually(() => notes.printed(), "[x] milk");
    await eventually(() => page.locator("#new-pattern[open]").count(), 0);
    await notes.openMenu();
    await notes.press("Remove");
    await eventually(() => notes.element.count(), 0);
  }
});

test("everything is still there after a reload", async () => {
  await page.reload();
  await everyPanelShows("[x] milk");
});

test("the page complained about nothing, and the host ends when told", async () => {
  assert.deepEqual(complaints, []);
  await host.stop();
  assert.equal(host.child.exitCode, 0, host.output);
  await eventually(
    () => page.locator("#banner").textContent(),
    "The host cannot be reached: nothing can be written until it is back.",
  );
});
