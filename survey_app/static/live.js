// Fetches what changes of a page again and again, while somebody looks at it.
"use strict";
for (const place of document.querySelectorAll("[data-live]")) {
  const refresh = async () => {
    if (document.hidden || place.contains(document.activeElement)) return;
    try {
      const answer = await fetch(place.dataset.live, { credentials: "same-origin", redirect: "error" });
      if (!answer.ok) return;
      const opened = [...place.querySelectorAll("details")].map((each) => each.open);
      place.innerHTML = await answer.text();
      place.querySelectorAll("details").forEach((each, number) => { each.open = opened[number] ?? each.open; });
    } catch { /* the next round tries again */ }
  };
  setInterval(refresh, 1000 * Number(place.dataset.every));
}
