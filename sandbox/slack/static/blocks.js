// Block Kit to DOM nodes. `scene` is {names, act}.

import { textNodes } from "./dialogs.js";
import { el, image, link } from "./dom.js";
import { element } from "./elements.js";
import { markdown } from "./markdown.js";
import { plainText } from "./mrkdwn.js";
import { richText } from "./rich_text.js";

export function renderBlocks(blocks, scene) {
  return blocks.map((block) => {
    const node = (BLOCKS[block.type] ?? unknown)(block, scene);
    node.classList.add("block", `block-${block.type}`);
    if (block.block_id) node.dataset.blockId = block.block_id;
    return node;
  });
}

const text = (object, scene) => textNodes(object, scene.names);
const source = (part) => part.image_url ?? part.slack_file?.url ?? `/files/${part.slack_file?.id}`;

function section(block, scene) {
  return el("div", {},
    el("div", { class: "section-body" },
      block.text && el("div", { class: "text" }, text(block.text, scene)),
      block.fields && el("div", { class: "fields" }, block.fields.map((field) => el("div", { class: "text" }, text(field, scene))))),
    block.accessory && el("div", { class: "accessory" }, element(block.accessory, block.block_id, scene)));
}

function context(block, scene) {
  return el("div", {}, block.elements.map((part) =>
    part.type === "image" ? image(source(part), part.alt_text, "context-image") : el("span", { class: "text" }, text(part, scene))));
}

function picture(block) {
  return el("figure", {},
    block.title && el("figcaption", {}, plainText(block.title.text)),
    link(source(block), image(source(block), block.alt_text, "picture")));
}

function table(block, scene) {
  const align = (index) => `align-${block.column_settings?.[index]?.align ?? "left"}`;
  const cell = (tag) => (content, index) => el(tag, { class: align(index), scope: tag === "th" ? "col" : undefined },
    content.type === "rich_text" ? richText(content, scene.names) : String(content.text ?? content.value));
  const [head, ...rows] = block.rows;
  return el("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": block.caption ?? "Table" },
    el("table", { class: "table" },
      block.caption && el("caption", {}, block.caption),
      el("thead", {}, el("tr", {}, head.map(cell("th")))),
      el("tbody", {}, rows.map((row) => el("tr", {}, row.map(cell("td")))))));
}

const STATUS = { pending: "○", in_progress: "◐", complete: "✓", error: "✕" };

function task(block, scene) {
  return el("div", { class: `task ${block.status}` },
    el("span", { class: "task-mark", role: "img", "aria-label": block.status.replace("_", " ") }, STATUS[block.status]),
    el("div", { class: "task-body" },
      el("div", { class: "task-title" }, plainText(block.title)),
      [block.details, block.output].filter(Boolean).map((part) => richText(part, scene.names)),
      block.sources && el("div", { class: "sources" }, block.sources.map((each) => link(each.url, each.text)))));
}

function plan(block, scene) {
  return el("div", {}, el("div", { class: "plan-title" }, plainText(block.title)), (block.tasks ?? []).map((each) => task(each, scene)));
}

function card(block, scene) {
  return el("div", {},
    block.hero_image && image(source(block.hero_image), block.hero_image.alt_text, "picture"),
    block.title && el("div", { class: "card-title" }, text(block.title, scene)),
    block.subtitle && el("div", { class: "quiet" }, text(block.subtitle, scene)),
    block.body && el("div", { class: "text" }, text(block.body, scene)),
    block.actions && el("div", { class: "row" }, block.actions.map((part) => element(part, block.block_id, scene))));
}

function container(block, scene) {
  const title = [
    el("strong", {}, block.rich_text_title ? richText(block.rich_text_title, scene.names) : plainText(block.title.text)),
    block.subtitle && el("div", { class: "quiet" }, text(block.subtitle, scene)),
  ];
  const body = renderBlocks(block.child_blocks, scene);
  if (!block.is_collapsible) return el("div", {}, title, body);
  return el("details", { open: !block.default_collapsed }, el("summary", {}, title), body);
}

function input(block, scene) {
  const control = element(block.element, block.block_id, { ...scene, act: block.dispatch_action ? scene.act : async () => {} });
  const id = `input-${block.block_id}`;
  (control.matches("[data-action-id]") ? control : control.querySelector("[data-action-id]") ?? control).id = id;
  return el("div", { "data-input": block.block_id },
    el("label", { for: id }, plainText(block.label.text), block.optional && el("span", { class: "quiet" }, " (optional)")),
    control,
    block.hint && el("div", { class: "quiet hint" }, plainText(block.hint.text)),
    el("div", { class: "field-error", role: "alert", "data-testid": `error-${block.block_id}` }));
}

const ALERTS = { default: "•", info: "ℹ", warning: "⚠", error: "✕", success: "✓" };
const unknown = (block) => el("div", { class: "quiet" }, `This sandbox does not draw “${block.type}” blocks.`);

const BLOCKS = {
  header: (block) => el("h3", {}, plainText(block.text.text)),
  section, context, image: picture, table, data_table: table, plan, card, container, input,
  task_card: task,
  divider: () => el("hr"),
  rich_text: (block, scene) => richText(block, scene.names),
  markdown: (block) => el("div", { class: "markdown" }, markdown(block.text)),
  actions: (block, scene) => el("div", { class: "row" }, block.elements.map((part) => element(part, block.block_id, scene))),
  context_actions: (block, scene) => el("div", { class: "row" }, block.elements.map((part) => element(part, block.block_id, scene))),
  carousel: (block, scene) => el("div", { tabindex: "0" }, renderBlocks(block.elements, scene)),
  alert: (block, scene) => el("div", { class: `alert ${block.level ?? "default"}`, role: "note" },
    el("span", { "aria-hidden": "true" }, ALERTS[block.level ?? "default"]), el("div", {}, text(block.text, scene))),
  video: (block) => el("div", {}, link(block.video_url, plainText(block.title.text))),
};
