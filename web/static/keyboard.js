// Keys of every page. A page marks what they reach: data-row (rows of a list), data-search (the field for "/"),
// data-key="x" (a button, link or field that the key x presses or focuses), data-help (opens the help).
"use strict";

(() => {
  const typing = (element) => element.matches("input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]");
  const help = document.getElementById("help");

  function move(step) {
    const rows = [...document.querySelectorAll("[data-row]")];
    if (!rows.length) return;
    const present = rows.indexOf(document.activeElement);
    const next = present < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(present + step, 0), rows.length - 1);
    rows[next].focus();
  }

  function press(key) {
    const target = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key && !one.disabled);
    if (!target) return false;
    const fold = target.closest("details");
    if (fold) fold.open = true;
    if (typing(target)) {
      target.focus();
      if (target.select) target.select();
    } else if (target.tagName === "SUMMARY") {
      target.parentElement.open = true;
      const field = target.parentElement.querySelector("input:not([type=hidden]), textarea, select, button");
      (field || target).focus();
    } else {
      target.focus();
      target.click();
    }
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.metaKey) return;
    if (event.key === "Escape") {
      if (help && help.open) return;
      if (typing(document.activeElement)) document.activeElement.blur();
      return;
    }
    if (event.ctrlKey) {
      if (event.key === "Enter" && press("ctrl-enter")) event.preventDefault();
      return;
    }
    if (typing(event.target) || (help && help.open)) return;
    if (event.key === "?" && help) help.showModal();
    else if (event.key === "/" && document.querySelector("[data-search]")) document.querySelector("[data-search]").focus();
    else if (event.key === "j" || event.key === "k") move(event.key === "j" ? 1 : -1);
    else if (!press(event.key)) return;
    event.preventDefault();
  });

  for (const button of document.querySelectorAll("[data-help]")) {
    button.hidden = false;
    button.addEventListener("click", () => help && help.showModal());
  }
})();
