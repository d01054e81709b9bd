// A page whose figures change by themselves: they are taken anew while somebody looks at them and types nothing.
import { refresh } from "COMMON";

setInterval(() => {
  const isTyping = document.activeElement?.closest("form");
  if (!document.hidden && !isTyping) refresh(location.pathname + location.search, { only: "#outbox, #link" }).catch(() => {});
}, 5000);
