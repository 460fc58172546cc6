// Large tables on the page: what is drawn of them, what is asked for, and how often it is drawn.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { eventually, nextFrames, openBrowser, PanelView, startPageServer } from "./harness.mjs";

const kWindow = 200;
const idOf = (number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

let browser;
let server;
let page;
let panel;
let asked; // of the rows since the page was opened: [url, bytes]
let complaints;

before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());
beforeEach(async () => {
  server = await startPageServer();
  complaints = [];
});
afterEach(async () => {
  await page?.close();
  await server?.stop();
  assert.deepEqual(complaints, []);
});

const kFilled = "optimistic";
const fill = (from, count) => server.steer("fill", { from, count, pattern: kFilled });

async function open(count) {
  if (count) await fill(1, count);
  page = await browser.newPage({ viewport: { width: 986, height: 698 } });
  page.on("pageerror", (error) => complaints.push(String(error)));
  asked = [];
  page.on("response", async (response) => {
    if (!response.url().includes("/rows/")) return;
    asked.push([response.url(), (await response.body().catch(() => "")).length]);
  });
  await page.goto(server.page);
  await page.locator("main:not([aria-busy]) [data-pattern='through-db']").waitFor();
  panel = new PanelView(page, kFilled);
}

const titles = () => panel.element.locator("li .title").allTextContents();
const first = () => titles().then((all) => all[0] ?? "");
const last = () => titles().then((all) => all.at(-1) ?? "");
const lines = () => panel.element.locator("li").count();
const scroller = () => panel.element.locator(".scroller");
const scrollTo = (end) =>
  scroller().evaluate((one, down) => one.scrollTo(0, down ? one.scrollHeight : 0), end === "end");
const inSight = () =>
  scroller().evaluate((one) => {
    const box = one.getBoundingClientRect();
    return [...one.querySelectorAll("li")]
      .filter((line) => {
        const { top, bottom } = line.getBoundingClientRect();
        return top >= box.top && bottom <= box.bottom;
      })
      .map((line) => line.querySelector(".title").textContent);
  });
const counts = () => page.evaluate(async () => ({ ...(await import("/frames.js")).counts }));
/** The page has drawn what it was told until now. */
async function drawn() {
  await server.steer("put", { id: idOf(0), title: "", created_at: "2023-01-01 00:00:00+00" });
  await panel.element.locator(`[data-row-id='${idOf(0)}']`).waitFor({ state: "attached" });
  await server.steer("remove", { id: idOf(0) });
  await panel.element.locator(`[data-row-id='${idOf(0)}']`).waitFor({ state: "detached" });
}

test("up to 200 rows are all there; from then on a window of them", async () => {
  await open(kWindow);
  await eventually(lines, kWindow);
  assert.equal(await panel.element.locator(".windowed").count(), 0);
  await fill(kWindow + 1, 1);
  await panel.element.locator(".windowed").waitFor();
  assert.equal(await lines(), kWindow);
  assert.equal(await last(), "row 200");
  await server.steer("remove", { id: idOf(7), pattern: kFilled });
  await scrollTo("end");
  await eventually(last, "row 201");
});

test("opening asks for the same of a table twice as large", async () => {
  const opened = async (count) => {
    await open(count);
    await eventually(lines, kWindow);
    await eventually(() => asked.length, 4); // one a panel
    await nextFrames(page);
    const bytes = asked.reduce((sum, [, size]) => sum + size, 0);
    const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
    const cost = { requests: asked.length, bytes, nodes };
    await page.close();
    return cost;
  };
  const once = await opened(2_000);
  await fill(2_001, 2_000);
  const twice = await opened(0);
  assert.deepEqual(twice, once);
  assert.equal(once.requests, 4);
  assert.ok(once.nodes < kWindow * 12 + 400, String(once.nodes));
});

test("every row is reached by scrolling, down and up; what is in sight stays", async () => {
  await open(450);
  await eventually(lines, kWindow);
  for (let turns = 0; (await last()) !== "row 450" && turns < 20; ++turns) {
    const seen = await last();
    await scrollTo("end");
    await eventually(async () => (await last()) !== seen, true);
    assert.ok((await inSight()).includes(seen), `${seen} went out of sight`);
    assert.ok((await lines()) <= kWindow);
  }
  assert.equal(await last(), "row 450");
  for (let turns = 0; (await first()) !== "row 1" && turns < 20; ++turns) {
    const seen = await first();
    await scrollTo("start");
    await eventually(async () => (await first()) !== seen, true);
    assert.ok((await inSight()).includes(seen), `${seen} went out of sight`);
  }
  assert.equal(await first(), "row 1");
  const all = await titles();
  assert.equal(new Set(all).size, all.length);
});

test("the ends are a key or a button away", async () => {
  await open(1_000);
  await eventually(lines, kWindow);
  await scroller().focus();
  await page.keyboard.press("End");
  await eventually(last, "row 1000");
  await eventually(async () => (await inSight()).includes("row 1000"), true);
  await panel.element.getByRole("button", { name: "First rows" }).click();
  await eventually(first, "row 1");
  await eventually(async () => (await inSight()).includes("row 1"), true);
  await panel.element.getByRole("button", { name: "Last rows" }).click();
  await eventually(last, "row 1000");
  await page.keyboard.press("Home");
  await eventually(first, "row 1");
});

test("what a person adds to a large table is shown", async () => {
  await open(1_000);
  await eventually(lines, kWindow);
  await panel.add("milk");
  await eventually(last, "milk");
  await eventually(async () => (await inSight()).includes("milk"), true);
  await panel.box("milk").click();
  await eventually(() => panel.box("milk").isChecked(), true);
  await panel.add("eggs");
  await eventually(last, "eggs");
  await eventually(async () => (await inSight()).includes("eggs"), true);
});

test("what others change before and after what is in sight leaves it there", async () => {
  await open(1_000);
  await eventually(lines, kWindow);
  await scroller().evaluate((one) => one.scrollTo(0, 2_000));
  const before = await inSight();
  await fill(2_000, 50);
  for (const number of [1, 2, 3, 150, 800]) {
    await server.steer("remove", { id: idOf(number), pattern: kFilled });
  }
  await eventually(async () => (await titles()).includes("row 150"), false);
  assert.deepEqual(await inSight(), before);
});

test("a row whose place changes moves there, and keeps the focus", async () => {
  await open(0);
  await fill(1, 5);
  await eventually(async () => (await titles()).join(), "row 1,row 2,row 3,row 4,row 5");
  await panel.box("row 2").focus();
  const move = (number, created_at) =>
    server.steer("put", { id: idOf(number), title: `row ${number}`, created_at });
  await move(2, "2025-01-01 00:00:00+00");
  await eventually(async () => (await titles()).join(), "row 1,row 3,row 4,row 5,row 2");
  await move(5, "2023-01-01 00:00:00+00");
  await eventually(async () => (await titles()).join(), "row 5,row 1,row 3,row 4,row 2");
  const focused = () =>
    page.evaluate(() => document.activeElement.closest("li")?.textContent.trim());
  assert.equal(await focused(), "row 2");
});

test("of many refused writes some are told, the others counted", async () => {
  await open(0);
  const value = (number) => ({ id: idOf(number), title: `row ${number}` });
  for (let number = 1; number <= 53; ++number) {
    await server.steer("refuse", { pattern: kFilled, message: "no" });
    await fetch(`${server.page}api/patterns/${kFilled}/writes`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        operations: [{ operation: "insert", table: "todos", value: value(number) }],
      }),
    });
  }
  const more = () => panel.element.locator(".more").allTextContents().then((all) => all.join());
  await eventually(more, "3 more not saved.");
  assert.equal(await panel.notices.count(), 50);
  const discard = panel.notices.first().getByRole("button", { name: "Discard" });
  for (const left of ["2 more not saved.", "1 more not saved.", "", ""]) {
    await discard.click();
    await eventually(more, left);
  }
  await eventually(() => panel.notices.count(), 49);
});

test("draws and lines drawn do not grow with what lies outside the window", async () => {
  await open(kWindow + 1);
  await eventually(lines, kWindow);
  const linesFor = async (from, count) => {
    const before = await counts();
    await fill(from, count);
    await drawn();
    const now = await counts();
    assert.ok(now.draws - before.draws <= count, "each event draws at most once");
    return now.lines - before.lines;
  };
  await drawn();
  assert.ok((await linesFor(1_000, 500)) <= 20);
  assert.ok((await linesFor(5_000, 1_000)) <= 20);
});

test("many rows that come together are drawn as they fit, in every panel", async () => {
  await open(0);
  await server.steer("fill", { from: 1, count: 3_000 });
  for (const name of ["online", "optimistic", "immutable", "through-db"]) {
    const one = new PanelView(page, name);
    await eventually(() => one.element.locator("li").count(), kWindow);
    await eventually(() => one.element.locator("li .title").last().textContent(), "row 200");
  }
  assert.ok((await page.evaluate(() => document.querySelectorAll("*").length)) < 4 * 3_000);
  await eventually(async () => (await counts()).lines < 3_000 * 4, true);
});
