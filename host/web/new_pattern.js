// The form that adds a pattern: below the panels, on a page that has the token.

import * as api from "./api.js";
import { Notices } from "./notices.js";
import { offerNothing, offerPlugins, reasonOf } from "./plugins.js";

const kNotice = "new-pattern";

/** `element` holds the form; the panel comes by an event, as that of any pattern. */
export function offerNewPattern(element) {
  const form = element.querySelector("form");
  const [name, select, button] = form.querySelectorAll("input, select, button");
  const notices = new Notices(element.querySelector(".notices"));

  const say = (error) => notices.show(kNotice, reasonOf(error));

  function setBusy(busy) {
    for (const one of [name, select, button]) one.disabled = busy;
    form.querySelector(".spinner").hidden = !busy;
  }

  async function add() {
    notices.remove(kNotice);
    setBusy(true);
    try {
      await api.addPattern(name.value.trim(), select.value);
      name.value = "";
      element.open = false;
    } catch (error) {
      say(error);
    }
    setBusy(false);
  }

  element.hidden = false;
  element.addEventListener("toggle", () => {
    if (element.open) offerPlugins(select).catch(say);
    else offerNothing(select);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    add();
  });
}
