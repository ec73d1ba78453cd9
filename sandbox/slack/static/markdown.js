// The subset of Markdown that Slack shows in `markdown` blocks, to DOM nodes.

import { el, link } from "./dom.js";
import { emojiNode, mention } from "./mrkdwn.js";

const INLINE = new RegExp(
  [
    /\\(?<escaped>[!-\/:-@[-`{-~])/,
    /(?<ticks>`+)(?<code>[^\n]+?)\k<ticks>(?!`)/,
    /!\[\]\(@(?<person>[UW][A-Z0-9]+)\)/,
    /<(?<address>https?:\/\/[^<>\s]+)>/,
    /\[(?<label>[^\]\n]+)\]\((?<url>[^)\s]+)\)/,
    /\*\*(?=\S)(?<bold>.+?)(?<=\S)\*\*/,
    /~~(?=\S)(?<strike>.+?)(?<=\S)~~/,
    /(?<![\w*])[*](?=\S)(?<italic>[^*\n]+?)(?<=\S)[*](?![\w*])/,
    /(?<![\w_])_(?=\S)(?<slanted>[^_\n]+?)(?<=\S)_(?![\w_])/,
    /:(?<emoji>[a-z0-9_+'-]+):/,
    /(?<line>\n)/,
  ].map((part) => part.source).join("|"),
  "g",
);

let userName = (id) => id; // only a canvas mentions people

function inline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(end, match.index), build(match.groups));
    end = match.index + match[0].length;
  }
  return [...nodes, text.slice(end)];
}

function build(found) {
  if (found.escaped) return found.escaped;
  if (found.person) return mention(`@${userName(found.person)}`);
  if (found.address) return link(found.address, found.address);
  if (found.code) return el("code", {}, found.code.replace(/^ (.+) $/, "$1"));
  if (found.url) return link(found.url, inline(found.label));
  if (found.bold) return el("strong", {}, inline(found.bold));
  if (found.strike) return el("s", {}, inline(found.strike));
  if (found.italic || found.slanted) return el("em", {}, inline(found.italic || found.slanted));
  if (found.emoji) return emojiNode(found.emoji);
  return el("br");
}

const ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;
const KINDS = [
  { kind: "heading", pattern: /^#{1,6}\s+(.*)$/ },
  { kind: "rule", pattern: /^\s*(?:---+|\*\*\*+)\s*$/ },
  { kind: "quote", pattern: /^>\s?(.*)$/ },
  { kind: "row", pattern: /^\s*\|(.*)\|\s*$/ },
  { kind: "item", pattern: ITEM },
  { kind: "blank", pattern: /^\s*$/ },
];

export function canvas(text, nameOfUser) {
  userName = nameOfUser;
  return markdown(text);
}

export function markdown(text) {
  const parts = text.split(/^```[^\n]*\n([\s\S]*?)\n?```$/m);
  return parts.flatMap((part, index) => (index % 2 ? [el("pre", {}, el("code", {}, part))] : paragraphs(part)));
}

function paragraphs(text) {
  const groups = [];
  for (const line of text.split("\n")) {
    const kind = KINDS.find(({ pattern }) => pattern.test(line))?.kind ?? "text";
    const last = groups.at(-1);
    if (last?.kind === kind && kind !== "heading") last.lines.push(line);
    else groups.push({ kind, lines: [line] });
  }
  return groups.flatMap(({ kind, lines }) => BUILD[kind](lines));
}

const BUILD = {
  heading: ([line]) => [el("h4", { class: "md-heading" }, inline(line.replace(/^#+\s+/, "")))],
  rule: () => [el("hr")],
  quote: (lines) => [el("blockquote", {}, inline(lines.map((line) => line.replace(/^>\s?/, "")).join("\n")))],
  row: (lines) => [table(lines)],
  item: (lines) => [list(lines)],
  blank: () => [],
  text: (lines) => [el("p", {}, inline(lines.join("\n")))],
};

function list(lines) {
  const items = lines.map((line) => ITEM.exec(line));
  const start = items[0][1];
  return el(start ? "ol" : "ul", { start }, items.map((item) => el("li", {}, inline(item[2].replace(/^\[ \]/, "☐").replace(/^\[x\]/i, "☑")))));
}

function table(lines) {
  const rows = lines.map((line) => line.trim().slice(1, -1).split("|").map((cell) => cell.trim()));
  const body = rows.slice(1).filter((row) => !row.every((cell) => /^:?-+:?$/.test(cell)));
  return el("div", { class: "table-scroll" },
    el("table", { class: "table" },
      el("thead", {}, el("tr", {}, rows[0].map((cell) => el("th", { scope: "col" }, inline(cell))))),
      el("tbody", {}, body.map((row) => el("tr", {}, row.map((cell) => el("td", {}, inline(cell))))))));
}
