// `rich_text` blocks to DOM nodes.

import { el, link } from "./dom.js";
import { emojiNode, mention } from "./mrkdwn.js";

export function richText(block, names) {
  return el("div", { class: "rich-text" }, block.elements.map((part) => PARTS[part.type]?.(part, names)));
}

const PARTS = {
  rich_text_section: (part, names) => el("p", {}, inlines(part.elements, names)),
  rich_text_preformatted: (part, names) => el("pre", {}, el("code", {}, inlines(part.elements, names, true))),
  rich_text_quote: (part, names) => el("blockquote", {}, inlines(part.elements, names)),
  rich_text_list: (part, names) =>
    el(part.style === "ordered" ? "ol" : "ul",
      { class: `indent-${part.indent ?? 0}`, start: part.offset ? part.offset + 1 : undefined },
      part.elements.map((item) => el("li", {}, inlines(item.elements, names)))),
};

export function inlines(elements, names, literal = false) {
  return elements.map((element) => styled(inline(element, names, literal), element.style ?? {}));
}

function inline(element, names, literal) {
  switch (element.type) {
    case "text": return literal ? element.text : lines(element.text);
    case "link": return link(element.url, element.text || element.url);
    case "emoji": return emojiNode(element.name);
    case "user": return mention(`@${names.user(element.user_id)}`);
    case "usergroup": return mention(`@${names.group(element.usergroup_id)}`);
    case "channel": return mention(`#${names.channel(element.channel_id)}`);
    case "broadcast": return mention(`@${element.range}`);
    case "date": return el("time", {}, new Date(element.timestamp * 1000).toLocaleString());
    default: return element.value ?? "";
  }
}

function lines(text) {
  return text.split("\n").flatMap((line, index) => (index ? [el("br"), line] : [line]));
}

function styled(node, style) {
  let wrapped = node;
  if (style.code) wrapped = el("code", {}, wrapped);
  if (style.bold) wrapped = el("strong", {}, wrapped);
  if (style.italic) wrapped = el("em", {}, wrapped);
  if (style.strike) wrapped = el("s", {}, wrapped);
  return wrapped;
}
