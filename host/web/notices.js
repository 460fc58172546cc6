// The messages below a panel's form: one for each write that failed or is in doubt.

/** Writes that are told of at one time; the others are counted, and come as there is room. */
const kWritesMax = 50;

/** A notice is known by the id of its write, or by a word if it is not about a write. */
export class Notices {
  #element;
  #byId = new Map();
  #waiting = new Map(); // write id → what show was given
  #count = document.createElement("p"); // of those

  constructor(element) {
    this.#element = element;
    this.#count.className = "more";
  }

  /** Shows a message as `show` does, for one of possibly many writes. */
  showWrite(id, message, options) {
    if (!this.#byId.has(id) && this.#byId.size >= kWritesMax) {
      this.#waiting.set(id, [message, options]);
      this.#countWaiting();
    } else {
      this.show(id, message, options);
    }
  }

  /** Shows or replaces a message. Without `onRetry` it has one button, that sends it away. */
  show(id, message, { onRetry, onDiscard, retry: yes = "Retry", dismiss: no } = {}) {
    const notice = this.#byId.get(id) ?? this.#make(id);
    notice.querySelector("p").textContent = message;
    const retry = notice.querySelector(".retry");
    retry.hidden = !onRetry;
    retry.textContent = yes;
    retry.onclick = () => this.#run(notice, onRetry);
    const dismiss = notice.querySelector(".dismiss");
    dismiss.textContent = no ?? (onDiscard ? "Discard" : "Dismiss");
    dismiss.onclick = () => (onDiscard ? this.#run(notice, onDiscard) : this.remove(id));
  }

  remove(id) {
    this.#byId.get(id)?.remove();
    this.#byId.delete(id);
    this.#waiting.delete(id);
    const [next] = this.#waiting;
    if (next && this.#byId.size < kWritesMax) {
      this.#waiting.delete(next[0]);
      this.show(next[0], ...next[1]);
    }
    this.#countWaiting();
  }

  #countWaiting() {
    const count = this.#waiting.size;
    if (count === 0) return this.#count.remove();
    this.#count.textContent = `${count} more not saved.`;
    if (!this.#count.isConnected) this.#element.append(this.#count);
  }

  #make(id) {
    const notice = document.getElementById("notice").content.firstElementChild.cloneNode(true);
    notice.dataset.writeId = id;
    this.#byId.set(id, notice);
    this.#element.append(notice);
    return notice;
  }

  /** Both buttons rest until the action is through. */
  async #run(notice, action) {
    const buttons = notice.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    await action();
    for (const button of buttons) button.disabled = false;
  }
}
