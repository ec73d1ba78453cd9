// A canvas: its Markdown, shown on a page of its own.

import { canvas } from "./markdown.js";

const [file, state] = await Promise.all([fetch(`/files/${location.pathname.split("/").at(-1)}`), fetch("/state")]);
const names = new Map((await state.json()).users.map((user) => [user.id, user.real_name]));
document.getElementById("canvas").replaceChildren(...canvas(await file.text(), (id) => names.get(id) ?? id));
