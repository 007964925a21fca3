// A list of rows by keyboard: one row at a time is in the order of Tab, arrow keys move from row to row.
// Comfort only, as in site.js: every row has a link, a box and a button of its own.
(() => {
  const ROW = "[data-rows] tbody > tr";
  const rows = () => [...document.querySelectorAll(ROW)];
  // Where a key means something else: in a field, and in a menu, which the arrow keys walk through.
  const elsewhere = (element) => element.closest("input:not([type=checkbox]), textarea, select, [contenteditable], .dropdown, .crumb, .search, dialog");

  function stand(row) {
    for (const other of rows()) other.tabIndex = other === row ? 0 : -1;
  }
  function go(row) {
    if (!row) return;
    stand(row);
    row.focus();
  }
  function press(event, row) {
    const all = rows();
    const at = all.indexOf(row);
    const on = event.target === row;
    switch (event.key.length === 1 ? event.key.toLowerCase() : event.key) {
      case "ArrowDown": return go(all[Math.min(at + 1, all.length - 1)]);
      case "ArrowUp": return go(all[Math.max(at - 1, 0)]);
      case "Home": return on && go(all[0]);
      case "End": return on && go(all.at(-1));
      case " ": return on && row.querySelector(".row-check");
      case "Enter": return on && row.querySelector("th a");
      case "e": return row?.querySelector("[data-edit]");
      case "c": return document.querySelector("[data-acts].is-on summary");
    }
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const form = event.target.closest("tr.row-form");
    if (form) return inForm(event, form);
    if (elsewhere(event.target) || !document.querySelector("[data-rows]")) return;
    const row = event.target.closest(ROW);
    const inside = row || event.target === document.body || event.target.id === "main" || event.key.toLowerCase() === "c";
    const before = document.activeElement;
    const found = inside && press(event, row);
    if (found instanceof HTMLElement) found.matches("summary") ? found.focus() : found.click();
    if (found || document.activeElement !== before) event.preventDefault();
  });

  // A row that is edited: Enter saves, also from the choice of a kind, and Escape gives it up.
  function inForm(event, form) {
    if (event.key === "Escape") form.querySelector("[data-cancel]").click();
    else if (event.key === "Enter" && event.target.matches("select")) form.querySelector("form").requestSubmit();
    else return;
    event.preventDefault();
  }

  // What HTMX swaps in has neither a selection nor the focus: both go over to the rows that are still there.
  let selected = [], edited = "";
  document.addEventListener("htmx:before:swap", () => {
    // A row that is edited has no box meanwhile.
    const hidden = selected.filter((id) => document.getElementById(id.replace("select", "user"))?.matches(".row-form"));
    selected = [...hidden, ...[...document.querySelectorAll(`${ROW} .row-check:checked`)].map((box) => box.id)];
    edited = document.activeElement?.closest("tr.row-form")?.id || "";
  });
  document.addEventListener("htmx:after:swap", () => {
    for (const id of selected) {
      const box = document.getElementById(id);
      if (box) box.checked = true;
    }
    const row = document.getElementById(edited);
    const still = document.activeElement?.closest(ROW);
    stand(still || row || rows()[0]);
    if (row?.matches(`${ROW}:not(.row-form)`) && document.activeElement === document.body) go(row);
    // site.js has counted before these were selected again.
    if (selected.length) document.querySelector(".row-check")?.dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest(ROW);
    if (row) stand(row);
  });
  stand(rows()[0]);
})();
