"use strict";

// One question at a time, a draft on the phone, and a patient retry. Without this file every page works.

const PREFIX = "junheng-draft-";
const WEEK = 7 * 24 * 3600 * 1000;
const LONGEST_WAIT = 30000;

const drafts = {
  read(name) {
    try {
      const draft = JSON.parse(localStorage.getItem(PREFIX + name));
      return draft && Date.now() - draft.at < WEEK ? draft.answers : {};
    } catch (error) {
      return {};
    }
  },
  write(name, answers) {
    try {
      localStorage.setItem(PREFIX + name, JSON.stringify({ at: Date.now(), answers: answers }));
    } catch (error) {
      // A browser that keeps nothing still answers.
    }
  },
  erase(name) {
    try {
      localStorage.removeItem(PREFIX + name);
    } catch (error) {
      // Nothing was kept.
    }
  },
  eraseOld() {
    try {
      Object.keys(localStorage)
        .filter((key) => key.startsWith(PREFIX) && !(Date.now() - JSON.parse(localStorage[key]).at < WEEK))
        .forEach((key) => localStorage.removeItem(key));
    } catch (error) {
      // Nothing was kept.
    }
  },
};

const idOf = (card) => card.id.replace("card-", "");

const controlsOf = (card) => Array.from(card.querySelectorAll("input, textarea"));

function valueOf(card) {
  const text = card.querySelector("textarea");
  const chosen = text || card.querySelector("input:checked");
  return chosen ? chosen.value.trim() : "";
}

function fill(card, value) {
  const text = card.querySelector("textarea");
  if (text) {
    text.value = value;
  } else {
    controlsOf(card).filter((each) => each.value === value).forEach((each) => { each.checked = true; });
  }
}

class Questions {
  constructor(form, wentBack) {
    this.form = form;
    this.words = form.dataset;
    this.next = form.querySelector("button[value=next]");
    this.back = form.querySelector("button[value=back]");
    this.waiting = form.querySelector(".waiting");
    this.progress = document.querySelector("progress");
    this.hasEarlierPage = !this.back.hidden;
    this.tries = 0;
    this.planned = cards(form).length;
    form.querySelectorAll("template").forEach((each) => each.replaceWith(each.content));
    this.cards = cards(form);
    this.restore();
    this.going = "next";
    [this.next, this.back].forEach((button) => button.addEventListener("click", () => { this.going = button.value; }));
    form.addEventListener("change", () => { this.save(); this.show(this.index); });
    form.addEventListener("input", () => this.save());
    form.addEventListener("submit", (event) => { event.preventDefault(); this.go(); });
    this.retry = () => this.send(this.going);
    this.show(this.firstToShow(wentBack));
  }

  restore() {
    this.draft = drafts.read(this.words.draft);
    this.cards.filter((card) => !valueOf(card) && this.draft[idOf(card)]).forEach((card) => fill(card, this.draft[idOf(card)]));
  }

  save() {
    this.cards.forEach((card) => { this.draft[idOf(card)] = valueOf(card); });
    drafts.write(this.words.draft, this.draft);
  }

  isAsked(card) {
    return (card.dataset.when || "").trim().split(" ").filter(Boolean).every((condition) => {
      const [id, codes] = condition.split(":");
      const other = this.cards.find((each) => idOf(each) === id);
      return this.isAsked(other) && codes.split(",").includes(valueOf(other));
    });
  }

  asked() {
    return this.cards.filter((card) => this.isAsked(card));
  }

  firstToShow(wentBack) {
    const asked = this.asked();
    const faulty = asked.findIndex((card) => card.classList.contains("wrong"));
    const open = asked.findIndex((card) => "required" in card.dataset && !valueOf(card));
    if (faulty >= 0) return faulty;
    return wentBack || open < 0 ? asked.length - 1 : open;
  }

  show(index, moved) {
    const asked = this.asked();
    const done = Number(this.words.done) + index;
    const total = Number(this.words.total) - this.planned + asked.length;
    this.index = index;
    this.cards.forEach((card) => {
      card.hidden = card !== asked[index];
      controlsOf(card).forEach((each) => { each.disabled = !asked.includes(card); });
    });
    asked.forEach((card, place) => { card.querySelector(".no").textContent = Number(this.words.done) + place + 1; });
    this.progress.max = total;
    this.progress.value = done;
    this.progress.setAttribute("aria-label", this.words.progress.replace("{done}", done).replace("{total}", total));
    const last = "last" in this.words && index === asked.length - 1;
    this.next.textContent = last ? this.words.send : this.words.next;
    this.back.textContent = this.back.dataset.label;
    this.back.hidden = index === 0 && !this.hasEarlierPage;
    if (moved) {
      const ask = asked[index].querySelector(".ask");
      ask.tabIndex = -1;
      window.scrollTo(0, 0);
      ask.focus({ preventScroll: true });
    }
  }

  go() {
    if (this.going === "back") {
      if (this.index > 0) this.show(this.index - 1, true);
      else this.send("back");
      return;
    }
    const asked = this.asked();
    const card = asked[this.index];
    if ("required" in card.dataset && !valueOf(card)) {
      this.complain(card);
    } else {
      this.forgive(card);
      if (this.index < asked.length - 1) this.show(this.index + 1, true);
      else this.send("next");
    }
  }

  complain(card) {
    let fault = card.querySelector(".fault");
    if (!fault) {
      fault = document.createElement("p");
      fault.className = "fault";
      fault.id = idOf(card) + "-fault";
      fault.setAttribute("role", "alert");
      (card.querySelector(".hint") || card.querySelector(".ask")).after(fault);
    }
    fault.textContent = card.querySelector("textarea") ? this.words.write : this.words.choose;
    card.classList.add("wrong");
    card.setAttribute("aria-describedby", fault.id);
    controlsOf(card)[0].focus();
  }

  forgive(card) {
    const fault = card.querySelector(".fault");
    if (fault) fault.remove();
    card.classList.remove("wrong");
    card.removeAttribute("aria-describedby");
  }

  send(going) {
    const body = new URLSearchParams(new FormData(this.form));
    body.set("go", going);
    clearTimeout(this.timer);
    window.removeEventListener("online", this.retry);
    this.next.disabled = this.back.disabled = true;
    this.next.textContent = this.words.sending;
    fetch(this.form.action, { method: "POST", body: body, credentials: "same-origin" })
      .then((response) => (response.status >= 500 ? this.later(response) : this.arrive(response, going)))
      .catch(() => this.later());
  }

  arrive(response, going) {
    if (response.redirected) {
      drafts.erase(this.words.draft);
      window.location.replace(response.url);
      return null;
    }
    if (response.status === 409 || response.status === 410) drafts.erase(this.words.draft);
    return response.text().then((html) => replacePage(html, going === "back"));
  }

  later(response) {
    const asked = response && Number(response.headers.get("Retry-After")) * 1000;
    const wait = asked || Math.min(LONGEST_WAIT, 1000 * 2 ** this.tries) * (0.75 + Math.random() / 2);
    this.tries += 1;
    this.waiting.textContent = this.words.offline;
    this.waiting.hidden = false;
    this.next.disabled = this.back.disabled = false;
    this.show(this.index);
    this.timer = setTimeout(this.retry, wait);
    window.addEventListener("online", this.retry);
  }
}

function cards(form) {
  return Array.from(form.querySelectorAll(".card"));
}

function replacePage(html, wentBack) {
  const page = new DOMParser().parseFromString(html, "text/html");
  document.title = page.title;
  document.body.replaceWith(page.body);
  window.scrollTo(0, 0);
  begin(wentBack);
  const heading = document.querySelector("#faults") || document.querySelector("form[data-draft] .card:not([hidden]) .ask") || document.querySelector("h1");
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

function begin(wentBack) {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  document.body.classList.add("one");
  new Questions(form, wentBack);
}

drafts.eraseOld();
begin(false);
