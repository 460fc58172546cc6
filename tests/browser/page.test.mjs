// The page before played patterns: what a person sees and does, panel by panel.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { eventually, nextFrames, openBrowser, PanelView, startPageServer } from "./harness.mjs";

const kMilk = "00000000-0000-4000-8000-000000000001";
const kEggs = "00000000-0000-4000-8000-000000000002";
const kMonday = "2024-01-01 00:00:00.5+00";
const kTuesday = "2024-01-02 00:00:00+00";

let browser;
let server;
let page;
let panels;
let complaints;

before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

beforeEach(async () => {
  server = await startPageServer();
  page = await browser.newPage({ viewport: { width: 986, height: 698 } });
  complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(server.page)) complaints.push(`asked ${request.url()}`);
  });
  await page.goto(server.page);
  await page.locator("[data-pattern='through-db']").waitFor();
  panels = Object.fromEntries(
    ["online", "optimistic", "immutable", "through-db"].map((name) => [
      name,
      new PanelView(page, name),
    ]),
  );
});
afterEach(async () => {
  await page?.close();
  await server?.stop();
  assert.deepEqual(complaints, []);
});

const banner = () => page.locator("#banner").textContent();

test("shows the four patterns in their order", async () => {
  assert.deepEqual(await page.locator("h2").allTextContents(), [
    "1. Online writes",
    "2. Optimistic state",
    "3. Combine on read",
    "4. Through the DB",
  ]);
  assert.equal(await banner(), "");
});

test("shows rows as others write them, oldest first", async () => {
  await server.steer("put", { id: kEggs, title: "eggs", created_at: kTuesday, completed: "true" });
  await server.steer("put", { id: kMilk, title: "milk", created_at: kMonday });
  for (const panel of Object.values(panels)) {
    await eventually(() => panel.printed(), "milk | [x] eggs");
  }
  await server.steer("remove", { id: kMilk });
  await eventually(() => panels.online.printed(), "[x] eggs");
});

test("adds, ticks and deletes in every panel", async () => {
  for (const panel of Object.values(panels)) {
    await panel.add("milk");
    await eventually(() => panel.printed(), "milk");
    assert.equal(await panel.input.inputValue(), "");
    await panel.box("milk").click();
    await eventually(() => panel.printed(), "[x] milk");
    await panel.remove("milk");
    await eventually(() => panel.printed(), "");
  }
});

test("adds by the Enter key and keeps the focus", async () => {
  await panels.optimistic.input.fill("milk");
  await page.keyboard.press("Enter");
  await page.keyboard.type("eggs");
  await page.keyboard.press("Enter");
  await eventually(() => panels.optimistic.printed(), "milk | eggs");
  await panels.optimistic.box("milk").focus();
  await page.keyboard.press("Space");
  await eventually(() => panels.optimistic.printed(), "[x] milk | eggs");
  const focused = () =>
    page.evaluate(() => document.activeElement.closest("li")?.textContent.trim());
  assert.equal(await focused(), "milk");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await eventually(() => panels.optimistic.printed(), "eggs");
});

test("the online panel waits for the answer", async () => {
  await server.steer("hold", { pattern: "online" });
  await panels.online.add("milk");
  await panels.online.element.locator("form .spinner").waitFor();
  assert.equal(await panels.online.input.isDisabled(), true);
  assert.equal(await panels.online.input.inputValue(), "milk");
  assert.equal(await panels.online.printed(), "");
  await server.steer("release", { pattern: "online" });
  await eventually(() => panels.online.printed(), "milk");
  await eventually(() => panels.online.input.isDisabled(), false);
  assert.equal(await panels.online.input.inputValue(), "");

  await server.steer("hold", { pattern: "online" });
  await panels.online.box("milk").click();
  await eventually(() => panels.online.box("milk").isDisabled(), true);
  await server.steer("release", { pattern: "online" });
  await eventually(() => panels.online.box("milk").isDisabled(), false);
  await eventually(() => panels.online.printed(), "[x] milk");
});

test("the others show a write immediately, marked until it is saved", async () => {
  for (const name of ["optimistic", "immutable", "through-db"]) {
    await server.steer("hold", { pattern: name });
    await panels[name].add("milk");
    await eventually(() => panels[name].printed(), "milk*");
    await panels[name].row("milk").locator(".spinner").waitFor();
    await panels[name].box("milk").click();
    await eventually(() => panels[name].printed(), "[x] milk*");
    await server.steer("release", { pattern: name });
    await eventually(() => panels[name].printed(), "[x] milk");
    assert.equal(await panels[name].row("milk").locator(".spinner").isVisible(), false);
  }
});

test("a refused write is undone, said, and can be tried again or discarded", async () => {
  await server.steer("refuse", { pattern: "optimistic", message: "there is milk already" });
  await panels.optimistic.add("milk");
  await eventually(
    () => panels.optimistic.notices.locator("p").textContent(),
    "“milk” was not saved: there is milk already",
  );
  assert.equal(await panels.optimistic.printed(), "");
  await panels.optimistic.notices.getByRole("button", { name: "Retry" }).click();
  await eventually(() => panels.optimistic.printed(), "milk");
  await eventually(() => panels.optimistic.notices.count(), 0);

  await server.steer("refuse", { pattern: "optimistic", message: "no eggs" });
  await panels.optimistic.add("eggs");
  await panels.optimistic.notices.waitFor();
  await page.reload();
  await panels.optimistic.notices.getByRole("button", { name: "Discard" }).click();
  await eventually(() => panels.optimistic.notices.count(), 0);
  await page.reload();
  await eventually(() => panels.optimistic.printed(), "milk");
  assert.equal(await panels.optimistic.notices.count(), 0);
});

test("an answer that is late undoes nothing that was told meanwhile", async () => {
  const rejected = "**/api/patterns/optimistic/rejected*";
  const { notices } = panels.optimistic;
  /** Lets `act` happen between the list of the refused writes and the page that reads it. */
  async function meanwhile(act) {
    let release;
    const held = new Promise((resolve) => (release = resolve));
    let isAsked;
    const asked = new Promise((resolve) => (isAsked = resolve));
    await page.route(
      rejected,
      async (route) => {
        const response = await route.fetch();
        isAsked();
        await held;
        await route.fulfill({ response });
      },
      { times: 1 },
    );
    await server.steer("table", { pattern: "optimistic" });
    await asked;
    await act();
    const answered = page.waitForResponse(rejected);
    release();
    await (await answered).finished();
    await nextFrames(page);
  }
  await server.steer("refuse", { pattern: "optimistic", message: "no milk" });
  await meanwhile(async () => {
    await panels.optimistic.add("milk");
    await notices.waitFor();
  });
  assert.equal(await notices.count(), 1);
  await meanwhile(async () => {
    await notices.getByRole("button", { name: "Discard" }).click();
    await eventually(() => notices.count(), 0);
  });
  assert.equal(await notices.count(), 0);
});

test("a refused online write keeps what was typed", async () => {
  await server.steer("refuse", { pattern: "online", message: "duplicate key" });
  await panels.online.add("milk");
  await panels.online.notices.waitFor();
  assert.equal(await panels.online.notices.count(), 1);
  await eventually(() => panels.online.input.inputValue(), "milk");
  assert.equal(await panels.online.printed(), "");
});

test("a refused tick goes back", async () => {
  await panels.optimistic.add("milk");
  await eventually(() => panels.optimistic.printed(), "milk");
  await server.steer("fail", { pattern: "optimistic", message: "The store is full; make room." });
  await panels.optimistic.box("milk").click();
  await eventually(
    () => panels.optimistic.notices.locator("p").textContent(),
    "The store is full; make room.",
  );
  await eventually(() => panels.optimistic.printed(), "milk");
});

test("says when a write is in doubt", async () => {
  await server.steer("doubt", { pattern: "online", message: "The deadline passed." });
  await panels.online.add("milk");
  await eventually(
    () => panels.online.notices.locator("p").textContent(),
    "No answer yet: it may have been saved. This goes once it is known.",
  );
});

test("the banner says what cannot be reached, and goes by itself", async () => {
  await server.steer("stream", { state: "retrying", reason: "refused." });
  await eventually(banner, "PostgreSQL is away: writes wait until it is back.");
  await server.steer("stream", { state: "live", reason: "" });
  await eventually(banner, "");
  await server.steer("queue", { state: "retrying", reason: "The backend is not there." });
  await eventually(banner, "The backend is away: writes wait until it is back.");
  await server.steer("queue", { state: "idle", reason: "" });
  await eventually(banner, "");
});

test("comes back by itself when the host does", async () => {
  await server.steer("put", { id: kMilk, title: "milk", created_at: kMonday });
  await eventually(() => panels.online.printed(), "milk");
  const port = Number(new URL(server.page).port);
  await server.stop();
  await eventually(banner, "The host cannot be reached: nothing can be written until it is back.");
  await panels.optimistic.add("soap");
  await eventually(
    () => panels.optimistic.notices.locator("p").textContent(),
    "The host cannot be reached; this may not have been saved.",
  );
  assert.equal(await panels.optimistic.input.inputValue(), "soap");
  assert.equal(await panels.online.printed(), "milk");
  server = await startPageServer(port);
  await server.steer("put", { id: kEggs, title: "eggs", created_at: kMonday });
  await eventually(() => panels.online.printed(), "eggs");
  await eventually(banner, "");
});

test("a hidden page keeps no stream, and reads again when it is seen again", async () => {
  const turn = (state) =>
    page.evaluate((visible) => {
      Object.defineProperty(document, "visibilityState", { value: visible, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  const readers = async () => {
    const metrics = await (await fetch(`${server.page}metrics`)).text();
    return metrics.match(/patchbay_event_readers (\d+)/)[1];
  };
  await eventually(readers, "1");
  await turn("hidden");
  await server.steer("put", { id: kMilk, title: "milk", created_at: kMonday });
  await eventually(readers, "0");
  assert.equal(await banner(), "");
  await turn("visible");
  await eventually(() => panels.online.printed(), "milk");
});

test("says which pattern waits or has stopped", async () => {
  const reason = "the disk is full";
  await server.steer("state", { pattern: "immutable", state: "running", reason });
  await eventually(() => panels.immutable.notices.locator("p").textContent(), reason);
  await server.steer("state", { pattern: "immutable", state: "failed", reason });
  await eventually(
    () => panels.immutable.notices.locator("p").textContent(),
    "This pattern has stopped: the disk is full",
  );
  await server.steer("state", { pattern: "immutable", state: "running", reason: "" });
  await eventually(() => panels.immutable.notices.count(), 0);
});

test("reads a table again when told", async () => {
  const read = page.waitForRequest((request) => request.url().includes("online/rows/todos"));
  await server.steer("table", { pattern: "online" });
  await read;
});

test("asks nothing while nothing happens", async () => {
  await eventually(() => page.locator("main[aria-busy]").count(), 0);
  await panels.optimistic.add("milk");
  await eventually(() => panels.optimistic.printed(), "milk");
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await server.steer("put", { id: kEggs, title: "eggs", created_at: kMonday });
  await eventually(() => panels["through-db"].printed(), "eggs");
  assert.deepEqual(asked, []);
});

test("titles are text, never markup", async () => {
  const title = "<img src=x onerror=alert(1)><b>bold</b>";
  await panels.online.add(title);
  await eventually(() => panels.online.printed(), title);
  assert.equal(await page.locator("li img, li b").count(), 0);
});

test("nothing moves when a banner or a spinner comes", async () => {
  await panels.optimistic.add("milk");
  await eventually(() => panels.optimistic.printed(), "milk");
  const places = () =>
    page.locator("h2, li, form, hr").evaluateAll((all) =>
      all.map((one) => {
        const { x, y, width, height } = one.getBoundingClientRect();
        return [x, y, width, height].join();
      }).join(" "),
    );
  const before = await places();
  await server.steer("hold", {});
  await panels.optimistic.box("milk").click();
  await eventually(() => panels.optimistic.printed(), "[x] milk*");
  await server.steer("stream", { state: "retrying", reason: "refused." });
  await eventually(banner, "PostgreSQL is away: writes wait until it is back.");
  assert.equal(await places(), before);
});

test("the network can be switched where the host offers it", async () => {
  await page.getByLabel("Network").selectOption("offline");
  const other = await browser.newPage();
  await other.goto(server.page);
  await eventually(() => other.getByLabel("Network").inputValue(), "offline");
  await other.getByLabel("Network").selectOption("slow");
  await eventually(() => page.getByLabel("Network").inputValue(), "slow");
  await other.close();
});
