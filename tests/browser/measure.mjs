// The cost of the page before `patchbay run`, with real patterns and PostgreSQL: CPU of the tab's
// process for rows by one statement, the time to open a large table, the longest task at 100
// changes a second. Prints lines for docs/performance.md; asserts nothing.
//
//   node measure.mjs [rows of the large table, 100000] [directory of another page's files]

import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { environment, openBrowser, startProgram } from "./harness.mjs";

const kProgram = environment(
  "PATCHBAY_PROGRAM",
  fileURLToPath(new URL("../../build/dev/bin/patchbay", import.meta.url)),
);
const large = Number(process.argv[2] ?? 100_000);
const otherPage = process.argv[3];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const directory = await mkdtemp(join(tmpdir(), "patchbay-page-"));
await chmod(directory, 0o755);
const found = {};
const host = await startProgram(
  kProgram,
  ["run", "--port", "0", "--directory", directory],
  (line) => {
    found.database ??= line.match(/database: (.+?) \(/)?.[1];
    found.page ??= line.match(/page: (http\S+)/)?.[1];
    return found.page;
  },
  { stopSignal: "SIGINT" },
);
const browser = await openBrowser();

const kPsql = ["-XqAt", found.database];
// A pipe is told no password: it is in the directory.
const PGPASSWORD = (await readFile(join(directory, "postgres", "password"), "utf8")).trim();
const psql = (input) =>
  execFileSync("psql", kPsql, { input, encoding: "utf8", env: { ...process.env, PGPASSWORD } });
const sql = (text) => psql(text).trim();
const insert = (count, at = "now()") =>
  sql(
    `INSERT INTO todos (id, title, completed, created_at)
     SELECT gen_random_uuid(), 'row ' || n, false, ${at} FROM generate_series(1, ${count}) n`,
  );

async function open() {
  const page = await browser.newPage({ viewport: { width: 986, height: 698 } });
  if (otherPage) {
    await page.route(/\/(\w+\.(js|css))?(\?|#|$)/, async (route) => {
      const name = new URL(route.request().url()).pathname.slice(1) || "index.html";
      const types = { js: "text/javascript", css: "text/css", html: "text/html" };
      const contentType = types[name.split(".").at(-1)];
      await route.fulfill({ body: await readFile(join(otherPage, name)), contentType });
    });
  }
  await page.addInitScript(() => {
    window.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longest = Math.max(longest, duration);
    }).observe({ type: "longtask" });
  });
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable");
  page.metric = async (name) => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    return metrics.find((one) => one.name === name).value;
  };
  const begin = performance.now();
  await page.goto(found.page);
  await page.waitForFunction(
    () => document.querySelectorAll("[data-pattern]").length === 4 &&
      !document.querySelector("main[aria-busy]"),
  );
  page.began = begin;
  return page;
}

/** CPU seconds of the renderer until it has had nothing to do for two seconds. */
async function cpuOf(page, work) {
  await pause(1000);
  const before = await page.metric("ProcessTime");
  work();
  let last = before;
  for (let quiet = 0; quiet < 8; ) {
    await pause(250);
    const now = await page.metric("ProcessTime");
    quiet = now - last < 0.02 ? quiet + 1 : 0;
    last = now;
  }
  return last - before;
}

/** Waits until the first row of each has that title. */
async function everyPatternShows(title) {
  for (const pattern of ["online", "optimistic", "immutable", "through-db"]) {
    const url = new URL(`/api/patterns/${pattern}/rows/todos?order=created_at&limit=1`, found.page);
    const first = () => fetch(url).then((answer) => answer.json());
    while ((await first()).rows?.[0]?.values.title !== title) await pause(500);
  }
}

const say = (what, value) => console.log(`| ${what} | ${value} |`);

let page = await open();
page.setDefaultTimeout(120_000);
for (const count of [500, 5_000]) {
  const cpu = await cpuOf(page, () => insert(count));
  const shown = await page.locator("li").count();
  const longest = await page.evaluate(() => Math.round(longest));
  say(`${count} rows by one statement, CPU`, `${cpu.toFixed(2)} s, longest task ${longest} ms`);
  say(`lines drawn then`, shown);
  sql("DELETE FROM todos");
  await cpuOf(page, () => {});
}
await page.close();

insert(large, "now() - n * interval '1 second'");
await everyPatternShows(`row ${large}`);
for (let turn = 1; turn <= 3; ++turn) {
  if (turn > 1) await page.close();
  page = await open();
  await page.waitForFunction(() =>
    [...document.querySelectorAll("[data-pattern]")].every((one) => one.querySelector("li")),
  );
  const took_ms = performance.now() - page.began;
  const cpu_s = await page.metric("ProcessTime");
  say(`a table of ${large} rows opens`, `${took_ms.toFixed(0)} ms, ${cpu_s.toFixed(2)} s CPU`);
}

await page.evaluate(() => (window.longest = 0));
const ids = sql("SELECT id FROM todos ORDER BY created_at, id LIMIT 150").split("\n");
const cpu = await cpuOf(page, () => {
  const steps = Array.from({ length: 1_000 }, (_, n) => {
    const id = ids[n % ids.length];
    return `UPDATE todos SET title = 'change ${n}' WHERE id = '${id}'; SELECT pg_sleep(0.009);`;
  });
  psql(steps.join("\n"));
});
say("1,000 changes at 100 a second, CPU", `${cpu.toFixed(2)} s`);
say("longest task (0: none over 50 ms)", `${await page.evaluate(() => Math.round(longest))} ms`);

await browser.close();
await host.stop();
await rm(directory, { recursive: true, force: true });
