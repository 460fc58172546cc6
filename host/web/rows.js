// The rows one panel shows: read once, then kept by events. No element is touched here.

/** Postgres's spelling of a time, and ISO's, as a number; what is neither comes last. */
export function timeOf(text) {
  if (!text) return Infinity;
  const iso = text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");
  const time = Date.parse(iso);
  return Number.isNaN(time) ? Infinity : time;
}

const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

export class Rows {
  #byId = new Map();
  #asOf = Infinity; // nothing read yet: every event waits
  #waiting = [];

  /** Takes what was read; events that came meanwhile and are not in it follow. */
  replace(rows, asOf) {
    this.#byId.clear();
    for (const row of rows) this.#byId.set(row.values.id, row);
    this.#asOf = asOf;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { id, event } of waiting) this.apply(id, event);
  }

  /** From now on events wait for the next `replace`; the rows stay as they are. */
  await() {
    this.#asOf = Infinity;
    this.#waiting = [];
  }

  /** One row event: `values` for a row, none for one that has gone. */
  apply(id, event) {
    if (this.#asOf === Infinity) {
      this.#waiting.push({ id, event });
    } else if (id > this.#asOf) {
      if (event.values) {
        this.#byId.set(event.key.id, { values: event.values, pending: event.pending });
      } else {
        this.#byId.delete(event.key.id);
      }
    }
  }

  get(id) {
    return this.#byId.get(id);
  }

  /** Oldest first, as the server orders them. */
  sorted() {
    return [...this.#byId.values()].sort(
      ({ values: a }, { values: b }) =>
        order(timeOf(a.created_at), timeOf(b.created_at)) || order(a.id, b.id),
    );
  }
}
