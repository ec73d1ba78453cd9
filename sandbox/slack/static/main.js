// The page, put together: routes are #/<channel>, #/<channel>/<thread ts> and #/home.

import { composer } from "./composer.js";
import { el, toast } from "./dom.js";
import { MessageList } from "./messages.js";
import { renderSidebar } from "./sidebar.js";
import { Store } from "./store.js";
import { Modal, renderHome } from "./views.js";

const byId = (id) => document.getElementById(id);
const DEFAULT_CHANNEL = "C0INCIDENTS";
const PROBLEMS = {
  operation_timeout: "IncidentPilot did not answer in time. Please try again.",
  dispatch_failed: "IncidentPilot is not responding. Please try again.",
};

const store = new Store(new URLSearchParams(location.search).get("as") ?? "priya", draw);
const read = new Map();
let route = { channel: DEFAULT_CHANNEL, thread: null };

const report = (answer) => {
  const error = answer.error_shown ?? (answer.ok ? null : answer.error);
  if (error) toast(PROBLEMS[error] ?? `That did not work: ${error}`);
  return answer.ok;
};

const suggested = async (what) => {
  const answer = await store.post("suggest", what);
  return report(answer) ? answer.options : [];
};

const scene = {
  store,
  shortcuts: () => store.data.shortcuts,
  openThread: (ts) => (location.hash = `#/${store.data.channel}/${ts}`),
  act: async (message, part, blockId, value) =>
    report(await store.post("click", { channel: store.data.channel, ts: message.ts, action_id: part.action_id, block_id: blockId, value })),
  suggest: (message, part, blockId, typed) =>
    suggested({ channel: store.data.channel, ts: message.ts, action_id: part.action_id, block_id: blockId, typed }),
  shortcut: async (callback, message) =>
    report(await store.post("shortcut", { callback_id: callback, channel: store.data.channel, ts: message.ts })),
};
const viewScene = {
  act: async (view, part, blockId, value) =>
    report(await store.post("click", { view_id: view.id, action_id: part.action_id, block_id: blockId, value })),
  suggest: (view, part, blockId, typed) => suggested({ view_id: view.id, action_id: part.action_id, block_id: blockId, typed }),
};
const channelList = new MessageList(byId("messages"), scene);
const modal = new Modal({
  ...viewScene,
  names: () => store.names,
  close: (view) => store.post("close", { view_id: view.id }),
  submit: async (view, values) => {
    const answer = await store.post("submit", { view_id: view.id, values });
    report(answer);
    return answer.answer;
  },
});
let threadList = null;

// A slash command's failure is told by Slackbot in the channel, not by the toast.
async function send(text, thread) {
  (thread ? threadList : channelList).follow();
  const answer = await store.post("message", { channel: store.data.channel, text, thread_ts: thread });
  return text.startsWith("/") ? answer.ok : report(answer);
}

function readRoute() {
  const permalink = /^\/archives\/(\w+)(?:\/p(\d{10})(\d{6}))?/.exec(location.pathname);
  if (permalink) {
    const thread = new URLSearchParams(location.search).get("thread_ts") ?? (permalink[2] && `${permalink[2]}.${permalink[3]}`);
    history.replaceState(null, "", `/#/${permalink[1]}${thread ? `/${thread}` : ""}`);
  }
  const [, channel, thread] = location.hash.split("/");
  return { channel: channel || DEFAULT_CHANNEL, thread: thread ?? null };
}

async function navigate() {
  const before = route;
  route = readRoute();
  byId("app").classList.remove("menu-open");
  byId("menu").setAttribute("aria-expanded", "false");
  if (before.channel !== route.channel || !store.data) {
    byId("messages").replaceChildren();
    byId("messages").dataset.hash = "";
    byId("composer").replaceChildren();
    channelList.drawn.clear();
    if (route.channel === "home") {
      await store.pull();
      await store.post("home", {});
    } else await store.show(route.channel);
  } else draw();
  // On a touch screen focus would raise the keyboard over what one came to read.
  if (route.thread && matchMedia("(hover: hover)").matches) byId("thread").querySelector("textarea")?.focus();
}

function draw() {
  const { data } = store;
  if (!data) return;
  const home = route.channel === "home";
  const channel = data.channels.find((each) => each.id === data.channel);
  read.set(data.channel, home ? read.get(data.channel) : channel?.latest);
  renderSidebar(byId("sidebar"), {
    data, current: route.channel,
    unread: (each) => each.id !== data.channel && each.latest > (read.get(each.id) ?? store.opened),
    onUser: (user) => (location.search = `?as=${user}`),
  });
  drawBar(home ? null : channel);
  modal.show(data.view);
  if (home) {
    renderHome(byId("messages"), data.home, { ...viewScene, names: store.names });
    drawThread(null);
    return;
  }
  channelList.show(store.inChannel());
  drawThread(route.thread);
}

function drawBar(channel) {
  const name = channel ? `${channel.is_private && !channel.is_im ? "🔒 " : "# "}${channel.name}` : "IncidentPilot";
  byId("channel-name").textContent = name;
  byId("channel-topic").textContent = channel ? channel.topic.value : "Home";
  document.title = `${name} · Slack sandbox`;
  const bookmarks = channel?.bookmarks ?? [];
  byId("bookmarks").replaceChildren(...bookmarks.map((each) => el("a", { href: each.link, target: "_blank", rel: "noopener noreferrer" }, `${each.type === "canvas" ? "📄" : "🔖"} ${each.title}`)));
  const box = byId("composer");
  const wanted = !channel ? "" : channel.is_archived ? "archived" : channel.id;
  if ((box.dataset.channel ?? "") === wanted && box.childElementCount) return;
  box.dataset.channel = wanted;
  box.replaceChildren(...(wanted === "archived" ? [el("p", { class: "archived" }, "This channel is archived.")] : wanted ? [channelComposer(channel)] : []));
}

const channelComposer = (channel) => composer({
  placeholder: `Message #${channel.name}`, testid: "composer", send: (text) => send(text),
  hint: [el("code", {}, "/pilot help"), " runs a command, ", el("code", {}, "@pilot"), " asks"],
});

function drawThread(ts) {
  const panel = byId("thread");
  const messages = ts ? store.inThread(ts) : [];
  panel.hidden = messages.length === 0;
  byId("app").classList.toggle("with-thread", !panel.hidden);
  if (panel.hidden) {
    panel.replaceChildren();
    panel.dataset.ts = "";
    return;
  }
  if (panel.dataset.ts !== ts) openPanel(panel, ts);
  threadList.show(messages, { inThread: true });
}

function openPanel(panel, ts) {
  panel.dataset.ts = ts;
  const box = el("div", { class: "messages", role: "log", "aria-label": "Thread messages", tabindex: "0", "data-testid": "thread" });
  const channel = store.data.channels.find((each) => each.id === store.data.channel);
  const close = () => (location.hash = `#/${store.data.channel}`);
  panel.replaceChildren(
    el("header", { class: "bar" },
      el("div", { class: "bar-title" }, el("h2", {}, "Thread"), el("p", {}, `# ${channel.name}`)),
      el("button", { type: "button", class: "icon-button", "aria-label": "Close thread", "data-testid": "close-thread", onclick: close }, "✕")),
    box,
    composer({
      placeholder: "Reply…", testid: "thread-composer", send: (text) => send(text, ts),
      hint: [el("code", {}, "@pilot"), " asks about this incident; slash commands do not work in threads"],
    }));
  threadList = new MessageList(box, scene);
}

byId("menu").addEventListener("click", () => {
  const open = byId("app").classList.toggle("menu-open");
  byId("menu").setAttribute("aria-expanded", String(open));
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && route.thread && !event.defaultPrevented && !document.querySelector("dialog[open], .popup")) {
    location.hash = `#/${store.data.channel}`;
  }
});
addEventListener("hashchange", navigate);
store.opened = String(Math.floor(Date.now() / 1000));
await navigate();
store.listen((connected) => (byId("offline").hidden = connected));
