// What all interactive elements share. `scene` is {names, act(element, blockId, value), suggest(element, blockId, typed)};
// act resolves when the bot has answered, suggest to the options it offers.

import { confirmed } from "./dialogs.js";

export const hook = (part) => ({ "data-testid": `action-${part.action_id}`, "data-action-id": part.action_id });

// Resolves to whether the person went through with it.
export async function run(node, part, blockId, scene, value) {
  if (!(await confirmed(part.confirm, scene.names))) return false;
  node.setAttribute("aria-busy", "true");
  try {
    await scene.act(part, blockId, value);
  } finally {
    node.removeAttribute("aria-busy");
  }
  return true;
}
