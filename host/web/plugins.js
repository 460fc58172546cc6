// The plugins of the host, to choose from.

import * as api from "./api.js";

/** "notes" of "/usr/lib/notes.so": how the host finds the file again, wherever it is. */
const nameOf = (path) => path.split("/").at(-1).replace(/\.so$/, "");

/** Fills a <select> with what can be used; the one whose file is `module` is chosen. */
export async function offerPlugins(select, module) {
  select.replaceChildren(); // nothing of an earlier answer is chosen meanwhile
  const plugins = await api.readPlugins();
  const options = plugins
    .filter(({ usable, hidden_by: hiddenBy }) => usable && !hiddenBy)
    .map(({ path, id, version, description }) => {
      const name = nameOf(path);
      const option = new Option(`${name === id ? id : `${name}: ${id}`} ${version}`, name);
      option.title = description;
      option.selected = path === module;
      return option;
    });
  select.replaceChildren(...options);
}

/** What to tell a person about a change of modules that the host did not make. */
export function reasonOf(error) {
  if (error.status === 0) return "The host cannot be reached; nothing may have changed.";
  if (error.status === 401) {
    return "The host does not take this page's token. Open the address that it prints.";
  }
  return error.message;
}
