// One pattern's panel: its rows, the form that adds one, and what became of failed writes.

import * as api from "./api.js";
import { oncePerFrame } from "./frames.js";
import { rowId, writeId } from "./ids.js";
import { ModuleMenu } from "./module_menu.js";
import { Notices } from "./notices.js";
import { RowList } from "./row_list.js";
import { Rows } from "./rows.js";

const kHeadings = {
  online: "1. Online writes",
  optimistic: "2. Optimistic state",
  immutable: "3. Combine on read",
  "through-db": "4. Through the DB",
};
const kOrder = Object.keys(kHeadings);

/** The four known patterns first, in their order; others by name. */
export function comparePanels(a, b) {
  const place = ({ id }) => (kOrder.includes(id) ? kOrder.indexOf(id) : kOrder.length);
  return place(a) - place(b) || (a.pattern < b.pattern ? -1 : 1);
}

function headingOf({ id, pattern }) {
  const heading = kHeadings[id];
  if (!heading) return pattern;
  return pattern === id ? heading : `${heading} · ${pattern}`;
}

const kReadAgainMs = 1000;
const kFinal = ["confirmed", "rejected", "discarded"];
/** Of two reads that are wanted the later here is made. */
const kReads = ["", "before", "after", "first", "last", "again"];

const clone = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

export class Panel {
  #status;
  #table;
  #rows = new Rows();
  #list;
  #wanted = ""; // what to read next, of kReads
  #reading = false;
  #drawSoon = oncePerFrame(() => this.#draw());
  #touched = new Set(); // rows that came to be busy, or no longer are, since the last drawing
  #busy = new Map(); // row id → the write of a waiting pattern that is not yet seen in the rows
  #rejected = new Set(); // write ids
  #ended = new Set(); // ids of writes whose end was told since the rejected ones were asked for
  #notices;
  #menu;

  constructor(status, table) {
    this.#table = table;
    this.element = clone("panel");
    this.element.dataset.pattern = status.pattern;
    this.#notices = new Notices(this.element.querySelector(".notices"));
    this.#list = new RowList(this.element.querySelector(".scroller"), this.#rows, {
      change: (id, operation) => this.#change(id, operation),
      isBusy: (id) => this.#busy.has(id),
      read: (what) => this.read(what),
    });
    this.#menu = new ModuleMenu(this.element.querySelector(".menu"), this.#notices);
    const form = this.element.querySelector("form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#add(form.querySelector("input"), form);
    });
    this.setStatus(status);
  }

  get status() {
    return this.#status;
  }

  setStatus(status) {
    this.#status = status;
    const heading = headingOf(status);
    this.element.querySelector("h2").textContent = heading;
    this.element.setAttribute("aria-label", heading);
    this.#menu.setStatus(status);
    this.element.querySelector(".scroller").setAttribute("aria-label", `Rows, ${heading}`);
    const input = this.element.querySelector("form input");
    input.setAttribute("aria-label", `New entry, ${heading}`);
    if (status.state === "failed") {
      this.#notices.show("trouble", `This pattern has stopped: ${status.reason}`);
    } else if (status.reason) {
      this.#notices.show("trouble", status.reason);
    } else {
      this.#notices.remove("trouble");
    }
  }

  /** Online shows a write only when the server has it; the others show it immediately. */
  get #waits() {
    return !this.#status.traits.includes("optimistic");
  }

  /**
   * Reads the rows that are shown and the rejected writes again, or more rows (see Rows.begin);
   * what is shown stays until the answer is there.
   */
  async read(what = "again") {
    const adjoins = what === "after" || what === "before";
    if (this.#reading && adjoins) return; // the drawing that follows asks again
    if (kReads.indexOf(what) > kReads.indexOf(this.#wanted)) this.#wanted = what;
    if (this.#reading) return;
    this.#reading = true;
    while (this.#wanted) {
      const next = this.#wanted;
      this.#wanted = "";
      await this.#readOnce(next);
    }
    this.#reading = false;
  }

  async #readOnce(wanted) {
    const { pattern } = this.#status;
    const { what, ...query } = this.#rows.begin(wanted);
    try {
      const taken = this.#rows.take(what, await api.readRows(pattern, this.#table, query));
      this.#notices.remove("read");
      if (taken && (what === "first" || what === "last")) this.#list.show(what);
      if (what === "again") {
        this.#ended.clear();
        this.#keepRejected(await api.readRejected(pattern));
      }
      this.#drawSoon();
    } catch (error) {
      this.#rows.giveUp();
      // Without an answer the banner speaks, and the stream's return reads again.
      if (error.status === 0) return;
      this.#notices.show("read", error.message, { onRetry: () => this.read() });
      if (error.status === 503) setTimeout(() => this.read(), kReadAgainMs);
    }
  }

  /** `writes` may be older than what was told meanwhile, by events or by the person here. */
  #keepRejected(writes) {
    const kept = new Set(writes.map((write) => write.write_id));
    for (const id of this.#rejected) if (!kept.has(id) && !this.#ended.has(id)) this.#forget(id);
    for (const write of writes) if (!this.#ended.has(write.write_id)) this.#showRejected(write);
  }

  #forget(id) {
    this.#ended.add(id);
    this.#rejected.delete(id);
    this.#notices.remove(id);
  }

  onRow(id, event) {
    if (event.table !== this.#table) return;
    this.#rows.apply(id, event);
    if (this.#busy.delete(event.key.id)) this.#touched.add(event.key.id);
    this.#drawSoon();
  }

  onTable(event) {
    if (event.table === this.#table) this.read();
  }

  onWrite(write) {
    if (kFinal.includes(write.state)) this.#settle(write.write_id);
    if (write.state === "rejected") {
      this.#ended.add(write.write_id);
      this.#showRejected(write);
    } else if (kFinal.includes(write.state)) {
      this.#forget(write.write_id);
    } else if (write.in_doubt) {
      this.#showDoubt(write.write_id);
    }
  }

  /** A write that has ended keeps no row busy, also where it changed nothing. */
  #settle(write) {
    for (const [id, busy] of this.#busy) if (busy === write) this.#touch(id);
  }

  /** Draws the line of a row again, as busy with the write or with none. */
  #touch(id, write) {
    if (write) this.#busy.set(id, write);
    else this.#busy.delete(id);
    this.#touched.add(id);
    this.#drawSoon();
  }

  #draw() {
    this.#list.draw(this.#touched);
    this.#touched.clear();
  }

  #showRejected(write) {
    const { pattern } = this.#status;
    const act = (action) => async () => {
      try {
        await action(pattern, write.write_id);
        this.#forget(write.write_id);
      } catch (error) {
        // Refused again: the new write has a notice of its own.
        if (error.kept) this.#forget(write.write_id);
        else if (error.status === 404 || error.status === 409) this.read();
        else this.#showFailure(error);
      }
    };
    const { key, value } = write.operations[0] ?? {};
    const title = value?.title ?? this.#rows.get(key?.id)?.values.title;
    const what = title ? `“${title}” was not saved` : "Not saved";
    this.#rejected.add(write.write_id);
    this.#notices.showWrite(write.write_id, `${what}: ${write.rejection.message}`, {
      onRetry: act(api.retryRejected),
      onDiscard: act(api.discardRejected),
    });
  }

  #showDoubt(id) {
    this.#notices.show(id, "No answer yet: it may have been saved. This goes once it is known.");
  }

  #showFailure(error) {
    const lost = "The host cannot be reached; this may not have been saved.";
    this.#notices.show("failure", error.status === 0 ? lost : error.message);
  }

  /** True when the write was taken; otherwise a notice says why not. */
  async #write(operation, id = writeId()) {
    this.#notices.remove("failure");
    try {
      const answer = await api.write(this.#status.pattern, id, {
        table: this.#table,
        ...operation,
      });
      if (answer.state === "in_doubt") this.#showDoubt(id);
      return true;
    } catch (error) {
      if (!error.kept) this.#showFailure(error);
      return false;
    }
  }

  async #add(input, form) {
    const title = input.value.trim();
    if (!title || input.disabled) return;
    const waits = this.#waits;
    if (waits) this.#setWaiting(form, true);
    else input.value = "";
    const value = {
      id: rowId(),
      title,
      completed: false,
      created_at: new Date().toISOString(),
    };
    const taken = await this.#write({ operation: "insert", value });
    if (waits) this.#setWaiting(form, false);
    if (taken && waits) input.value = "";
    if (!taken && input.value === "") input.value = title;
    // It stands at the table's end: where that is not drawn, it is shown now.
    if (taken && this.#rows.endsInside) this.read("last");
    if (waits) input.focus();
  }

  #setWaiting(form, waiting) {
    form.querySelector("input").disabled = waiting;
    form.querySelector("button").disabled = waiting;
    form.querySelector(".spinner").hidden = !waiting;
    form.setAttribute("aria-busy", String(waiting));
  }

  /** Keeps a row busy that a waiting pattern has not shown yet, until a row or the end comes. */
  async #change(id, operation) {
    const write = writeId();
    if (this.#waits) this.#touch(id, write);
    if (await this.#write({ ...operation, key: { id } }, write)) return;
    this.#touch(id); // shows what it was before
  }
}
