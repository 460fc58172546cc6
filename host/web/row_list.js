// Draws the rows of a panel: a line for each row of the window, and no other. Where the window is
// not the whole table the list scrolls by itself and asks for what adjoins.

import { counts } from "./frames.js";
import { kWindowRows } from "./rows.js";

/** Nearer to an end of the window than this, in pixels, what adjoins is asked for. */
const kNear = 400;

const makeLine = () => document.getElementById("row").content.firstElementChild.cloneNode(true);

export class RowList {
  #scroller;
  #list;
  #rows;
  #actions;
  #lines = new Map(); // row id → its <li>
  #windowed = false;
  #shown = "";

  /**
   * `rows` is what to draw; `actions`: `change(id, operation)` by a person, `isBusy(id)`,
   * `read(what)` for a part of the table that is not in the window.
   */
  constructor(scroller, rows, actions) {
    this.#scroller = scroller;
    this.#list = scroller.querySelector(".rows");
    this.#rows = rows;
    this.#actions = actions;
    scroller.addEventListener("scroll", () => this.#readNear(), { passive: true });
    for (const what of ["first", "last"]) this.#jumps(what).onclick = () => this.#jump(what);
    scroller.addEventListener("keydown", (event) => {
      const what = { Home: "first", End: "last" }[event.key];
      if (!what || this.#jumps(what).hidden) return;
      event.preventDefault();
      this.#jump(what);
    });
  }

  /** The button that leads to the table's first or last rows; hidden where they are drawn. */
  #jumps(what) {
    return this.#scroller.querySelector(`.${what}`);
  }

  #jump(what) {
    this.#scroller.focus({ preventScroll: true }); // the button will go
    this.#actions.read(what);
  }

  /** Which end of the window is looked at. */
  #side() {
    if (!this.#windowed) return "start";
    const { scrollTop, clientHeight, scrollHeight } = this.#scroller;
    return !this.#rows.endsInside && scrollTop + clientHeight * 2 > scrollHeight ? "end" : "start";
  }

  /** The next drawing shows that end of the window: "first" or "last". */
  show(what) {
    this.#shown = what;
  }

  /** Draws what changed since the last time, and the lines of `busy` whatever happened to them. */
  draw(busy) {
    if (this.#rows.list.length > kWindowRows) this.#rows.trim(this.#side());
    const { ids: changed, placed } = this.#rows.takeChanges();
    // Where no line comes or goes nothing is measured: that would be a layout for each panel.
    const keepPlace = placed && this.#windowed ? this.#notePlace(changed) : () => {};
    if (placed) this.#setWindowed(!this.#rows.complete, changed);
    this.#drawLines(new Set([...changed, ...busy]));
    if (placed) this.#place();
    keepPlace();
    if (this.#shown) this.#scrollTo(this.#shown);
    this.#shown = "";
    if (placed) this.#readNear();
  }

  #scrollTo(what) {
    this.#scroller.scrollTop = what === "first" ? 0 : this.#scroller.scrollHeight;
  }

  #drawLines(ids) {
    for (const id of ids) {
      const row = this.#rows.get(id);
      const line = this.#lines.get(id);
      if (row) this.#drawLine(line ?? this.#addLine(id), row);
      else if (line) this.#removeLine(id, line);
    }
  }

  /** Moved only when out of place: a moved element loses the focus. */
  #place() {
    const focused = document.activeElement;
    let at = this.#list.firstElementChild;
    const { list } = this.#rows;
    list.forEach(({ values }, index) => {
      const line = this.#lines.get(values.id);
      if (line === at) {
        at = at.nextElementSibling;
        return;
      }
      // Where the next one is in place already, it is this one that has moved away.
      const next = list[index + 1] && this.#lines.get(list[index + 1].values.id);
      if (at && at.nextElementSibling === line && next !== at) {
        const moved = at;
        at = line.nextElementSibling;
        this.#list.append(moved);
        return;
      }
      this.#list.insertBefore(line, at);
    });
    if (focused !== document.activeElement && focused.isConnected) {
      focused.focus({ preventScroll: true });
    }
  }

  #addLine(id) {
    const line = makeLine();
    line.dataset.rowId = id;
    const { change } = this.#actions;
    line.querySelector("input").addEventListener("change", (event) =>
      change(id, { operation: "update", value: { completed: event.target.checked } }),
    );
    line
      .querySelector(".delete")
      .addEventListener("click", () => change(id, { operation: "delete" }));
    this.#lines.set(id, line);
    return line;
  }

  #removeLine(id, line) {
    const focused = line.contains(document.activeElement);
    line.remove();
    this.#lines.delete(id);
    if (focused && this.#windowed) this.#scroller.focus({ preventScroll: true });
  }

  #drawLine(line, { values, pending }) {
    ++counts.lines;
    const busy = this.#actions.isBusy(values.id);
    const box = line.querySelector("input");
    line.dataset.pending = String(pending);
    line.ariaSetSize = this.#windowed ? "-1" : null; // how many there are is not known
    const title = line.querySelector(".title");
    if (title.textContent !== values.title) title.textContent = values.title ?? "";
    if (!busy) box.checked = values.completed === true;
    box.disabled = busy;
    const button = line.querySelector(".delete");
    button.disabled = busy;
    button.setAttribute("aria-label", `Delete ${values.title ?? ""}`);
    line.querySelector(".spinner").hidden = !pending && !busy;
  }

  #setWindowed(windowed, changed) {
    this.#jumps("first").hidden = !this.#rows.startsInside;
    this.#jumps("last").hidden = !this.#rows.endsInside;
    if (windowed === this.#windowed) return;
    this.#windowed = windowed;
    this.#scroller.classList.toggle("windowed", windowed);
    if (windowed) this.#scroller.tabIndex = 0;
    else this.#scroller.removeAttribute("tabindex");
    for (const { values } of this.#rows.list) changed.add(values.id);
  }

  /** Returns what puts the first line in sight, that stays where it is, back to its height. */
  #notePlace(changed) {
    const { scrollTop, clientHeight, scrollHeight } = this.#scroller;
    const atBottom = scrollTop > 0 && scrollTop + clientHeight >= scrollHeight - 2;
    if (atBottom && this.#jumps("last").hidden) return () => this.#scrollTo("last");
    if (scrollTop === 0 && this.#jumps("first").hidden) return () => {};
    for (const line of this.#list.children) {
      if (line.offsetTop + line.offsetHeight <= scrollTop) continue;
      const id = line.dataset.rowId;
      if (changed.has(id)) continue;
      const height = line.offsetTop - scrollTop;
      return () => {
        if (line.isConnected) this.#scroller.scrollTop = line.offsetTop - height;
      };
    }
    return () => {};
  }

  #readNear() {
    if (!this.#windowed) return;
    const { scrollTop, clientHeight, scrollHeight } = this.#scroller;
    if (this.#rows.endsInside && scrollTop + clientHeight > scrollHeight - kNear) {
      this.#actions.read("after");
    } else if (this.#rows.startsInside && scrollTop < kNear) {
      this.#actions.read("before");
    }
  }
}
