// Where people write. Enter sends, Shift+Enter starts a new line.

import { el } from "./dom.js";

export function composer({ placeholder, hint, testid, send }) {
  const field = el("textarea", { rows: 1, placeholder, "aria-label": placeholder, "data-testid": `${testid}-input` });
  const button = el("button", { type: "submit", class: "send", "aria-label": "Send", "data-testid": `${testid}-send` }, "➤");
  const form = el("form", { class: "composer", "data-testid": testid }, field, button);
  const fit = () => {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 200)}px`;
    button.classList.toggle("ready", field.value.trim() !== "");
  };
  field.addEventListener("input", fit);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    fit();
    if (!(await send(text))) {
      field.value = text;
      fit();
    }
  });
  return el("div", { class: "composer-box" }, form, el("p", { class: "composer-hint" }, hint));
}
