// The rows of the page without a browser: their order, the window onto a table, and how
// often it draws and compares.

import assert from "node:assert/strict";
import { test } from "node:test";

import { oncePerFrame } from "../../host/web/frames.js";
import { comparePlaces, placeOf } from "../../host/web/order.js";
import { counts, kWindowRows, Rows } from "../../host/web/rows.js";

const idOf = (number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const timeOf = (number) =>
  `2024-01-01 ${new Date(number * 1000).toISOString().slice(11, 19)}.000001+00`;
const row = (number, at = number) => ({
  values: { id: idOf(number), title: String(number), created_at: timeOf(at) },
  pending: false,
});

/** A table as the host has it: answers reads, and tells of changes. */
class Table {
  rows = new Map();
  lastId = 0;
  reads = 0;

  constructor(count) {
    for (let number = 1; number <= count; ++number) this.rows.set(idOf(number), row(number));
  }
  sorted() {
    const places = [...this.rows.values()].map((one) => ({ one, place: placeOf(one.values) }));
    return places.sort((a, b) => comparePlaces(a.place, b.place)).map(({ one }) => one);
  }
  read({ order, limit, after }) {
    ++this.reads;
    const descending = order.includes("desc");
    const direction = descending ? -1 : 1;
    const from = after && placeOf(after);
    const all = this.sorted();
    if (descending) all.reverse();
    const found = all.filter(
      ({ values }) => !from || direction * comparePlaces(placeOf(values), from) > 0,
    );
    return { rows: found.slice(0, limit), asOf: this.lastId, more: found.length > limit };
  }
  put(one) {
    this.rows.set(one.values.id, one);
    return { id: ++this.lastId, event: { key: { id: one.values.id }, ...one } };
  }
  remove(number) {
    this.rows.delete(idOf(number));
    return { id: ++this.lastId, event: { key: { id: idOf(number) } } };
  }
}

function load(rows, table, what) {
  const { what: asked, ...query } = rows.begin(what);
  return rows.take(asked, table.read(query));
}
const apply = (rows, { id, event }) => rows.apply(id, event);
const titles = (rows) => rows.list.map(({ values }) => values.title);

/** Asserts that the window is a whole piece of the table, whatever happened. */
function assertPiece(rows, table) {
  const all = table.sorted().map(({ values }) => values.title);
  const shown = titles(rows);
  const from = shown.length ? all.indexOf(shown[0]) : 0;
  assert.deepEqual(shown, all.slice(from, from + shown.length));
  if (!rows.startsInside) assert.equal(from, 0);
  if (!rows.endsInside) assert.equal(from + shown.length, all.length);
}

test("places are the server's: by instant, what is not a time after, null last, then by id", () => {
  const sorted = [
    "-infinity",
    "0044-03-15 00:00:00+00 BC",
    "0001-01-01 00:00:00+00",
    "1969-12-31 23:59:59.999999+00",
    "2024-01-01T00:00:00.000Z",
    "2024-01-01 00:00:00.000001+00",
    "2024-01-01 00:00:00.0002+00",
    "2024-01-01 01:30:00+01",
    "2024-01-01 06:30:01+05:45",
    "2024-01-02",
    "294276-12-31 23:59:59.999999+00",
    "infinity",
    "",
    "no time",
    null,
  ].map((text) => placeOf({ created_at: text, id: "a" }));
  for (let at = 1; at < sorted.length; ++at) {
    assert.ok(comparePlaces(sorted[at - 1], sorted[at]) < 0, String(at));
    assert.ok(comparePlaces(sorted[at], sorted[at - 1]) > 0, String(at));
  }
  const same = (text) => placeOf({ created_at: text, id: "a" });
  assert.equal(comparePlaces(same("2024-01-01 02:00:00+02"), same("2024-01-01T00:00:00Z")), 0);
  assert.ok(comparePlaces(placeOf({ id: "a" }), placeOf({ created_at: null, id: "b" })) < 0);
});

test("a table that fits is shown whole, and stays so by events alone", () => {
  const table = new Table(3);
  const rows = new Rows();
  load(rows, table, "again");
  apply(rows, table.put(row(9, 2)));
  apply(rows, table.remove(1));
  apply(rows, table.put(row(3, 0)));
  assert.deepEqual(titles(rows), ["3", "2", "9"]);
  assert.ok(rows.complete);
  assert.equal(table.reads, 1);
});

test("events before and during a read are neither lost nor laid over newer rows", () => {
  const table = new Table(2);
  const rows = new Rows();
  const early = table.put(row(3));
  const asked = rows.begin("again");
  apply(rows, early);
  const answer = table.read(asked);
  apply(rows, table.remove(1));
  apply(rows, table.put(row(4)));
  rows.take(asked.what, answer);
  assert.deepEqual(titles(rows), ["2", "3", "4"]);
  apply(rows, early); // old: the rows are as of a later one
  assert.deepEqual(titles(rows), ["2", "3", "4"]);
});

test("a larger table is read piece by piece, both ways, and never held whole", () => {
  const table = new Table(1000);
  const rows = new Rows();
  load(rows, table, "again");
  assert.equal(rows.list.length, kWindowRows);
  while (rows.endsInside) {
    assert.ok(load(rows, table, "after"));
    assertPiece(rows, table);
    assert.ok(rows.list.length <= kWindowRows);
  }
  assert.equal(titles(rows).at(-1), "1000");
  while (rows.startsInside) {
    load(rows, table, "before");
    assertPiece(rows, table);
    assert.ok(rows.list.length <= kWindowRows);
  }
  assert.equal(titles(rows)[0], "1");
  load(rows, table, "last");
  assert.equal(titles(rows).at(-1), "1000");
  assert.ok(rows.startsInside && !rows.endsInside);
  load(rows, table, "first");
  assert.equal(titles(rows)[0], "1");
});

test("a piece that does not adjoin the window any more is not taken", () => {
  const table = new Table(1000);
  const rows = new Rows();
  load(rows, table, "again");
  const { what, ...query } = rows.begin("after");
  const answer = table.read(query);
  for (let at = 1; at <= 50; ++at) apply(rows, table.put(row(2000 + at, 5)));
  rows.trim("start");
  assert.equal(rows.take(what, answer), false);
  assertPiece(rows, table);
  assert.ok(load(rows, table, "after"));
  assertPiece(rows, table);
});

/** A generator of the same numbers each time. */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

test("whatever is read, changed and removed in turn, the window is a piece of the table", () => {
  for (let seed = 1; seed <= 40; ++seed) {
    const below = numbers(seed);
    const table = new Table(700);
    const rows = new Rows();
    load(rows, table, "again");
    let next = 10_000;
    let open = null; // a read under way, and its answer once the host has made it
    for (let step = 0; step < 400; ++step) {
      const number = 1 + below(700);
      const changes = [
        () => table.put(row(number)),
        () => table.put(row(number, below(900))),
        () => table.put(row(++next, below(900))),
        () => table.remove(number),
      ];
      apply(rows, changes[below(4)]());
      if (below(3) === 0) rows.trim(below(2) ? "start" : "end");
      if (open) {
        if (below(2)) open.answer ??= table.read(open.query);
        if (open.answer && below(2)) {
          rows.take(open.what, open.answer);
          open = null;
        }
      } else if (below(4) === 0) {
        const reads = ["again", "after", "before", "first", "last"];
        const { what, ...query } = rows.begin(reads[below(5)]);
        open = { what, query };
      }
      assertPiece(rows, table);
    }
  }
});

test("changes are told once, and only those of the window", () => {
  const table = new Table(1000);
  const rows = new Rows();
  load(rows, table, "again");
  assert.equal(rows.takeChanges().ids.size, kWindowRows);
  apply(rows, table.put(row(900)));
  apply(rows, table.put(row(2000)));
  apply(rows, table.remove(950));
  assert.equal(rows.takeChanges().ids.size, 0);
  apply(rows, table.put(row(7)));
  assert.deepEqual(rows.takeChanges(), { ids: new Set([idOf(7)]), placed: false });
  apply(rows, table.put(row(7, 9)));
  assert.deepEqual(rows.takeChanges(), { ids: new Set([idOf(7)]), placed: true });
  apply(rows, table.remove(7));
  assert.ok(rows.takeChanges().placed);
});

test("a table that is read again tells what differs, and what is not drawn yet", () => {
  const table = new Table(50);
  const rows = new Rows();
  load(rows, table, "again");
  rows.takeChanges();
  table.put({ ...row(3), pending: true });
  table.put(row(60));
  table.remove(4);
  apply(rows, table.put({ ...row(9), pending: true }));
  load(rows, table, "again");
  const changed = [...rows.takeChanges().ids].sort();
  assert.deepEqual(changed, [idOf(3), idOf(4), idOf(9), idOf(60)]);
});

/** Comparisons for so many rows that come at random places of a table of 100,000. */
function comparisonsFor(events) {
  const rows = new Rows();
  const page = Array.from({ length: kWindowRows }, (_, at) => row(at + 1));
  const { what } = rows.begin("again");
  rows.take(what, { rows: page, asOf: 0, more: true });
  const below = numbers(7);
  counts.comparisons = 0;
  for (let at = 1; at <= events; ++at) {
    const { values, pending } = row(1000 + at, below(2 * kWindowRows));
    rows.apply(at, { key: { id: values.id }, values, pending });
    if (at % 100 === 0) rows.trim("start");
  }
  return counts.comparisons;
}

test("comparisons grow with the events alone", () => {
  const once = comparisonsFor(5_000);
  const twice = comparisonsFor(10_000);
  assert.ok(twice <= 2.2 * once, `${once}, ${twice}`);
  assert.ok(once <= 5_000 * 16, String(once)); // not with the rows: log2 of a window, and its ends
});

test("draws once a frame, however often it is asked", () => {
  const frames = [];
  let draws = 0;
  const drawSoon = oncePerFrame(() => ++draws, (then) => frames.push(then));
  for (let at = 0; at < 5_000; ++at) drawSoon();
  assert.equal(frames.length, 1);
  frames.shift()();
  assert.equal(draws, 1);
  drawSoon();
  frames.shift()();
  assert.equal(draws, 2);
});

