// The search box of the top bar and the switcher of domains: / puts the focus there, arrow keys walk through what was found.
(() => {
  const box = () => document.getElementById("search-q");
  const hits = () => document.getElementById("search-hits");
  const visible = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null;
  const typing = (element) => element?.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

  // What was found last stays away once it was closed, and when what was typed is gone.
  const close = () => hits()?.replaceChildren();

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const target = [...document.querySelectorAll("[data-slash]")].find(visible) || box();
    if (!target) return;
    event.preventDefault();
    target.focus();
    target.select?.();
  });

  // A list of links under a field: the arrow keys move between both, and what is typed goes into the field.
  function walk(event, field, links) {
    const at = links.indexOf(document.activeElement);
    const step = { ArrowDown: at + 1, ArrowUp: at < 0 ? links.length - 1 : at - 1, Home: at < 0 ? -2 : 0, End: at < 0 ? -2 : links.length - 1 }[event.key];
    if (step === undefined) {
      if (at >= 0 && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== " ") field.focus();
      return;
    }
    if (step === -2 || !links.length) return;
    event.preventDefault();
    event.stopPropagation();
    (step < 0 || step >= links.length ? field : links[step]).focus();
  }
  document.addEventListener("keydown", (event) => {
    const area = event.target.closest?.("[data-walk]");
    if (!area) return;
    const field = area.querySelector("input[type=search]");
    if (event.key === "Escape" && area.id === "search" && hits().hasChildNodes()) {
      event.preventDefault();
      close();
      field.focus();
    } else if (field && !event.isComposing) {
      walk(event, field, [...area.querySelectorAll("a[href]")].filter(visible));
    }
  }, true);
  document.addEventListener("focusout", (event) => {
    const area = event.target.closest?.("#search");
    if (area && event.relatedTarget && !area.contains(event.relatedTarget)) close();
  });
  document.addEventListener("click", (event) => { if (!event.target.closest("#search")) close(); });
  document.addEventListener("input", (event) => { if (event.target === box() && !box().value.trim()) close(); });

  // Enter in a filter opens the first of what is left.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-first]")) return;
    event.preventDefault();
    event.target.parentElement.querySelector("li a")?.click();
  });

  // How many were found is said by a part that stays, since only that is heard.
  document.addEventListener("htmx:after:swap", () => {
    // The switcher of domains comes when it is opened for the first time: then one types right away.
    const toggle = document.getElementById("switch-toggle");
    if (toggle?.open && toggle.contains(document.activeElement)) document.getElementById("switch-q")?.focus();
    const said = document.getElementById("search-count");
    if (!said) return;
    if (!document.activeElement?.closest("#search") || !box().value.trim()) close();
    said.textContent = hits().hasChildNodes() ? hits().dataset.count || "" : "";
  });
})();
