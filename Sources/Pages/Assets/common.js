// What every page does. Pages work without it; nothing here makes markup of data: fragments come rendered from the server.

/** Puts what the server rendered in the place of the element with the same id; focus and typing elsewhere stay.
 *  With `only`, a selector, nothing else is touched. */
export async function refresh(address, { only = "[id]", ...options } = {}) {
  const answer = await fetch(address, { headers: { "X-Fragment": "1" }, ...options });
  if (answer.status === 401) { location.assign("/"); return answer; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const fresh of page.querySelectorAll(only)) {
    const old = document.getElementById(fresh.id);
    if (old && !old.contains(document.activeElement) && old.outerHTML !== fresh.outerHTML) old.replaceWith(document.adoptNode(fresh));
  }
  return answer;
}

// The strip says how it stands with central and the second copy. While nobody looks, nothing is asked.
const strip = document.getElementById("strip");
if (strip) {
  setInterval(() => { if (!document.hidden) refresh("/strip").catch(() => {}); }, 5000);
}

// Keys: an element names its own in data-key ("n", "ctrl+s"); typing in a field is never taken for one.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
  const name = (event.ctrlKey || event.metaKey ? "ctrl+" : "") + event.key.toLowerCase();
  if (event.altKey || (typing && !event.ctrlKey && !event.metaKey)) return;
  if (name === "/" ) { const search = document.querySelector("input[type=search]"); if (search) { search.focus(); event.preventDefault(); } return; }
  const target = document.querySelector(`[data-key="${CSS.escape(name)}"]`);
  if (target && !target.disabled) { event.preventDefault(); target.focus(); target.click(); }
});

// Rows of a list: up and down, or j and k, move; Enter opens.
document.addEventListener("keydown", (event) => {
  const [down, up] = [["ArrowDown", "j"].includes(event.key), ["ArrowUp", "k"].includes(event.key)];
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  // x ticks the row in which one is.
  if (event.key === "x") event.target.closest("tr")?.querySelector("input[type=checkbox]")?.click();
  if ((!down && !up) || event.defaultPrevented) return;
  const links = [...document.querySelectorAll("table.list a.name")];
  if (!links.length) return;
  const next = links.indexOf(document.activeElement) + (down ? 1 : -1);
  links[Math.max(0, Math.min(links.length - 1, next))].focus();
  event.preventDefault();
});

// A button that was pressed once waits for its answer: a second press would be a second request.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 4000);
});
