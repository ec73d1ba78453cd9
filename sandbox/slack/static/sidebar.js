// Channels on the left, and whose eyes we look through.

import { el } from "./dom.js";
import { avatar } from "./messages.js";

export function renderSidebar(box, { data, current, unread, onUser }) {
  const entry = (target, icon, name, isUnread) => el("li", {},
    el("a", {
      href: `#/${target}`, "aria-current": current === target ? "page" : undefined, class: isUnread ? "unread" : "",
      "data-testid": `go-${name}`,
    }, el("span", { class: "hash", "aria-hidden": "true" }, icon), name, isUnread && el("span", { class: "dot", "aria-label": "unread" })));
  const channels = data.channels.filter((channel) => !channel.is_im);
  const direct = data.channels.filter((channel) => channel.is_im);
  const people = data.users.filter((user) => !user.is_bot);
  const me = people.find((user) => user.id === data.me);
  const choose = el("select", { "aria-label": "You are", "data-testid": "viewer" },
    people.map((user) => el("option", { value: user.name, selected: user.id === data.me }, user.real_name)));
  choose.addEventListener("change", () => onUser(choose.value));
  box.replaceChildren(
    el("div", { class: "workspace" }, "Acme", el("span", { class: "sandbox-mark" }, "sandbox")),
    el("h2", {}, "Channels"),
    el("ul", {}, channels.map((channel) => entry(channel.id, channel.is_private ? "🔒" : "#", channel.name, unread(channel)))),
    el("h2", {}, "Apps"),
    el("ul", {}, entry("home", el("span", { class: "avatar pilot small" }), "IncidentPilot"), direct.map((channel) => entry(channel.id, "@", "Messages", unread(channel)))),
    el("div", { class: "me" }, avatar(me, "small"), el("label", {}, el("span", {}, "You are"), choose)));
}
