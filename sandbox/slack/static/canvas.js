// A canvas: its Markdown, shown on a page of its own.

import { markdown } from "./markdown.js";

const answer = await fetch(`/files/${location.pathname.split("/").at(-1)}`);
document.getElementById("canvas").replaceChildren(...markdown(await answer.text()));
