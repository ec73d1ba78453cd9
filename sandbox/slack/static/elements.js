// Interactive elements: buttons, boxes and fields; menus have a file of their own.

import { hook, run } from "./acting.js";
import { chooseFrom } from "./dialogs.js";
import { el, image } from "./dom.js";
import { MENUS } from "./menus.js";
import { plainText } from "./mrkdwn.js";

export function element(part, blockId, scene) {
  return (ELEMENTS[part.type] ?? unknown)(part, blockId, scene);
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

function boxes(kind) {
  return (part, blockId, scene) => {
    const initial = new Set([part.initial_option, ...(part.initial_options ?? [])].filter(Boolean).map((option) => option.value));
    const node = el("div", { ...hook(part), class: "boxes", role: "group" }, part.options.map((option) =>
      el("label", {}, el("input", { type: kind, name: part.action_id, value: option.value, checked: initial.has(option.value) }),
        el("span", {}, plainText(option.text.text), option.description && el("span", { class: "quiet" }, ` ${option.description.text}`)))));
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

// Slack counts in seconds since 1970, browsers in local time.
function moment(part) {
  const node = el("input", { ...hook(part), class: "field", type: "datetime-local" });
  const local = (seconds) => new Date((seconds - new Date().getTimezoneOffset() * 60) * 1000).toISOString().slice(0, 16);
  if (part.initial_date_time) node.value = local(part.initial_date_time);
  return node;
}

// Slack keeps the pressed thumb on one's own screen; so does this page, however often the message changes.
const pressed = new Map();

function feedback(part, blockId, scene) {
  const own = `${part.action_id} ${part.positive_button.value}`;
  const side = (half, icon) => {
    const node = el("button", {
      type: "button", class: "icon-button", title: half.text.text, "aria-label": half.accessibility_label ?? half.text.text,
      "aria-pressed": String(pressed.get(own) === half.value), "data-testid": `action-${part.action_id}-${half.value}`,
    }, icon);
    node.addEventListener("click", () => {
      pressed.set(own, half.value);
      for (const each of node.parentElement.children) each.setAttribute("aria-pressed", String(each === node));
      run(node, part, blockId, scene, half.value);
    });
    return node;
  };
  return el("span", { ...hook(part), class: "feedback" }, side(part.positive_button, "👍"), side(part.negative_button, "👎"));
}

function iconButton(part, blockId, scene) {
  if (part.visible_to_user_ids && !part.visible_to_user_ids.includes(scene.names.me)) return el("span", { hidden: true });
  const label = part.accessibility_label ?? part.text.text;
  const node = el("button", { ...hook(part), type: "button", class: "icon-button", title: part.text.text, "aria-label": label }, "🗑");
  node.addEventListener("click", () => run(node, part, blockId, scene, part.value));
  return node;
}

const unknown = (part) => el("em", {}, `[${part.type}]`);

const ELEMENTS = {
  ...MENUS, button, overflow,
  radio_buttons: boxes("radio"), checkboxes: boxes("checkbox"), feedback_buttons: feedback, icon_button: iconButton,
  plain_text_input: entry("text"), number_input: entry("number"), url_text_input: entry("url"), email_text_input: entry("email"),
  datepicker: entry("date"), timepicker: entry("time"), datetimepicker: moment,
  image: (part) => image(part.image_url ?? part.slack_file?.url ?? `/files/${part.slack_file?.id}`, part.alt_text, "element-image"),
};
