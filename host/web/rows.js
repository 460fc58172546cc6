// The rows one panel shows: a window onto the table, read page by page, then kept by events. No
// element is touched here.
//
//   table   … … | a row of the window | … | a row of the window | … …
//         start ┘ (itself outside)                   (inside) └ end
//
//   1. Every row of the view that stands after `start` and not after `end` is in the window; null
//      is the table's own start or end. So a table that fits has neither.
//   2. Events change what stands between; what stands elsewhere is read when it is looked at.
//   3. Events that arrive during a read are applied again to what it brings, if they are newer.

import { comparePlaces, placeOf } from "./order.js";

/** Rows of a window. */
export const kWindowRows = 200;
/** Rows that are read when one of its ends is looked at. */
export const kPageRows = 100;

/** Counts of what was done so far, for the tests. */
export const counts = { comparisons: 0 };

function before(a, b) {
  ++counts.comparisons;
  return comparePlaces(a, b) < 0;
}

/** True where nothing would be drawn differently. */
function same(a, b) {
  if (!a || a.pending !== b.pending) return false;
  const names = Object.keys(b.values);
  return names.every((name) => Object.is(a.values[name], b.values[name]));
}

const boundAt = (row) => ({ place: row.place, values: row.values });

export class Rows {
  #list = [];
  #byId = new Map();
  #start = null;
  #end = null;
  #asOf = Infinity; // nothing read yet
  #log = null; // the events since a read started
  #asked = null; // the ends of the window as that read started
  #changed = new Set();
  #placed = false;

  /** Oldest first, as the server orders them. */
  get list() {
    return this.#list;
  }
  get(id) {
    return this.#byId.get(id);
  }
  get startsInside() {
    return this.#start !== null;
  }
  get endsInside() {
    return this.#end !== null;
  }
  get complete() {
    return !this.#start && !this.#end;
  }

  /**
   * The changes since the last call: ids of rows that came, went, moved or changed; `placed` is
   * false where they only changed.
   */
  takeChanges() {
    const changes = { ids: this.#changed, placed: this.#placed };
    this.#changed = new Set();
    this.#placed = false;
    return changes;
  }

  /**
   * Starts a read and says what to ask for. `what`: "again" (the window), "first" and "last" (of
   * the table), "after" and "before" (what adjoins the window).
   */
  begin(what) {
    this.#log = [];
    this.#asked = { start: this.#start, end: this.#end };
    const first = this.#list[0];
    // Without a row to start from.
    if (what === "before" && !first) what = "first";
    if (what === "after" && !this.#end) what = "again";
    const descending = what === "last" || what === "before";
    const after = { again: this.#start, after: this.#end, before: first && boundAt(first) }[what];
    const adjoins = what === "after" || what === "before";
    return {
      what,
      order: descending ? "created_at.desc,id.desc" : "created_at,id",
      limit: adjoins ? kPageRows : kWindowRows,
      after: after && { created_at: after.values.created_at ?? null, id: after.values.id },
    };
  }

  /**
   * Takes what was read; `more` says that the table continues. Events newer than `asOf` follow.
   * False where that does not adjoin the window any more.
   */
  take(what, { rows, asOf, more }) {
    const asked = this.#asked;
    const log = this.#log;
    this.#log = null;
    this.#placed = true; // its ends may have moved alone, and what adjoins is to be asked for again
    if (what === "after" && asked.end !== this.#end) return false;
    if (what === "before" && asked.start !== this.#start) return false;
    const taken = rows.map(({ values, pending }) => ({ values, pending, place: placeOf(values) }));
    if (what === "last" || what === "before") taken.reverse();
    const known = this.#byId;
    const undrawn = new Set(this.#changed);
    if (what !== "after" && what !== "before") {
      this.#clear();
      this.#start = what === "again" ? asked.start : null;
      this.#asOf = asOf;
    }
    if (what === "last" || what === "before") {
      // The outermost stands outside, as the start.
      this.#start = more ? boundAt(taken.shift()) : null;
    } else {
      this.#end = more ? boundAt(taken.at(-1)) : null;
    }
    for (const row of taken) {
      const { id } = row.values;
      const drawn = known !== this.#byId && !undrawn.has(id) && same(known.get(id), row);
      this.#put(row);
      if (drawn) this.#changed.delete(id);
    }
    for (const { id, event } of log) if (id > asOf) this.#applyNow(event);
    this.trim(what === "after" || what === "last" ? "end" : "start");
    return true;
  }

  /** A read came to nothing. */
  giveUp() {
    this.#log = null;
  }

  /** One row event: `values` for a row, none for one that has gone. */
  apply(id, event) {
    this.#log?.push({ id, event });
    if (id > this.#asOf) this.#applyNow(event);
  }

  /** Drops what is too much, at the other end than the one to keep. */
  trim(keep) {
    while (this.#list.length > kWindowRows) {
      const row = keep === "start" ? this.#list.pop() : this.#list.shift();
      if (keep === "start") this.#end = boundAt(this.#list.at(-1));
      else this.#start = boundAt(row);
      this.#byId.delete(row.values.id);
      this.#changed.add(row.values.id);
      this.#placed = true;
    }
  }

  #clear() {
    for (const { values } of this.#list) this.#changed.add(values.id);
    this.#list = [];
    this.#byId = new Map();
    this.#end = null;
  }

  #applyNow({ key, values, pending }) {
    if (!values) return this.#remove(key.id);
    const place = placeOf(values);
    if (this.#spans(place)) this.#put({ values, pending, place });
    else this.#remove(key.id);
  }

  #spans(place) {
    return (
      (!this.#start || before(this.#start.place, place)) &&
      !(this.#end && before(this.#end.place, place))
    );
  }

  #put(row) {
    const { id } = row.values;
    const known = this.#byId.get(id);
    this.#changed.add(id);
    this.#byId.set(id, row);
    const at = known && this.#indexOf(known.place);
    if (known && comparePlaces(known.place, row.place) === 0) {
      this.#list[at] = row;
      return;
    }
    this.#placed = true;
    if (known) this.#list.splice(at, 1);
    const last = this.#list.at(-1);
    if (!last || before(last.place, row.place)) this.#list.push(row);
    else this.#list.splice(this.#indexOf(row.place), 0, row);
  }

  #remove(id) {
    const known = this.#byId.get(id);
    if (!known) return;
    this.#list.splice(this.#indexOf(known.place), 1);
    this.#byId.delete(id);
    this.#changed.add(id);
    this.#placed = true;
  }

  /** The index of the first row that does not stand before `place`. */
  #indexOf(place) {
    let low = 0;
    let high = this.#list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(this.#list[middle].place, place)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
