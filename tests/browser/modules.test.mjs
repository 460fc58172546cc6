// Modules by the page, before played ones: swapped, refused, forced, added and removed.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { eventually, openBrowser, PanelView, startPageServer } from "./harness.mjs";

const kToken = "#token=token";
const kMilk = "00000000-0000-4000-8000-000000000001";

let browser;
let server;
let page;
let complaints;

before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

/** A page of its own, as a person with this fragment in the address sees it. */
async function open(fragment) {
  const context = await browser.newContext({ viewport: { width: 986, height: 698 } });
  const opened = await context.newPage();
  opened.on("pageerror", (error) => complaints.push(String(error)));
  await opened.goto(server.page + fragment);
  await opened.locator("main:not([aria-busy]) [data-pattern='through-db']").waitFor();
  return opened;
}

beforeEach(async () => {
  server = await startPageServer();
  complaints = [];
  page = await open(kToken);
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await server?.stop();
  assert.deepEqual(complaints, []);
});

const panel = (name, where = page) => new PanelView(where, name);
const headings = (where = page) => where.locator("h2").allTextContents().then((all) => all.join());
const kFour = "1. Online writes,2. Optimistic state,3. Combine on read,4. Through the DB";

test("says what runs, and offers what the host can use", async () => {
  const online = panel("online");
  assert.equal(await online.module(), "online 1.0.0");
  await online.openMenu();
  const offered = online.element.getByLabel("Module");
  assert.deepEqual(await offered.locator("option").allTextContents(), [
    "immutable 1.0.0",
    "online 1.0.0",
    "optimistic 1.0.0",
    "through-db 1.0.0",
  ]);
  assert.equal(await offered.inputValue(), "online");
});

test("a swap shows immediately on every page, and works as the new module does", async () => {
  const other = await open("");
  await server.steer("put", { id: kMilk, title: "milk", created_at: "2024-01-01 00:00:00+00" });
  const read = other.waitForRequest((request) => request.url().includes("online/rows/todos"));
  await panel("online").swap("optimistic");
  await eventually(() => panel("online").module(), "optimistic 1.0.0");
  assert.equal(await page.locator("[data-pattern='online'] .menu[open]").count(), 0);
  const swapped =
    "2. Optimistic state · online,2. Optimistic state,3. Combine on read,4. Through the DB";
  await eventually(headings, swapped);
  await eventually(() => headings(other), swapped);
  await read;
  await eventually(() => panel("online", other).printed(), "milk");
  await server.steer("hold", { pattern: "online" });
  await panel("online").add("eggs");
  await eventually(() => panel("online").printed(), "milk | eggs*");
  await panel("online").openMenu();
  await panel("online").press("Back");
  await eventually(headings, kFour);
});

test("what the host refuses is said in the panel, and can be sent away", async () => {
  await panel("immutable").openMenu();
  await panel("immutable").press("Back");
  await eventually(() => panel("immutable").said(), "It has had no other module yet.");
  await panel("immutable").press("Dismiss");
  await eventually(() => panel("immutable").said(), "");

  await server.steer("unwilling", { message: "The module has another stamp." });
  await panel("immutable").press("Swap");
  await eventually(() => panel("immutable").said(), "The module has another stamp.");
  assert.equal(await panel("immutable").element.getByRole("button", { name: "Yes" }).count(), 0);
  await panel("immutable").press("Swap");
  await eventually(() => panel("immutable").said(), "");
});

test("where only force would do, it asks, and does what it is told", async () => {
  await server.steer("unwilling", { message: "In memory only.", force_helps: "true" });
  await panel("immutable").swap("online");
  const question = "In memory only. Swap it anyway?";
  await eventually(() => panel("immutable").said(), question);
  await panel("immutable").press("No");
  await eventually(() => panel("immutable").said(), "");
  assert.equal(await panel("immutable").module(), "immutable 1.0.0");

  await panel("immutable").press("Swap");
  await eventually(() => panel("immutable").said(), question);
  await panel("immutable").element.getByLabel("Module").selectOption("through-db");
  await panel("immutable").press("Yes"); // to what was asked about
  await eventually(() => panel("immutable").module(), "online 1.0.0");
  await eventually(() => panel("immutable").said(), "");
});

test("a pattern is removed everywhere, after a question where writes would be left", async () => {
  const other = await open("");
  await panel("optimistic").openMenu();
  await panel("optimistic").press("Remove");
  const left = "1. Online writes,3. Combine on read,4. Through the DB";
  await eventually(headings, left);
  await eventually(() => headings(other), left);

  await server.steer("unwilling", { message: "It has 2 writes.", force_helps: "true" });
  await panel("online").openMenu();
  await panel("online").press("Remove");
  await eventually(() => panel("online").said(), "It has 2 writes. Remove it anyway?");
  assert.equal(await headings(), left);
  await panel("online").press("Yes");
  await eventually(headings, "3. Combine on read,4. Through the DB");
});

test("a pattern is added everywhere, with its rows", async () => {
  const other = await open("");
  const form = page.locator("#new-pattern");
  await page.getByText("Add a pattern").click();
  await form.getByLabel("Plugin").selectOption("optimistic");
  await form.getByLabel("Its name").fill("notes");
  await page.keyboard.press("Enter");
  await eventually(() => panel("notes").module(), "optimistic 1.0.0");
  await eventually(() => panel("notes", other).module(), "optimistic 1.0.0");
  await eventually(() => page.locator("#new-pattern[open]").count(), 0);
  await panel("notes").add("milk");
  await eventually(() => panel("notes", other).printed(), "milk");

  await server.steer("unwilling", { message: "A pattern \"notes\" runs here already." });
  await page.getByText("Add a pattern").click();
  await form.getByLabel("Its name").fill("notes");
  await form.getByRole("button", { name: "Add" }).click();
  await eventually(
    () => form.locator(".notice p").textContent(),
    "A pattern \"notes\" runs here already.",
  );
  assert.equal(await form.getByLabel("Its name").inputValue(), "notes");
});

test("what was chosen stays chosen, though an earlier answer comes late", async () => {
  const summary = page.getByText("Add a pattern");
  const select = page.locator("#new-pattern").getByLabel("Plugin");
  const options = select.locator("option");
  let answer;
  const held = new Promise((resolve) => (answer = resolve));
  const holdOne = (route) => held.then(() => route.continue());
  await page.route("**/api/plugins", holdOne, { times: 1 });
  const asked = page.waitForRequest("**/api/plugins");
  await summary.click();
  await asked;
  await summary.click();
  await summary.click();
  await select.selectOption("optimistic");
  await options.evaluateAll((all) => all.forEach((option) => (option.dataset.early = "")));
  answer();
  await eventually(() => select.locator("[data-early]").count(), 0);
  assert.equal(await options.count(), 4);
  assert.equal(await select.inputValue(), "optimistic");
  await summary.click();
  await eventually(() => options.count(), 0);
});

test("without the token it says how to get it, and asks for nothing", async () => {
  const other = await open("");
  const { element } = panel("online", other);
  await element.locator(".menu summary").click();
  await element.getByText("open the page at the address that the host prints").waitFor();
  assert.equal(await element.getByRole("button", { name: "Swap" }).count(), 0);
  assert.equal(await other.getByText("Add a pattern").isVisible(), false);
});

test("says when the token is not the host's", async () => {
  const other = await open("#token=wrong");
  await panel("online", other).swap("optimistic");
  await eventually(
    () => panel("online", other).said(),
    "The host does not take this page's token. Open the address that it prints.",
  );
  assert.equal(await panel("online").module(), "online 1.0.0");
});

test("says when the host has gone", async () => {
  await panel("online").openMenu();
  await server.stop();
  await panel("online").press("Swap");
  await eventually(
    () => panel("online").said(),
    "The host cannot be reached; nothing may have changed.",
  );
});

test("nothing moves when a menu opens, and Escape closes it", async () => {
  const places = () =>
    page.locator("h2, li, form, hr").evaluateAll((all) =>
      all.map((one) => JSON.stringify(one.getBoundingClientRect())).join(),
    );
  const atFirst = await places();
  await panel("through-db").openMenu();
  assert.equal(await places(), atFirst);
  await page.keyboard.press("Escape");
  await eventually(() => page.locator(".menu[open]").count(), 0);
});
