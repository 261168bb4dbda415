"use strict";

// The code on a proctor's screen changes in place. Without this file the page loads itself anew.

const RETRY = 5000;

function next(screen) {
  setTimeout(() => {
    fetch(window.location.href, { credentials: "same-origin" })
      .then((response) => (response.ok ? response.text() : Promise.reject(response)))
      .then((html) => {
        const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("screen");
        if (!fresh) return window.location.reload();
        screen.replaceWith(fresh);
        return next(fresh);
      })
      .catch(() => {
        screen.querySelector(".lost").textContent = screen.dataset.lost;
        screen.dataset.left = RETRY / 1000;
        next(screen);
      });
  }, Number(screen.dataset.left) * 1000);
}

next(document.getElementById("screen"));
