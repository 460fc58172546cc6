// A panel's menu: which module its pattern runs, and how to give it another, or to end it.

import * as api from "./api.js";
import { offerNothing, offerPlugins, reasonOf } from "./plugins.js";

const kNotice = "module";
const kSwapQuestion = "Swap it anyway?";
const kRemoveQuestion = "Remove it anyway?";

export class ModuleMenu {
  #element;
  #notices;
  #status;

  /** Tells in `notices` what the host refuses. */
  constructor(element, notices) {
    this.#element = element;
    this.#notices = notices;
    element.querySelector(api.hasToken ? ".hint" : ".controls").remove();
    if (!api.hasToken) return;
    const select = element.querySelector("select");
    const on = (button, action) => element.querySelector(button).addEventListener("click", action);
    on(".swap", () => {
      const module = select.value;
      this.#change(kSwapQuestion, (force) => api.swap(this.#status.pattern, module, force));
    });
    on(".back", () =>
      this.#change(kSwapQuestion, (force) => api.swapBack(this.#status.pattern, force)),
    );
    on(".remove", () =>
      this.#change(kRemoveQuestion, (force) => api.removePattern(this.#status.pattern, force)),
    );
    element.addEventListener("toggle", () => {
      if (element.open) this.#offer();
      else offerNothing(select);
    });
    element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#close();
    });
  }

  setStatus(status) {
    this.#status = status;
    const summary = this.#element.querySelector("summary");
    summary.textContent = status.id ? `${status.id} ${status.version}` : status.state;
    summary.title = status.module;
  }

  async #offer() {
    try {
      await offerPlugins(this.#element.querySelector("select"), this.#status.module);
    } catch (error) {
      this.#notices.show(kNotice, reasonOf(error));
    }
  }

  /** `change(force)` asks the host. Where only force would do, it is asked again after a yes. */
  async #change(question, change, force = false) {
    this.#notices.remove(kNotice);
    this.#setBusy(true);
    try {
      await change(force);
      this.#close();
    } catch (error) {
      if (error.forceHelps) this.#ask(error.message, question, change);
      else this.#notices.show(kNotice, reasonOf(error));
    }
    this.#setBusy(false);
  }

  #ask(message, question, change) {
    this.#notices.show(kNotice, `${message} ${question}`, {
      onRetry: () => this.#change(question, change, true),
      retry: "Yes",
      dismiss: "No",
    });
  }

  #setBusy(busy) {
    for (const one of this.#element.querySelectorAll("button, select")) one.disabled = busy;
    this.#element.querySelector(".spinner").hidden = !busy;
  }

  #close() {
    const focused = document.activeElement;
    const lost = focused === document.body || this.#element.contains(focused);
    this.#element.open = false;
    if (lost) this.#element.querySelector("summary").focus();
  }
}
