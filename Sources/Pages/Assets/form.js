// A form that keeps itself while one types: every change goes to the draft on this machine at once, and the answer brings what is
// wrong with the fields. Without script the same is done by the button.
import { refresh } from "COMMON";

const form = document.querySelector("form[data-draft]");
const told = document.getElementById("kept");
let timer = null, running = null, again = false;

async function keep() {
  if (running) { again = true; return; }
  running = true;
  try {
    const answer = await refresh(form.dataset.draft, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!answer.ok && told) told.textContent = "未能保存草稿，请按“保存本节”";
  } catch {
    if (told) told.textContent = "与本机程序的连接中断，正在重试";
    setTimeout(keep, 2000);
  }
  running = false;
  if (again) { again = false; keep(); }
}

if (form) {
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 400); });
  form.addEventListener("change", () => { clearTimeout(timer); keep(); });
  // What was typed in the last moment before the page goes is kept, too.
  addEventListener("pagehide", () => {
    if (timer) navigator.sendBeacon(form.dataset.draft, new URLSearchParams(new FormData(form)));
  });
  // Enter goes to the next field, as on a keypad; the button saves.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.matches("button, textarea, a")) return;
    event.preventDefault();
    const fields = [...form.querySelectorAll("input:not([type=hidden]), select, textarea, button")].filter((field) => !field.disabled);
    const next = fields[fields.indexOf(event.target) + 1];
    if (next) next.focus();
  });
}
