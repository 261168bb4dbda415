"use strict";

// The bar of a file that is being made. Without this file the page loads itself anew.

const EVERY = 1000;
const RETRY = 5000;
// How long a file may wait before the page asks the server anew: it then says what may be wrong.
const PATIENCE = 125000;
const since = Date.now();

const box = document.getElementById("prepared");
const bar = document.getElementById("prepared-bar");
const said = document.getElementById("prepared-said");

function look() {
  fetch(box.dataset.address, { credentials: "same-origin", headers: { Accept: "application/json" } })
    .then((response) => (response.ok ? response.json() : Promise.reject(response)))
    .then((file) => {
      if (file.state === "ready" || file.state === "failed") return window.location.reload();
      if (file.total) {
        bar.value = file.percent;
        said.textContent = box.dataset.said.replace("{done}", file.done).replace("{total}", file.total);
      }
      if (file.state === "waiting" && Date.now() - since > PATIENCE) return window.location.reload();
      return setTimeout(look, EVERY);
    })
    .catch((answer) => {
      if (answer.status === 404) return window.location.reload();
      return setTimeout(look, RETRY);
    });
}

if (box) setTimeout(look, EVERY);
