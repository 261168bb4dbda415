"use strict";

// One question at a time, a draft on the phone, and a patient retry. Without this file every page works.

const DRAFT = "junheng-draft-";
const SEAT = "junheng-seat-";
const SHARED = "junheng-shared";
const HERE = "junheng-here";
const DAY = 24 * 3600 * 1000;
const LASTS = { [DRAFT]: 7 * DAY, [SEAT]: DAY };
const LONGEST_WAIT = 30000;
const GIVES_UP = 45000;
const YEAR_SECONDS = 365 * 24 * 3600;

// A browser that keeps nothing still answers: every access may fail and then finds nothing.
function attempt(deed) {
  try {
    return deed();
  } catch (error) {
    return null;
  }
}

const keeper = {
  // What is kept on a shared device goes with the tab.
  get place() { return sessionStorage.getItem(SHARED) ? sessionStorage : localStorage; },
  read(kind, name) {
    const kept = attempt(() => JSON.parse(this.place.getItem(kind + name)));
    return kept && Date.now() - kept.at < LASTS[kind] ? kept : null;
  },
  write(kind, name, content) {
    return attempt(() => {
      this.place.setItem(kind + name, JSON.stringify(Object.assign({ at: Date.now() }, content)));
      return true;
    });
  },
  erase(kind, name) {
    attempt(() => this.place.removeItem(kind + name));
  },
  eraseOld() {
    attempt(() => Object.keys(LASTS).forEach((kind) => Object.keys(localStorage)
      .filter((key) => key.startsWith(kind) && !this.read(kind, key.slice(kind.length)))
      .forEach((key) => localStorage.removeItem(key))));
  },
  // The seat at an open code whose questionnaire is shown in this tab.
  get seat() { return attempt(() => sessionStorage.getItem(HERE)) || ""; },
  set seat(name) { attempt(() => (name ? sessionStorage.setItem(HERE, name) : sessionStorage.removeItem(HERE))); },
  finish(draft) {
    if (draft) this.erase(DRAFT, draft);
    if (this.seat) {
      const seat = this.read(SEAT, this.seat);
      if (seat && seat.draft) this.erase(DRAFT, seat.draft);
      this.erase(SEAT, this.seat);
    }
    this.seat = "";
  },
};

const ofForm = (form, name) => Array.from(form.elements).filter((each) => each.name === name && !each.disabled);

const isChosen = (control) => (["radio", "checkbox"].includes(control.type) ? control.checked : control.value.trim() !== "");

// A code is met by itself, a span such as 20..100 by the numbers in it.
function meets(value, code) {
  if (!code.includes("..")) return value === code;
  const [least, most] = code.split("..");
  const number = Number(value.normalize("NFKC").replace(/[,\s]/g, "") || NaN);
  return number >= Number(least || -Infinity) && number <= Number(most || Infinity);
}

const valuesOf = (controls) => controls.filter(isChosen).map((each) => each.value);

function fill(controls, values) {
  controls.forEach((each) => {
    if (["radio", "checkbox"].includes(each.type)) each.checked = values.includes(each.value);
    else each.value = values[0] || "";
  });
}

// Where a person is in this tab's history, so that the phone's own back button turns a page.
const steps = { at: 0 };

// Sends a form, keeps the answers and tries again until they arrive.
class Sender {
  constructor(form) {
    this.form = form;
    this.words = form.dataset;
    this.next = form.querySelector("button.primary");
    this.back = form.querySelector("button[value=back]");
    this.waiting = form.querySelector(".waiting");
    this.saved = form.querySelector(".saved");
    this.tries = 0;
    this.retry = () => this.send(this.wanted);
    this.label = this.next.textContent;
    form.addEventListener("click", (event) => { this.clicked = event.target.closest("button[name]"); });
    form.addEventListener("submit", (event) => { event.preventDefault(); this.pressed(event.submitter || this.clicked || this.next); });
    form.querySelector(".again").addEventListener("click", () => { this.tries = 0; this.retry(); });
    const forget = form.querySelector(".forget");
    forget.hidden = false;
    forget.addEventListener("click", () => this.forget());
    window.history.replaceState({ step: steps.at }, "", this.words.resume + form.elements.ticket.value);
  }

  pressed(button) {
    if (button.name === "size") resize(button);
    else this.go(button.value);
  }

  offered() { return ""; }

  // Forward in the history sends nothing: only a button does.
  go(wanted, byHistory) { if (!byHistory || wanted === "back") this.send(wanted); }

  forget() {
    keeper.finish(this.words.draft);
    this.gone = true;
    this.form.reset();
    window.location.replace(this.words.forgotten);
  }

  send(wanted) {
    if (this.sending) return;
    const body = new URLSearchParams(new FormData(this.form));
    body.set("go", wanted);
    body.set("offered", this.offered());
    const patience = new AbortController();
    this.wanted = wanted;
    this.sending = true;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.retry);
    this.busy(true);
    const timer = setTimeout(() => patience.abort(), GIVES_UP);
    fetch(this.form.action, { method: "POST", body: body, credentials: "same-origin", signal: patience.signal })
      .then((response) => (response.status >= 500 || response.status === 429 ? this.later(response) : this.arrive(response)))
      .catch(() => this.later())
      .finally(() => clearTimeout(timer));
  }

  busy(busy) {
    this.form.querySelectorAll("button").forEach((each) => { each.disabled = busy; });
    this.next.textContent = busy ? this.words.sending : this.label;
  }

  arrive(response) {
    if (response.redirected) {
      keeper.finish(this.words.draft);
      this.gone = true;
      window.location.replace(response.url);
      return null;
    }
    if (response.status === 409 || response.status === 410) keeper.finish(this.words.draft);
    return response.text().then((html) => {
      this.sending = false;
      replacePage(html, this.wanted);
    });
  }

  later(response) {
    const asked = response && Number(response.headers.get("Retry-After")) * 1000;
    const wait = Math.max(asked || 0, Math.min(LONGEST_WAIT, 1000 * 2 ** this.tries)) * (0.75 + Math.random() / 2);
    this.tries += 1;
    this.sending = false;
    this.busy(false);
    const said = this.waiting.querySelector("p");
    const words = response ? this.words.busy : this.words.offline;
    this.waiting.hidden = false;
    if (said.textContent !== words) said.textContent = words;
    this.timer = setTimeout(this.retry, wait);
    window.addEventListener("online", this.retry);
  }
}

class Questions extends Sender {
  constructor(form, wanted) {
    super(form);
    this.progress = document.querySelector("progress");
    this.hasEarlierPage = !this.back.hidden;
    this.whole = "whole" in this.words;
    this.planned = cards(form).length;
    form.querySelectorAll("template").forEach((each) => each.replaceWith(each.content));
    this.cards = cards(form);
    this.restore();
    form.addEventListener("change", (event) => { this.choseAlone(event.target); this.save(); this.show(this.index); });
    form.addEventListener("input", () => this.save());
    document.querySelectorAll("#faults a").forEach((each) => each.addEventListener("click", (event) => this.lead(event)));
    this.index = 0;
    this.show(this.whole ? 0 : this.firstToShow(wanted));
  }

  // Controls of a card by the name they are sent under; a matrix has one name for each row.
  names(card) {
    return Array.from(new Set(Array.from(card.querySelectorAll("input, textarea"), (each) => each.name)));
  }

  controls(name) {
    return Array.from(this.form.elements).filter((each) => each.name === name);
  }

  isAnswered(card) {
    return this.names(card).every((name) => valuesOf(this.controls(name)).length > 0);
  }

  restore() {
    const kept = keeper.read(DRAFT, this.words.draft);
    this.draft = (kept && kept.answers) || {};
    this.cards.forEach((card) => this.names(card)
      .filter((name) => this.draft[name] && !valuesOf(this.controls(name)).length)
      .forEach((name) => fill(this.controls(name), this.draft[name])));
  }

  save() {
    this.cards.forEach((card) => this.names(card).forEach((name) => { this.draft[name] = valuesOf(this.controls(name)); }));
    const kept = keeper.write(DRAFT, this.words.draft, { answers: this.draft });
    const seat = keeper.seat && keeper.read(SEAT, keeper.seat);
    if (seat) keeper.write(SEAT, keeper.seat, { ticket: seat.ticket, draft: this.words.draft });
    const words = attempt(() => sessionStorage.getItem(SHARED)) ? this.words.savedHere : this.words.saved;
    if (kept && this.saved.textContent !== words) this.saved.textContent = words;
  }

  // “None of these” goes with no other option.
  choseAlone(control) {
    if (control.type !== "checkbox" || !control.checked) return;
    this.controls(control.name)
      .filter((each) => each !== control && ("alone" in control.dataset || "alone" in each.dataset))
      .forEach((each) => { each.checked = false; });
  }

  isAsked(card) {
    return (card.dataset.when || "").trim().split(" ").filter(Boolean).every((condition) => {
      const [key, codes] = condition.split(":");
      const controls = this.controls("a." + key);
      return controls.length && this.isAsked(controls[0].closest(".card")) && codes.split(",").some((code) => valuesOf(controls).some((each) => meets(each, code)));
    });
  }

  // Conditional questions that were put here, so that they are not put again.
  offered() {
    return this.asked().filter((card) => card.dataset.when).map((card) => card.id.replace("card-", "")).join(" ");
  }

  asked() {
    return this.cards.filter((card) => this.isAsked(card));
  }

  firstToShow(wanted) {
    const asked = this.asked();
    const wished = asked.findIndex((card) => card.id === "card-" + this.words.focus);
    const faulty = asked.findIndex((card) => card.classList.contains("wrong"));
    const open = asked.findIndex((card) => "required" in card.dataset && !this.isAnswered(card));
    if (wished >= 0) return wished;
    if (faulty >= 0) return faulty;
    return wanted === "back" || open < 0 ? asked.length - 1 : open;
  }

  show(index, moved) {
    const asked = this.asked();
    const before = Number(this.words.done);
    const total = Number(this.words.total) - this.planned + asked.length;
    const done = before + (this.whole ? asked.filter((card) => this.isAnswered(card)).length : index);
    this.index = Math.min(index, asked.length - 1);
    this.cards.forEach((card) => {
      card.hidden = this.whole ? !asked.includes(card) : card !== asked[this.index];
      card.querySelectorAll("input, textarea").forEach((each) => { each.disabled = !asked.includes(card); });
    });
    asked.forEach((card, place) => { card.querySelector(".no").textContent = before + place + 1; });
    this.progress.max = total;
    this.progress.value = done;
    this.progress.setAttribute("aria-label", this.words.progress.replace("{done}", done).replace("{total}", total));
    const last = this.whole || ("last" in this.words && this.index === asked.length - 1);
    this.label = last ? this.words.send : this.words.next;
    if (!this.sending) this.next.textContent = this.label;
    if (this.whole) return;
    this.form.querySelectorAll(".section, .intro").forEach((each) => { each.hidden = each.classList.contains("intro") && this.index > 0; });
    this.back.textContent = this.back.dataset.label;
    this.back.hidden = this.index === 0 && !this.hasEarlierPage;
    if (moved) toTop(asked[this.index].querySelector(".ask"));
  }

  go(wanted, byHistory) {
    if (wanted === "back" && !byHistory && steps.at > 0) {
      window.history.back();
    } else if (wanted === "back") {
      if (this.index > 0 && !this.whole) this.show(this.index - 1, true);
      else if (this.hasEarlierPage) this.send("back");
    } else {
      this.forward(byHistory);
    }
  }

  forward(byHistory) {
    const asked = this.asked();
    const told = document.querySelector("#faults");
    if (told) told.remove();
    const missing = (this.whole ? asked : [asked[this.index]]).filter((card) => "required" in card.dataset && !this.isAnswered(card));
    (this.whole ? asked : [asked[this.index]]).filter((card) => !missing.includes(card)).forEach((card) => this.forgive(card));
    missing.forEach((card) => this.complain(card));
    if (missing.length) {
      const name = this.names(missing[0]).find((each) => !valuesOf(this.controls(each)).length);
      this.controls(name)[0].focus();
    } else if (this.whole || this.index === asked.length - 1) {
      if (!byHistory) this.send("next");
    } else {
      if (!byHistory) oneStep();
      this.show(this.index + 1, true);
    }
  }

  // A list of rows says which row is missing.
  complain(card) {
    const rows = Array.from(card.querySelectorAll(".row")).filter((row) => !this.isAnswered(row));
    this.forgive(card);
    (rows.length ? rows : [card]).forEach((place) => this.mark(place, card.dataset.kind));
    card.classList.add("wrong");
  }

  mark(place, kind) {
    const written = ["text", "short_text", "number"].includes(kind);
    const fault = document.createElement("p");
    fault.className = "fault";
    fault.id = this.names(place)[0] + "-fault";
    fault.setAttribute("role", "alert");
    fault.textContent = written ? this.words.write : this.words.choose;
    (Array.from(place.querySelectorAll(".hint")).pop() || place.querySelector(".ask, legend")).after(fault);
    describe(written ? this.controls(this.names(place)[0])[0] : place, fault.id, true);
  }

  forgive(card) {
    card.querySelectorAll(".fault").forEach((fault) => {
      card.querySelectorAll("[aria-describedby]").forEach((each) => describe(each, fault.id, false));
      describe(card, fault.id, false);
      fault.remove();
    });
    card.classList.remove("wrong");
  }

  // A fault that the list on top names may stand at a question that is not shown; the history stays as it is.
  lead(event) {
    const target = document.getElementById(event.currentTarget.hash.slice(1));
    const index = target ? this.asked().indexOf(target.closest(".card")) : -1;
    event.preventDefault();
    if (index < 0) return;
    if (!this.whole) this.show(index);
    target.focus();
  }
}

// Add to what describes an element to a screen reader, or take away.
function describe(element, id, added) {
  const ids = (element.getAttribute("aria-describedby") || "").split(" ").filter((each) => each && each !== id);
  if (added) ids.push(id);
  if (ids.length) element.setAttribute("aria-describedby", ids.join(" "));
  else element.removeAttribute("aria-describedby");
}

function cards(form) {
  return Array.from(form.querySelectorAll(".card[id]"));
}

function toTop(target) {
  target.tabIndex = -1;
  window.scrollTo(0, 0);
  target.focus({ preventScroll: true });
}

function oneStep() {
  steps.at += 1;
  window.history.pushState({ step: steps.at }, "", window.location.href);
}

function replacePage(html, wanted) {
  const page = new DOMParser().parseFromString(html, "text/html");
  document.title = page.title;
  document.body.replaceWith(page.body);
  if (wanted !== "back") oneStep();
  begin(wanted);
  toTop(document.querySelector("#faults") || document.querySelector("form[data-draft] .card[id]:not([hidden]) .ask") || document.querySelector("h1"));
}

// Large letters, remembered in a cookie that the server reads too.
function resize(button) {
  const large = document.documentElement.classList.toggle("large");
  document.cookie = "size=" + (large ? "large" : "usual") + "; path=/; max-age=" + YEAR_SECONDS + "; samesite=lax";
  button.value = large ? "usual" : "large";
  button.textContent = large ? button.dataset.usual : button.dataset.large;
}

// The landing page: whether this device may keep a draft, and an unfinished questionnaire that it keeps.
function land(form, unfinished) {
  const name = unfinished ? unfinished.dataset.seat : "";
  const kept = name && keeper.read(SEAT, name);
  const tick = form && form.querySelector(".tick");
  if (tick) tick.hidden = false;
  if (kept) {
    const again = unfinished.querySelector("form") || form;
    unfinished.hidden = false;
    unfinished.querySelector("button").addEventListener("click", (event) => {
      event.preventDefault();
      keeper.seat = name;
      again.elements.ticket.value = kept.ticket;
      again.submit();
    });
  }
  if (!form) return;
  form.addEventListener("submit", (event) => {
    if (form.dataset.begun) return event.preventDefault();
    form.dataset.begun = "1";
    if (kept) {
      keeper.seat = name;
      keeper.finish("");
    }
    attempt(() => (tick.querySelector("input").checked ? sessionStorage.setItem(SHARED, "1") : sessionStorage.removeItem(SHARED)));
    keeper.seat = name;
    if (name) keeper.write(SEAT, name, { ticket: form.elements.ticket.value });
    return null;
  });
}

let current = null;

function begin(wanted) {
  const form = document.querySelector("form[data-draft]");
  const start = document.querySelector("form[data-begin]");
  const unfinished = document.querySelector(".unfinished");
  current = null;
  if (document.querySelector("[data-over]")) keeper.finish("");
  if (start || unfinished) land(start, unfinished);
  if (!form) return;
  if (!("review" in form.dataset || "whole" in form.dataset)) document.body.classList.add("one");
  current = "review" in form.dataset ? new Sender(form) : new Questions(form, wanted);
}

window.addEventListener("popstate", (event) => {
  const step = (event.state && event.state.step) || 0;
  const back = step < steps.at;
  steps.at = step;
  if (current) current.go(back ? "back" : "next", true);
  else window.location.reload();
});

// A page that the browser kept whole: what was sent or forgotten is not shown again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  if (current && current.gone) window.location.reload();
  document.querySelectorAll("form[data-begin]").forEach((form) => { delete form.dataset.begun; });
});

keeper.eraseOld();
begin("next");
const faults = document.querySelector("#faults");
if (faults) faults.focus();
