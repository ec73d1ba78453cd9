// Interactive elements. `scene` is {names, act(element, blockId, value)}; act resolves when the bot has answered.

import { chooseFrom, confirmed } from "./dialogs.js";
import { el, image } from "./dom.js";
import { plainText } from "./mrkdwn.js";

export function element(part, blockId, scene) {
  return (ELEMENTS[part.type] ?? unknown)(part, blockId, scene);
}

const hook = (part) => ({ "data-testid": `action-${part.action_id}`, "data-action-id": part.action_id });

async function run(node, part, blockId, scene, value) {
  if (!(await confirmed(part.confirm, scene.names))) return;
  node.setAttribute("aria-busy", "true");
  try {
    await scene.act(part, blockId, value);
  } finally {
    node.removeAttribute("aria-busy");
  }
}

function button(part, blockId, scene) {
  const label = plainText(part.text.text);
  const style = `button ${part.style ?? ""}`;
  const named = { ...hook(part), class: style, "aria-label": part.accessibility_label };
  const node = part.url
    ? el("a", { ...named, href: /^https?:/i.test(part.url) ? part.url : undefined, target: "_blank", rel: "noopener noreferrer" },
        label, el("span", { class: "outward", "aria-label": "opens in a new tab" }, "↗"))
    : el("button", { ...named, type: "button" }, label);
  node.addEventListener("click", () => run(node, part, blockId, scene));
  return node;
}

function overflow(part, blockId, scene) {
  const node = el("button", {
    ...hook(part), type: "button", class: "button overflow", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": "More actions",
  }, "⋯");
  node.addEventListener("click", async () => {
    const choice = await chooseFrom(node, part.options.map((option) => option.text.text));
    if (choice === null) return;
    const option = part.options[choice];
    if (option.url) window.open(option.url, "_blank", "noopener");
    await run(node, part, blockId, scene, option.value);
  });
  return node;
}

function options(part) {
  const groups = part.option_groups ?? [{ options: part.options ?? [] }];
  const nodes = (group) => group.options.map((option) => el("option", { value: option.value }, option.text.text));
  return groups.flatMap((group) => (group.label ? [el("optgroup", { label: group.label.text }, nodes(group))] : nodes(group)));
}

function select(part, blockId, scene, entries = options(part), initial = part.initial_option?.value) {
  const prompt = part.placeholder?.text ?? "Choose…";
  const node = el("select", { ...hook(part), class: "select", "aria-label": prompt },
    el("option", { value: "" }, prompt), entries);
  node.value = initial ?? "";
  node.addEventListener("change", () => run(node, part, blockId, scene, node.value));
  return node;
}

function several(part) {
  const node = el("select", { ...hook(part), class: "select", multiple: true, size: Math.min(6, part.options?.length ?? 6) }, options(part));
  const initial = new Set((part.initial_options ?? []).map((option) => option.value));
  for (const option of node.options) option.selected = initial.has(option.value);
  return node;
}

function boxes(kind) {
  return (part, blockId, scene) => {
    const initial = new Set([part.initial_option, ...(part.initial_options ?? [])].filter(Boolean).map((option) => option.value));
    const node = el("div", { ...hook(part), class: "boxes", role: "group" }, part.options.map((option) =>
      el("label", {}, el("input", { type: kind, name: part.action_id, value: option.value, checked: initial.has(option.value) }),
        el("span", {}, plainText(option.text.text)))));
    node.addEventListener("change", () => {
      const values = [...node.querySelectorAll("input:checked")].map((box) => box.value);
      run(node, part, blockId, scene, kind === "radio" ? values[0] : values);
    });
    return node;
  };
}

function entry(type) {
  return (part) => {
    const shared = { ...hook(part), class: "field", placeholder: part.placeholder?.text, minlength: part.min_length, maxlength: part.max_length };
    const node = part.multiline ? el("textarea", { ...shared, rows: 4 }) : el("input", { ...shared, type });
    node.value = part.initial_value ?? part.initial_date ?? part.initial_time ?? "";
    return node;
  };
}

function feedback(part, blockId, scene) {
  const side = (half, icon) => {
    const node = el("button", {
      type: "button", class: "icon-button", title: half.text.text, "aria-label": half.accessibility_label ?? half.text.text,
      "aria-pressed": "false", "data-testid": `action-${part.action_id}-${half.value}`,
    }, icon);
    node.addEventListener("click", () => {
      node.setAttribute("aria-pressed", "true");
      run(node, part, blockId, scene, half.value);
    });
    return node;
  };
  return el("span", { ...hook(part), class: "feedback" }, side(part.positive_button, "👍"), side(part.negative_button, "👎"));
}

function iconButton(part, blockId, scene) {
  const node = el("button", { ...hook(part), type: "button", class: "icon-button", title: part.text.text, "aria-label": part.text.text }, "🗑");
  node.addEventListener("click", () => run(node, part, blockId, scene, part.value));
  return node;
}

const people = (part, blockId, scene) =>
  select(part, blockId, scene, scene.names.people().map((user) => el("option", { value: user.id }, user.real_name)), part.initial_user);
const channels = (part, blockId, scene) =>
  select(part, blockId, scene, scene.names.channels().map((each) => el("option", { value: each.id }, `#${each.name}`)),
    part.initial_channel ?? part.initial_conversation);
const unknown = (part) => el("em", {}, `[${part.type}]`);

const ELEMENTS = {
  button, overflow, static_select: select, external_select: entry("text"), multi_static_select: several,
  users_select: people, channels_select: channels, conversations_select: channels,
  radio_buttons: boxes("radio"), checkboxes: boxes("checkbox"), feedback_buttons: feedback, icon_button: iconButton,
  plain_text_input: entry("text"), number_input: entry("number"), url_text_input: entry("url"), email_text_input: entry("email"),
  datepicker: entry("date"), timepicker: entry("time"),
  image: (part) => image(part.image_url ?? part.slack_file?.url ?? `/files/${part.slack_file?.id}`, part.alt_text, "element-image"),
};
