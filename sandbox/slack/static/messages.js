// A list of messages, redrawn only where something changed.

import { renderBlocks } from "./blocks.js";
import { chooseFrom } from "./dialogs.js";
import { el, image, link } from "./dom.js";
import { emojiNode, mrkdwn } from "./mrkdwn.js";

const GROUPED_SECONDS = 300;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

export const when = (ts) => new Date(Number(ts.split(".")[0]) * 1000);

export class MessageList {
  constructor(box, scene) {
    this.box = box;
    this.scene = scene; // {store, act, openThread, shortcuts}
    this.drawn = new Map();
    this.atEnd = true;
    box.addEventListener("load", () => this.atEnd && this.toEnd(), true); // pictures grow after they are drawn
  }

  toEnd() {
    this.box.scrollTop = this.box.scrollHeight;
  }

  // Whoever writes sees what comes of it.
  follow() {
    this.following = true;
    this.toEnd();
  }

  // A channel opens at its end, a thread at its first message; both then follow what is new if one is at the end.
  show(messages, { inThread = false } = {}) {
    const opens = this.drawn.size === 0;
    const near = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < 80;
    this.atEnd = this.following || (opens ? !inThread : near);
    this.following = false;
    const before = this.box.scrollTop;
    const nodes = [];
    const kept = new Map();
    let previous = null;
    for (const message of messages) {
      if (!previous || when(previous.ts).toDateString() !== when(message.ts).toDateString()) {
        if (!inThread) nodes.push(dayLine(message.ts));
        previous = null;
      }
      const compact = !(inThread && previous === messages[0]) && follows(previous, message);
      const key = JSON.stringify([message, compact]);
      const old = this.drawn.get(message.ts);
      const entry = old?.key === key ? old : { key, node: this.message(message, { compact, inThread }) };
      if (old && old !== entry) keepFocus(old.node, entry.node);
      kept.set(message.ts, entry);
      nodes.push(entry.node);
      if (inThread && message.reply_count) nodes.push(replyLine(message.reply_count));
      previous = message;
    }
    this.drawn = kept;
    reconcile(this.box, nodes);
    if (this.atEnd) this.toEnd();
    else this.box.scrollTop = opens ? 0 : before;
  }

  message(message, { compact, inThread }) {
    if (message.deleted) return el("article", { class: "message deleted", "data-ts": message.ts }, "This message was deleted.");
    const { names } = this.scene.store;
    const author = names.profile(message.user);
    const time = when(message.ts);
    const stamp = el("time", { class: "time", datetime: time.toISOString(), title: time.toLocaleString() }, clock.format(time));
    const head = el("div", { class: "message-head" },
      el("strong", {}, author.real_name), author.is_bot && el("span", { class: "app-badge" }, "APP"), stamp);
    return el("article", {
      class: `message${compact ? " compact" : ""}${message.ephemeral ? " ephemeral" : ""}`, "data-testid": "message", "data-ts": message.ts,
      "data-ephemeral": message.ephemeral, "aria-label": `${author.real_name}, ${clock.format(time)}`,
    },
    compact ? el("div", { class: "gutter" }, stamp.cloneNode(true)) : avatar(author),
    el("div", { class: "message-main" },
      message.ephemeral && el("div", { class: "only-you" }, el("span", { "aria-hidden": "true" }, "👁 "), "Only visible to you"),
      !compact && head,
      message.broadcast && inThread && el("div", { class: "quiet" }, "also sent to the channel"),
      this.content(message),
      reactions(message),
      !inThread && message.reply_count > 0 && this.replies(message)),
    !message.ephemeral && this.toolbar(message, inThread));
  }

  content(message) {
    const { names } = this.scene.store;
    const scene = {
      names,
      act: (part, blockId, value) => this.scene.act(message, part, blockId, value),
      suggest: (part, blockId, typed) => this.scene.suggest(message, part, blockId, typed),
    };
    const edited = message.edited && el("span", { class: "edited", title: when(message.edited.ts).toLocaleString() }, "(edited)");
    const body = message.blocks ? renderBlocks(message.blocks, scene) : el("div", { class: "text" }, mrkdwn(message.text, names));
    return el("div", { class: "content", "data-testid": "content" },
      message.blocks || message.text ? body : null, attachments(message, scene), files(message), edited);
  }

  replies(message) {
    const { names } = this.scene.store;
    const count = message.reply_count;
    return el("button", {
      type: "button", class: "replies", "data-testid": "open-thread", onclick: () => this.scene.openThread(message.ts),
    },
    message.reply_users.slice(0, 4).map((id) => avatar(names.profile(id), "small")),
    el("span", { class: "reply-count" }, `${count} ${count === 1 ? "reply" : "replies"}`),
    el("span", { class: "quiet" }, `Last reply ${clock.format(when(message.latest_reply))}`),
    el("span", { class: "view-thread", "aria-hidden": "true" }, "View thread ›"));
  }

  toolbar(message, inThread) {
    const shortcuts = Object.entries(this.scene.shortcuts());
    const more = shortcuts.length > 0 && el("button", {
      type: "button", class: "icon-button", "aria-label": "More message shortcuts", "aria-haspopup": "menu", "aria-expanded": "false", "data-testid": "shortcuts",
      onclick: async (event) => {
        const choice = await chooseFrom(event.currentTarget, shortcuts.map(([, name]) => name));
        if (choice !== null) this.scene.shortcut(shortcuts[choice][0], message);
      },
    }, "⋮");
    const reply = !inThread && el("button", {
      type: "button", class: "icon-button", "aria-label": "Reply in thread", title: "Reply in thread", "data-testid": "reply-in-thread",
      onclick: () => this.scene.openThread(message.thread_ts ?? message.ts),
    }, "💬");
    return (more || reply) && el("div", { class: "toolbar" }, reply, more);
  }
}

export function avatar(author, size = "") {
  if (author.is_bot && author.name === "pilot") return el("span", { class: `avatar pilot ${size}`, "aria-hidden": "true" });
  const initials = author.real_name.split(/\s+/).map((word) => word[0]).slice(0, 2).join("");
  const colour = [...author.id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6;
  return el("span", { class: `avatar colour-${colour} ${size}`, "aria-hidden": "true" }, initials);
}

function follows(previous, message) {
  return Boolean(previous) && !previous.deleted && previous.user === message.user && !previous.reply_count
    && Boolean(previous.ephemeral) === Boolean(message.ephemeral) && Number(message.ts) - Number(previous.ts) < GROUPED_SECONDS;
}

function reconcile(box, nodes) {
  nodes.forEach((node, index) => {
    if (box.children[index] !== node) box.insertBefore(node, box.children[index] ?? null);
  });
  while (box.children.length > nodes.length) box.lastElementChild.remove();
}

function keepFocus(old, fresh) {
  const id = old.contains(document.activeElement) && document.activeElement.dataset.testid;
  if (id) requestAnimationFrame(() => fresh.querySelector(`[data-testid="${CSS.escape(id)}"]`)?.focus({ preventScroll: true }));
}

function dayLine(ts) {
  const today = new Date().toDateString();
  const label = when(ts).toDateString() === today ? "Today" : day.format(when(ts));
  return el("div", { class: "day", role: "separator", "aria-label": label }, el("span", {}, label));
}

function replyLine(count) {
  return el("div", { class: "reply-line" }, el("span", {}, `${count} ${count === 1 ? "reply" : "replies"}`));
}

function reactions(message) {
  if (!message.reactions) return null;
  return el("div", { class: "reactions" }, message.reactions.map((each) =>
    el("span", { class: "reaction", "aria-label": `${each.name}, ${each.count}` }, emojiNode(each.name), ` ${each.count}`)));
}

// What the bot shows below a link that someone wrote.
function attachments(message, scene) {
  return (message.attachments ?? []).map((each) => el("div", { class: "attachment", "data-testid": "unfurl" },
    each.title && el("div", { class: "card-title" }, each.title_link ? link(each.title_link, each.title) : each.title),
    each.text && el("div", { class: "text" }, mrkdwn(each.text, scene.names)),
    each.blocks && renderBlocks(each.blocks, scene)));
}

const PICTURES = new Set(["png", "jpg", "jpeg", "gif"]);

function files(message) {
  return (message.files ?? []).map((file) => (PICTURES.has(file.filetype) ? pictureFile(file) : plainFile(file)));
}

const pictureFile = (file) => el("figure", { class: "file", "data-testid": "file" },
  el("figcaption", {}, file.title), link(file.url_private, image(file.url_private, file.alt_txt || file.title, "picture")));

// Slack shows the beginning of a text.
const plainFile = (file) => el("div", { class: "file card-file", "data-testid": "file" },
  el("div", {}, link(file.url_private, `📄 ${file.title}`), el("span", { class: "quiet" }, ` ${size(file.size)}`)),
  file.preview && el("pre", { class: "file-preview" }, el("code", {}, file.preview)));

const size = (bytes) => (bytes < 1000 ? `${bytes} bytes` : `${Math.round(bytes / 1000)} kB`);
