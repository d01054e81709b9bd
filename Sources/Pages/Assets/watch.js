// A page whose figures change by themselves: it is taken anew while somebody looks at it and types nothing.
import { refresh } from "COMMON";

setInterval(() => {
  const isTyping = document.activeElement?.closest("form");
  if (!document.hidden && !isTyping) refresh(location.pathname + location.search).catch(() => {});
}, 5000);
