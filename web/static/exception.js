// The screen of an exception: fields light up where their value stands, a clicked word fills the focused field,
// values are checked as they are put in, and the lease is renewed while the page is open.
"use strict";

(() => {
  const fields = () => [...document.querySelectorAll("[data-at]")];
  const fieldAt = (at) => fields().find((field) => field.dataset.at === at);
  const marksOf = (at) =>
    [...document.querySelectorAll("[data-marks]")].filter((mark) => {
      const ats = mark.dataset.marks.split(" ");
      return ats.includes(at) || ats.some((one) => at.startsWith(`${one}/`));
    });
  let last = null;

  function light(at, scroll) {
    for (const mark of document.querySelectorAll(".lit")) mark.classList.remove("lit");
    const marks = marksOf(at);
    const exact = marks.filter((mark) => mark.dataset.marks.split(" ").includes(at));
    const shown = exact.length ? exact : marks;
    for (const mark of shown) mark.classList.add("lit");
    if (scroll && shown.length) shown[0].scrollIntoView({ block: "center", inline: "nearest" });
  }

  function fill(field, value) {
    if (!field || field.readOnly || field.disabled) return;
    if (field.tagName === "SELECT" && ![...field.options].some((one) => one.value === value)) return;
    field.value = value;
    field.focus();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  async function check(field) {
    const form = field.form;
    const verdict = field.closest(".field").querySelector(".verdict");
    const body = new URLSearchParams({ csrf: form.elements.csrf.value, check: field.dataset.at, value: field.value });
    const answer = await fetch(field.dataset.check, { method: "POST", body, headers: { "HX-Request": "true" } });
    const text = answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html").body.textContent.trim() : "";
    verdict.textContent = text;
    field.setAttribute("aria-invalid", text ? "true" : "false");
  }

  document.addEventListener("focusin", (event) => {
    if (!event.target.matches("[data-at]")) return;
    last = event.target;
    light(last.dataset.at, true);
  });
  document.addEventListener("mouseover", (event) => {
    const field = event.target.closest(".field");
    if (field) {
      const own = field.querySelector("[data-at]");
      if (own) light(own.dataset.at, false);
      return;
    }
    const mark = event.target.closest("[data-marks]");
    for (const one of document.querySelectorAll(".field.lit-field")) one.classList.remove("lit-field");
    if (!mark) return;
    for (const at of mark.dataset.marks.split(" ")) {
      const found = fieldAt(at);
      if (found) found.closest(".field").classList.add("lit-field");
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-check]")) check(event.target);
  });

  // A pressed word must not take the focus from the field that it fills.
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest("[data-word], [data-words]") && document.activeElement === last) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const word = event.target.closest("[data-word]");
    if (word) fill(last, word.dataset.word);
    else if (event.target.closest("[data-words]") && last) fill(last, wordAt(event) || last.value);
    const goto = event.target.closest("[data-goto]");
    if (goto) fieldAt(goto.dataset.goto)?.focus();
    const candidate = event.target.closest("[data-fill]");
    if (candidate) fill(fieldAt(candidate.dataset.fill), candidate.dataset.value);
  });

  function wordAt(event) {
    const place = document.caretPositionFromPoint?.(event.clientX, event.clientY);
    const range = place ? null : document.caretRangeFromPoint?.(event.clientX, event.clientY);
    const node = place ? place.offsetNode : range && range.startContainer;
    if (!node || node.nodeType !== Node.TEXT_NODE) return "";
    const offset = place ? place.offset : range.startOffset;
    const before = node.data.slice(0, offset).match(/\S*$/)[0];
    const after = node.data.slice(offset).match(/^\S*/)[0];
    return (before + after).replace(/^[("'„“«]+|[)"'“”».,;:!?]+$/g, "");
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "f" || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches("input, textarea, select")) return;
    const field = document.querySelector(".field.asks [data-at]:not([readonly])") || document.querySelector("[data-at]:not([readonly])");
    if (!field) return;
    event.preventDefault();
    field.focus();
  });

  const renewal = document.querySelector("[data-renew]");
  if (renewal) {
    const form = renewal.parentElement.querySelector("form");
    setInterval(() => {
      const body = new URLSearchParams({ csrf: form.elements.csrf.value, lease: form.elements.lease.value });
      fetch(renewal.dataset.renew, { method: "POST", body }).then((answer) => {
        if (!answer.ok) renewal.textContent = "no longer yours: load the page again";
      });
    }, 300000);
  }
})();
