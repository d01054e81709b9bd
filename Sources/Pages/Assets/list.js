// The work list finds while one types. Without script the button does.
import { refresh } from "COMMON";

const form = document.querySelector("form[data-find]");
let timer = null, running = false, again = false;

async function find() {
  if (running) { again = true; return; }
  running = true;
  try {
    const answer = await refresh(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (answer.ok) history.replaceState(null, "", answer.url);
  } catch { /* the button still works */ }
  running = false;
  if (again) { again = false; find(); }
}

if (form) {
  const input = form.querySelector("input[type=search]");
  // A word that is still being composed is not looked for.
  input.addEventListener("input", (event) => { if (!event.isComposing) { clearTimeout(timer); timer = setTimeout(find, 150); } });
  input.addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(find, 50); });
  // Down goes from the search to its first result.
  input.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    const first = document.querySelector("table.list a.name");
    if (first) { first.focus(); event.preventDefault(); }
  });
}
