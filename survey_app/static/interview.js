// Keys and a draft for whoever reads a questionnaire out. Without this script everything works with the mouse.
"use strict";

const PREFIX = "junheng.interview.";
const WEEK = 7 * 24 * 3600 * 1000;

const drafts = {
  read(name) {
    try {
      const kept = JSON.parse(localStorage.getItem(PREFIX + name));
      return kept && Date.now() - kept.at < WEEK ? kept.answers : {};
    } catch (error) {
      return {};
    }
  },
  write(name, answers) {
    try {
      localStorage.setItem(PREFIX + name, JSON.stringify({ at: Date.now(), answers: answers }));
    } catch (error) {
      // A browser that keeps nothing still interviews.
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

const fields = (form) => Array.from(form.querySelectorAll('[name^="a."]'));

const isWritten = (target) => target.matches("textarea, select, input:not([type=radio], [type=checkbox])");

function keep(form) {
  const answers = drafts.read(form.dataset.interview);
  fields(form).forEach((each) => {
    if (each.type === "radio" || each.type === "checkbox") {
      answers[each.name] = fields(form).filter((one) => one.name === each.name && one.checked).map((one) => one.value);
    } else {
      answers[each.name] = [each.value];
    }
  });
  drafts.write(form.dataset.interview, answers);
}

function restore(form) {
  const answers = drafts.read(form.dataset.interview);
  const given = new Set(fields(form).filter((each) => (each.type === "radio" || each.type === "checkbox" ? each.checked : each.value)).map((each) => each.name));
  fields(form).forEach((each) => {
    const kept = answers[each.name];
    if (!kept || given.has(each.name)) return;
    if (each.type === "radio" || each.type === "checkbox") each.checked = kept.includes(each.value);
    else each.value = kept[0] || "";
  });
}

// The key printed beside an option.
const keyOf = (option) => option.closest("label").querySelector("kbd").textContent;

// What is asked at once: a question, or a row of a matrix.
function stopsOf(form) {
  return Array.from(form.querySelectorAll(".card")).flatMap((card) => {
    const rows = Array.from(card.querySelectorAll("fieldset.row"));
    return rows.length ? rows : [card];
  });
}

class Interview {
  constructor(form) {
    this.form = form;
    this.stops = stopsOf(form);
    restore(form);
    const open = this.stops.findIndex((stop) => !this.isAnswered(stop));
    this.go(open < 0 ? 0 : open, Boolean(document.querySelector("#faults")));
    form.addEventListener("change", () => keep(form));
    form.addEventListener("input", () => keep(form));
    form.addEventListener("focusin", (event) => this.mark(this.stops.findIndex((stop) => stop.contains(event.target))));
    document.addEventListener("keydown", (event) => this.press(event));
  }

  isAnswered(stop) {
    return fields(stop).some((each) => (each.type === "radio" || each.type === "checkbox" ? each.checked : each.value.trim()));
  }

  mark(index) {
    if (index < 0) return;
    this.at = index;
    this.stops.forEach((stop, place) => stop.classList.toggle("current", place === index));
  }

  go(index, stay) {
    const stop = this.stops[index];
    if (!stop) return;
    this.mark(index);
    const target = stop.querySelector("input:checked") || fields(stop)[0];
    if (stay || !target) return;
    target.focus({ preventScroll: true });
    stop.scrollIntoView({ block: "center" });
  }

  options() {
    return fields(this.stops[this.at]).filter((each) => each.type === "radio" || each.type === "checkbox");
  }

  choose(option) {
    if (!option) return;
    option.checked = option.type === "radio" ? true : !option.checked;
    option.dispatchEvent(new Event("change", { bubbles: true }));
    if (option.type === "radio" && this.at < this.stops.length - 1) this.go(this.at + 1);
    else option.focus({ preventScroll: true });
  }

  refuse() {
    const unknown = this.options().find((each) => each.value === "dk");
    if (unknown) {
      this.choose(unknown);
      return;
    }
    fields(this.stops[this.at]).forEach((each) => {
      if (each.type === "radio" || each.type === "checkbox") each.checked = false;
      else each.value = "";
    });
    keep(this.form);
    if (this.at < this.stops.length - 1) this.go(this.at + 1);
  }

  forward() {
    if (this.at < this.stops.length - 1) this.go(this.at + 1);
    else this.form.requestSubmit(this.form.querySelector(".primary"));
  }

  press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || !this.stops.length) return;
    const key = event.key.toLowerCase();
    const target = event.target;
    if (isWritten(target)) {
      if (key === "escape") target.blur();
      return;
    }
    if (key === "enter" && target.matches("button, a, summary")) return;
    const options = this.options();
    const deeds = {
      d: () => this.choose(options.find((each) => each.value === "dk")),
      r: () => this.refuse(),
      enter: () => this.forward(),
      arrowdown: () => this.go(Math.min(this.at + 1, this.stops.length - 1)),
      arrowup: () => this.go(Math.max(this.at - 1, 0)),
    };
    if (/^[0-9]$/.test(key)) this.choose(options.find((each) => keyOf(each) === key));
    else if (deeds[key]) deeds[key]();
    else return;
    event.preventDefault();
  }
}

drafts.eraseOld();
const erased = document.querySelector("[data-erase]");
if (erased) drafts.erase(erased.dataset.erase);
const form = document.querySelector("form[data-interview]");
if (form) new Interview(form);
