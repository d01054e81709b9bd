// A form that keeps itself while one types: every change goes to the draft on this machine at once, and the answer brings what is
// wrong with the fields. What somebody else saves meanwhile is shown, and what was typed here stays. Without script the buttons do.
import { refresh } from "COMMON";

const form = document.querySelector("form[data-draft]");
let timer = null, running = false, again = false;

const told = () => document.getElementById("kept");
const sent = () => new URLSearchParams(new FormData(form));
/** Until the last change is kept, nothing says that all is. */
const pend = () => { if (told()) told().textContent = "正在保存草稿……"; };

async function keep() {
  clearTimeout(timer);
  timer = null;
  if (running) { again = true; return; }
  running = true;
  try {
    // Only what is said about the fields is put in: never the fields themselves, in which somebody may be typing.
    const answer = await refresh(form.dataset.draft, { method: "POST", body: sent(), only: "[data-live]" });
    if (!answer.ok && told()) told().textContent = "未能自动保存草稿，请按“保存本节”";
    else if (again || timer) pend();
    mark();
  } catch {
    if (told()) told().textContent = "与本机程序的连接中断，正在重试";
    timer = setTimeout(keep, 2000);
  }
  running = false;
  if (again) { again = false; keep(); }
}

/** The frame of a field follows what is said about it. */
function mark() {
  for (const field of form.querySelectorAll(".field[data-group]")) {
    if (field.dataset.state === "conflict") continue;
    field.dataset.state = field.querySelector(".say[data-state=bad]") ? "bad" : "";
  }
}

/** Whether something in these fields is not as the page came. */
function isTouched(fields) {
  return fields.some((field) => [...field.querySelectorAll("input, textarea, select")].some((input) =>
    input.type === "radio" || input.type === "checkbox" ? input.checked !== input.defaultChecked
      : input.tagName === "SELECT" ? [...input.options].some((option) => option.selected !== option.defaultSelected)
        : input.value !== input.defaultValue));
}

const fieldsOf = (root, group) => [...root.querySelectorAll(`.field[data-group="${group}"]`)];

/** Shows what somebody else has saved in groups in which nothing was typed here. */
async function follow() {
  const page = new DOMParser().parseFromString(await (await fetch(location.pathname)).text(), "text/html");
  const fresh = page.querySelector("form[data-draft]");
  if (!fresh) return;
  for (const seen of fresh.querySelectorAll("input[name^='seen.']")) {
    const old = form.elements[seen.name], group = seen.name.slice(5);
    const fields = fieldsOf(form, group);
    if (!old || old.value === seen.value || isTouched(fields)) continue;
    if (fields.some((field) => field.contains(document.activeElement))) continue;
    for (const field of fields) {
      const other = page.getElementById(field.id);
      if (other) field.replaceWith(document.adoptNode(other));
    }
    old.value = seen.value;
  }
  form.dataset.news = fresh.dataset.news;
  for (const name of ["parts", "head", "lacks", "items"]) {
    const other = page.getElementById(name), old = document.getElementById(name);
    if (other && old) old.replaceWith(document.adoptNode(other));
  }
}

async function news() {
  if (document.hidden || !form.dataset.news) return;
  try {
    const answer = await refresh(form.dataset.news, { only: "#others" });
    if (answer.status === 200) await follow();
  } catch { /* asked again in a while */ }
}

if (form) {
  form.addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(keep, 400);
    pend();
  });
  form.addEventListener("change", () => { pend(); keep(); });
  // What was typed in the last moment before the page goes is kept, too.
  addEventListener("pagehide", () => { if (timer) navigator.sendBeacon(form.dataset.draft, sent()); });
  // Once it is being saved nothing more is kept: a late draft would come back after the save.
  form.addEventListener("submit", () => { clearTimeout(timer); timer = null; again = false; });
  // Enter goes to the next field, as on a keypad; the button saves.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.matches("button, textarea, a")) return;
    event.preventDefault();
    const fields = [...form.querySelectorAll("input:not([type=hidden]), select, textarea, button")].filter((field) => !field.disabled);
    const next = fields[fields.indexOf(event.target) + 1];
    if (next) next.focus();
  });
  setInterval(news, 4000);
}
