// Slack's mrkdwn to DOM nodes.

import { el, link } from "./dom.js";
import { emoji } from "./emoji.js";

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const INLINE = new RegExp(
  [
    /<(?<ref>[^<>\n]+)>/,
    /`(?<code>[^`\n]+)`/,
    /(?<![\w*])\*(?=\S)(?<bold>[^*\n]+?)(?<=\S)\*(?![\w*])/,
    /(?<![\w_])_(?=\S)(?<italic>[^_\n]+?)(?<=\S)_(?![\w_])/,
    /(?<![\w~])~(?=\S)(?<strike>[^~\n]+?)(?<=\S)~(?![\w~])/,
    /:(?<emoji>[a-z0-9_+'-]+):/,
    /(?<url>https?:\/\/[^\s<>|]+[^\s<>|.,;:!?)\]'"])/,
    /(?<line>\n)/,
  ].map((part) => part.source).join("|"),
  "g",
);

// `names` resolves ids: {user(id), channel(id), group(id)}.
export function mrkdwn(text, names) {
  const parts = text.split(/\n?```\n?([\s\S]*?)\n?```\n?/);
  return parts.flatMap((part, index) =>
    index % 2 ? [el("pre", {}, el("code", {}, references(part, names)))] : quoted(part, names),
  );
}

// In code only references and links work; the rest is literal.
function references(text, names) {
  return split(text, /<(?<ref>[^<>\n]+)>/g, (found) => reference(found.ref, names));
}

function quoted(text, names) {
  const groups = [];
  for (const line of text.split("\n")) {
    const match = /^(?:&gt;|>) ?(.*)$/.exec(line);
    const last = groups.at(-1);
    const content = match ? match[1] : line;
    if (last && last.quote === Boolean(match)) last.lines.push(content);
    else groups.push({ quote: Boolean(match), lines: [content] });
  }
  return groups.flatMap(({ quote, lines }) => {
    const nodes = inline(lines.join("\n"), names);
    return quote ? [el("blockquote", {}, nodes)] : nodes;
  });
}

export function inline(text, names) {
  return split(text, INLINE, (found) => {
    if (found.ref) return reference(found.ref, names);
    if (found.code) return el("code", {}, references(found.code, names));
    if (found.bold) return el("strong", {}, inline(found.bold, names));
    if (found.italic) return el("em", {}, inline(found.italic, names));
    if (found.strike) return el("s", {}, inline(found.strike, names));
    if (found.emoji) return emojiNode(found.emoji);
    if (found.url) return link(unescape(found.url), unescape(found.url));
    return el("br");
  });
}

function split(text, pattern, build) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) nodes.push(unescape(text.slice(end, match.index)));
    nodes.push(build(match.groups));
    end = match.index + match[0].length;
  }
  if (end < text.length) nodes.push(unescape(text.slice(end)));
  return nodes;
}

export function emojiNode(name) {
  const found = emoji(name);
  return found ? el("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " ") }, found) : `:${name}:`;
}

export function plainText(text) {
  return split(text.replaceAll("&", "&amp;"), /:(?<emoji>[a-z0-9_+'-]+):|(?<line>\n)/g, (found) =>
    found.emoji ? emojiNode(found.emoji) : el("br"),
  );
}

export function mention(text) {
  return el("span", { class: "mention" }, text);
}

function reference(token, names) {
  const [target, label] = token.split(/\|(.*)/s);
  if (target.startsWith("@")) return mention(`@${names.user(target.slice(1))}`);
  if (target.startsWith("#")) return mention(`#${label || names.channel(target.slice(1))}`);
  if (target.startsWith("!subteam^")) return mention(label || `@${names.group(target.slice(9))}`);
  if (target.startsWith("!date^")) return date(target.split("^"), label);
  if (target.startsWith("!")) return mention(label || `@${target.slice(1)}`);
  return link(unescape(target), unescape(label || target));
}

const FORMATS = {
  date: { dateStyle: "long" }, date_pretty: { dateStyle: "long" }, date_num: { dateStyle: "short" },
  date_short: { dateStyle: "medium" }, date_short_pretty: { dateStyle: "medium" }, date_long: { dateStyle: "full" },
  time: { timeStyle: "short", hourCycle: "h23" }, time_secs: { timeStyle: "medium", hourCycle: "h23" },
};

function date([, seconds, format, address], fallback) {
  const when = new Date(Number(seconds) * 1000);
  if (Number.isNaN(when.getTime()) || !format) return unescape(fallback || "");
  const text = unescape(format).replace(/\{(\w+)\}/g, (all, name) =>
    FORMATS[name] ? new Intl.DateTimeFormat(undefined, FORMATS[name]).format(when) : all,
  );
  const node = el("time", { datetime: when.toISOString() }, text);
  return address ? link(unescape(address), node) : node;
}
