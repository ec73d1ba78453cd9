// Menus to choose one or several from: fixed options, people, channels, and what the bot suggests.

import { hook, run } from "./acting.js";
import { el } from "./dom.js";

const optionNode = (option) => el("option", { value: option.value, title: option.description?.text }, option.text.text);

function ownOptions(part) {
  const groups = part.option_groups ?? [{ options: part.options ?? [] }];
  const nodes = (group) => group.options.map(optionNode);
  return groups.flatMap((group) => (group.label ? [el("optgroup", { label: group.label.text }, nodes(group))] : nodes(group)));
}

const people = (scene) => scene.names.people().map((user) => el("option", { value: user.id }, user.real_name));
const channels = (scene) => scene.names.channels().map((each) => el("option", { value: each.id }, `#${each.name}`));

const one = (entries, initial) => (part, blockId, scene) => {
  const prompt = part.placeholder?.text ?? "Choose…";
  const node = el("select", { ...hook(part), class: "select", "aria-label": prompt }, el("option", { value: "" }, prompt), entries(scene, part));
  const before = initial(part) ?? "";
  node.value = before;
  node.addEventListener("change", async () => {
    if (!(await run(node, part, blockId, scene, node.value))) node.value = before;
  });
  return node;
};

const several = (entries, initial) => (part, blockId, scene) => {
  const nodes = entries(scene, part);
  const node = el("select", { ...hook(part), class: "select", multiple: true, size: Math.max(2, Math.min(6, nodes.length)) }, nodes);
  const chosen = new Set(initial(part));
  for (const option of node.options) option.selected = chosen.has(option.value);
  node.addEventListener("change", () => {
    const values = [...node.selectedOptions];
    const last = part.max_selected_items ?? values.length;
    for (const option of values.slice(last)) option.selected = false;
    run(node, part, blockId, scene, values.slice(0, last).map((option) => option.value));
  });
  return node;
};

// What is typed goes to the bot, which offers options; `data-value` is the one chosen.
function external(part, blockId, scene) {
  const least = part.min_query_length ?? 3;
  const list = el("div", { class: "suggestions", role: "listbox", hidden: true, "data-testid": `options-${part.action_id}` });
  const field = el("input", {
    ...hook(part), class: "field", type: "text", role: "combobox", "aria-expanded": "false", autocomplete: "off",
    placeholder: part.placeholder?.text, "data-value": part.initial_option?.value ?? "",
  });
  field.value = part.initial_option?.text.text ?? "";
  const show = (options) => {
    list.replaceChildren(...options.map((option) => el("button", { type: "button", role: "option", onclick: () => choose(option) }, option.text.text)));
    list.hidden = options.length === 0;
    field.setAttribute("aria-expanded", String(!list.hidden));
  };
  const choose = (option) => {
    field.value = option.text.text;
    field.dataset.value = option.value;
    show([]);
    run(field, part, blockId, scene, option.value);
  };
  let latest = 0;
  field.addEventListener("input", async () => {
    field.dataset.value = "";
    const asked = (latest += 1);
    const options = field.value.length < least ? [] : await scene.suggest(part, blockId, field.value);
    if (asked === latest) show(options);
  });
  return el("div", { class: "combobox" }, field, list);
}

const own = (_scene, part) => ownOptions(part);
const values = (part) => (part.initial_options ?? []).map((option) => option.value);

export const MENUS = {
  static_select: one(own, (part) => part.initial_option?.value),
  users_select: one(people, (part) => part.initial_user),
  channels_select: one(channels, (part) => part.initial_channel),
  conversations_select: one(channels, (part) => part.initial_conversation),
  multi_static_select: several(own, values),
  multi_users_select: several(people, (part) => part.initial_users ?? []),
  external_select: external,
};
