// The plugins of the host, to choose from.

import * as api from "./api.js";

/** "notes" of "/usr/lib/notes.so": how the host finds the file again, wherever it is. */
const nameOf = (path) => path.split("/").at(-1).replace(/\.so$/, "");

/**
 * Fills a <select> with what can be used. What a person has chosen from it stays chosen, else the
 * one whose file is `module` is.
 */
export async function offerPlugins(select, module) {
  const plugins = await api.readPlugins();
  const chosen = select.value;
  const options = plugins
    .filter(({ usable, hidden_by: hiddenBy }) => usable && !hiddenBy)
    .map(({ path, id, version, description }) => {
      const name = nameOf(path);
      const option = new Option(`${name === id ? id : `${name}: ${id}`} ${version}`, name);
      option.title = description;
      option.selected = chosen ? name === chosen : path === module;
      return option;
    });
  select.replaceChildren(...options);
}

/** Empties the <select> of a form that is closed: no old answer is there when it opens again. */
export function offerNothing(select) {
  select.replaceChildren();
}

/** The message for a person about a change of modules that the host did not make. */
export function reasonOf(error) {
  if (error.status === 0) return "The host cannot be reached; nothing may have changed.";
  if (error.status === 401) {
    return "The host does not take this page's token. Open the address that it prints.";
  }
  return error.message;
}
