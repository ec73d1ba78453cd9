// Modals and the home tab.

import { renderBlocks } from "./blocks.js";
import { el } from "./dom.js";
import { plainText } from "./mrkdwn.js";

export class Modal {
  constructor(scene) {
    this.scene = scene; // {names(), act, suggest, submit, close}
    this.view = null;
    this.dialog = null;
    this.entered = new Map(); // by view: what stands below a pushed view is there again when that is closed
  }

  show(view) {
    if (view?.hash === this.view?.hash) return;
    if (this.view) this.entered.set(this.view.id, this.values());
    if (!view) this.entered.clear();
    this.dialog?.remove();
    this.view = view;
    this.dialog = null;
    if (view) this.draw(view, this.entered.get(view.id) ?? {});
  }

  draw(view, kept) {
    const scene = inView(view, this.scene.names(), this.scene);
    const close = () => this.scene.close(view);
    const form = el("form", { method: "dialog", novalidate: true },
      el("header", { class: "modal-head" },
        el("span", { class: "avatar pilot small", "aria-hidden": "true" }),
        el("h2", { id: "modal-title" }, plainText(view.title.text)),
        el("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: close }, "✕")),
      el("div", { class: "modal-body" }, renderBlocks(view.blocks, scene)),
      el("footer", { class: "modal-foot" },
        el("button", { type: "button", class: "button", "data-testid": "modal-close", onclick: close }, plainText(view.close?.text ?? "Cancel")),
        view.submit && el("button", { type: "submit", class: "button primary", "data-testid": "modal-submit" }, plainText(view.submit.text))));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit(view);
    });
    this.dialog = el("dialog", { class: "modal", "aria-labelledby": "modal-title", "data-testid": "modal" }, form);
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      close();
    });
    document.getElementById("overlay").append(this.dialog);
    this.restore(kept);
    this.focusOn(view)?.setAttribute("autofocus", "");
    this.dialog.showModal();
  }

  async submit(view) {
    const values = this.values();
    const missing = view.blocks.filter((block) => block.type === "input" && !block.optional && isEmpty(values[block.block_id]));
    this.complain(Object.fromEntries(missing.map((block) => [block.block_id, "Please complete this required field."])));
    if (missing.length) return;
    const button = this.dialog.querySelector("[type=submit]");
    button.setAttribute("aria-busy", "true");
    const answer = await this.scene.submit(view, values);
    button.removeAttribute("aria-busy");
    if (answer?.response_action === "errors") this.complain(answer.errors);
  }

  complain(errors) {
    for (const box of this.dialog.querySelectorAll("[data-input]")) {
      const text = errors[box.dataset.input] ?? "";
      box.querySelector(".field-error").textContent = text;
      box.querySelector("[data-action-id]").setAttribute("aria-invalid", String(text !== ""));
    }
    this.dialog.querySelector("[aria-invalid=true]")?.focus();
  }

  controls() {
    return this.dialog ? [...this.dialog.querySelectorAll("[data-block-id] [data-action-id]")].filter((node) => !/^(BUTTON|A)$/.test(node.tagName)) : [];
  }

  // Where one can type at once; what is to be read before the first input is not scrolled away.
  focusOn(view) {
    const wanted = view.blocks.find((block) => block.element?.focus_on_load) ?? (view.blocks[0]?.type === "input" ? view.blocks[0] : null);
    return wanted
      ? this.dialog.querySelector(`[data-block-id="${CSS.escape(wanted.block_id)}"] [data-action-id]`)
      : this.dialog.querySelector(".modal-head button");
  }

  // {block_id: {action_id: entered}}
  values() {
    const values = {};
    for (const node of this.controls()) {
      (values[node.closest("[data-block-id]").dataset.blockId] ??= {})[node.dataset.actionId] = entered(node);
    }
    return values;
  }

  restore(values) {
    for (const node of this.controls()) {
      const before = values[node.closest("[data-block-id]").dataset.blockId]?.[node.dataset.actionId];
      if (before !== undefined) refill(node, before);
    }
  }
}

const inView = (view, names, { act, suggest }) => ({
  names,
  act: (part, blockId, value) => act(view, part, blockId, value),
  suggest: (part, blockId, typed) => suggest(view, part, blockId, typed),
});

function entered(node) {
  if (node.dataset.value !== undefined) return node.dataset.value || null; // an external select
  if (node.type === "datetime-local") return node.value ? String(new Date(node.value).getTime() / 1000) : null;
  if (node.classList.contains("boxes")) {
    const chosen = [...node.querySelectorAll("input:checked")].map((box) => box.value);
    return node.querySelector("input")?.type === "radio" ? (chosen[0] ?? null) : chosen;
  }
  if (node.multiple) return [...node.selectedOptions].map((option) => option.value);
  return node.value || null;
}

function refill(node, value) {
  const all = new Set([value].flat());
  if (node.classList.contains("boxes")) for (const box of node.querySelectorAll("input")) box.checked = all.has(box.value);
  else if (node.multiple) for (const option of node.options) option.selected = all.has(option.value);
  else if (node.dataset.value === undefined && node.type !== "datetime-local" && value !== null) node.value = value;
}

function isEmpty(entries = {}) {
  return Object.values(entries).every((value) => value === null || value.length === 0);
}

export function renderHome(box, view, { names, ...scene }) {
  if (box.dataset.hash === (view?.hash ?? "none")) return;
  box.dataset.hash = view?.hash ?? "none";
  box.replaceChildren(el("div", { class: "home", "data-testid": "home" },
    view ? renderBlocks(view.blocks, inView(view, names, scene)) : el("p", { class: "quiet" }, "IncidentPilot has not published a home tab for you yet.")));
}
