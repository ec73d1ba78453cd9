// Small questions on top of everything.

import { el } from "./dom.js";
import { mrkdwn, plainText } from "./mrkdwn.js";

export function textNodes(object, names) {
  return object.type === "mrkdwn" ? mrkdwn(object.text, names) : plainText(object.text);
}

// Resolves to true if the person confirmed.
export function confirmed(confirm, names) {
  if (!confirm) return Promise.resolve(true);
  return new Promise((resolve) => {
    const dialog = el("dialog", { class: "dialog", "aria-labelledby": "confirm-title", "data-testid": "confirm" });
    const finish = (answer) => {
      dialog.remove();
      resolve(answer);
    };
    const style = confirm.style === "danger" ? "danger" : "primary";
    dialog.append(
      el("h2", { id: "confirm-title" }, plainText(confirm.title.text)),
      el("div", { class: "dialog-body" }, textNodes(confirm.text, names)),
      el("div", { class: "dialog-buttons" },
        el("button", { type: "button", class: "button", "data-testid": "confirm-deny", onclick: () => finish(false) },
          plainText(confirm.deny.text)),
        el("button", { type: "button", class: `button ${style}`, "data-testid": "confirm-accept", onclick: () => finish(true) },
          plainText(confirm.confirm.text))));
    dialog.addEventListener("cancel", () => finish(false));
    document.body.append(dialog);
    dialog.showModal();
  });
}

// A list of choices under a button; resolves to the chosen index or null.
export function chooseFrom(anchor, labels) {
  return new Promise((resolve) => {
    const menu = el("div", { class: "popup", role: "menu", "data-testid": "menu" });
    const finish = (choice) => {
      document.removeEventListener("pointerdown", outside, true);
      menu.remove();
      anchor.setAttribute("aria-expanded", "false");
      anchor.focus();
      resolve(choice);
    };
    const outside = (event) => menu.contains(event.target) || finish(null);
    menu.append(...labels.map((label, index) =>
      el("button", { type: "button", role: "menuitem", onclick: () => finish(index) }, plainText(label))));
    menu.addEventListener("keydown", (event) => {
      const items = [...menu.children];
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
      if (event.key === "Escape" || event.key === "Tab") finish(null);
      if (step || event.key === "Escape") event.preventDefault();
    });
    document.body.append(menu);
    place(menu, anchor);
    anchor.setAttribute("aria-expanded", "true");
    menu.firstElementChild.focus();
    document.addEventListener("pointerdown", outside, true);
  });
}

function place(menu, anchor) {
  const box = anchor.getBoundingClientRect();
  const below = box.bottom + menu.offsetHeight + 8 < innerHeight;
  menu.style.top = `${below ? box.bottom + 4 : Math.max(8, box.top - menu.offsetHeight - 4)}px`;
  menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - menu.offsetWidth - 8))}px`;
}
