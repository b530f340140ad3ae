// Keyboard of lists, and what forms do besides being sent. Every page works without this file.
const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

// Lists: j and k walk, Enter opens, x marks; / goes to the search field; ? tells the keys.
const rows = () => [...document.querySelectorAll("[data-rows] tbody tr, [data-rows] > li")];
let current = -1;
function walk(step) {
  const all = rows();
  if (all.length === 0) return;
  all[current]?.classList.remove("current");
  current = Math.max(0, Math.min(all.length - 1, current + step));
  all[current].classList.add("current");
  all[current].scrollIntoView({ block: "nearest" });
  all[current].querySelector("a")?.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    if (event.key === "Enter") typing(event.target)?.form?.querySelector("[data-ctrl-enter]")?.click();
    return;
  }
  if (typing(event.target)) return;
  const go = {
    j: () => walk(1),
    k: () => walk(-1),
    x: () => rows()[current]?.querySelector("input[type=checkbox]")?.click(),
    "/": () => document.querySelector("[data-search]")?.focus(),
    "?": () => document.querySelector("dialog.keys")?.showModal(),
  }[event.key];
  if (go) {
    event.preventDefault();
    go();
  }
});

// One box marks all boxes of its table; the bar for many records says how many.
for (const all of document.querySelectorAll("[data-all]")) {
  const boxes = () => [...document.querySelectorAll(`input[name="${all.dataset.all}"]`)];
  const tell = () => {
    const n = boxes().filter((box) => box.checked).length;
    for (const place of document.querySelectorAll("[data-marked]")) place.textContent = `${n}件`;
    all.checked = n > 0 && n === boxes().length;
    all.indeterminate = n > 0 && !all.checked;
  };
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    tell();
  });
  document.addEventListener("change", (event) => event.target.name === all.dataset.all && tell());
}

// Boxes that mark all boxes of their part: of a department, of the whole list.
const marks = [...document.querySelectorAll("[data-mark-all]")];
const marked = (mark) => [...mark.closest("[data-boxes]").querySelectorAll("input[name]")];
function showMarks() {
  for (const mark of marks) {
    const n = marked(mark).filter((box) => box.checked).length;
    mark.checked = n > 0 && n === marked(mark).length;
    mark.indeterminate = n > 0 && !mark.checked;
  }
}
for (const mark of marks) {
  mark.closest("label").hidden = false;
  mark.addEventListener("change", () => {
    for (const box of marked(mark)) box.checked = mark.checked;
  });
}
if (marks.length > 0) {
  showMarks();
  document.addEventListener("change", showMarks);
}

// On a phone a row is a block without the head of its table: each cell says what it is.
for (const table of document.querySelectorAll("table.stack")) {
  const heads = [...table.querySelectorAll("thead th")].map((th) => (th.querySelector(".sr, input") ? "" : th.textContent.trim()));
  for (const row of table.querySelectorAll("tbody tr")) {
    [...row.children].forEach((cell, i) => {
      const plain = cell.tagName === "TD" && i > 0 && !cell.querySelector(".title") && cell.textContent.trim() !== "";
      if (plain && heads[i]) cell.dataset.label = heads[i];
    });
  }
}

// Dangerous buttons ask first.
document.addEventListener("submit", (event) => {
  const count = document.querySelector("[data-marked]")?.textContent ?? "";
  const question = event.submitter?.dataset.confirm?.replace("{n}", count);
  if (question && !window.confirm(question)) event.preventDefault();
});
