// Building elements. Message text only ever becomes text nodes; nothing here parses HTML.

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== false && child !== null && child !== undefined));
  return node;
}

export function link(url, ...children) {
  if (!/^(https?:|mailto:|\/)/i.test(url)) return el("span", {}, ...children);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

export function image(source, alt, className) {
  const shown = el("img", { src: source, alt, class: className, loading: "lazy" });
  shown.addEventListener("error", () => shown.replaceWith(el("span", { class: "broken-image" }, `🖼 ${alt}`)));
  return shown;
}

let timer = 0;

export function toast(text) {
  const box = document.getElementById("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => (box.hidden = true), 6000);
}
