// Comfort only: every page works without this file. Listeners sit on the document, so what HTMX swaps in needs no set-up.
(() => {
  const announcer = () => document.getElementById("announcer");

  // Theme: system, light or dark. theme.js has applied the stored one before the first paint.
  const stored = () => { try { return localStorage.getItem("theme") || "system"; } catch { return "system"; } };
  function showThemeChoice() {
    for (const choice of document.querySelectorAll("[data-theme-choice]")) {
      choice.hidden = false;
      for (const radio of choice.querySelectorAll("input")) radio.checked = radio.value === stored();
    }
  }
  function setTheme(theme) {
    if (theme === "system") delete document.documentElement.dataset.bsTheme;
    else document.documentElement.dataset.bsTheme = theme;
    try { theme === "system" ? localStorage.removeItem("theme") : localStorage.setItem("theme", theme); } catch { /* not kept then */ }
  }
  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-theme-choice]")) setTheme(event.target.value);
    const all = event.target.closest("[data-check-all]");
    if (all) for (const box of boxesOf(all)) box.checked = all.checked;
    if (all || event.target.matches(".row-check") || event.target.closest("[data-matching]")) showSelected();
  });

  // Enter in such a box would send its form by the first of the buttons, which nobody has chosen.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches(".row-check, [data-check-all]")) event.preventDefault();
  });

  // Rows that are selected: the box that selects them all, and how many they are, with the billable mailboxes among them.
  const boxesOf = (all) => document.querySelectorAll(`#${all.dataset.checkAll} .row-check`);
  function showSelected() {
    for (const all of document.querySelectorAll("[data-check-all]")) {
      const boxes = [...boxesOf(all)];
      const chosen = boxes.filter((box) => box.checked);
      all.closest("label").hidden = !boxes.length;
      all.checked = boxes.length > 0 && chosen.length === boxes.length;
      all.indeterminate = chosen.length > 0 && !all.checked;
      // Once all on the page are selected, all others that match can be, too: how many they are, the server has told.
      const others = all.form.querySelector("[data-matching]");
      others?.classList.toggle("is-on", all.checked);
      const matching = others?.querySelector("input");
      if (matching && !all.checked) matching.checked = false;
      all.form.querySelector("[data-acts]")?.classList.toggle("is-on", chosen.length > 0);
      const billable = chosen.filter((box) => "billable" in box.dataset).length;
      const words = matching?.checked ? `All ${others.dataset.matching} selected` : chosen.length ? `${chosen.length} selected${billable ? `, ${billable} of them billable` : ""}` : "";
      const count = all.form.querySelector("[data-selected]");
      if (count.textContent !== words) count.textContent = words;
    }
  }

  // Menus: a click elsewhere and Escape close them, arrow keys walk through them.
  const openMenus = () => document.querySelectorAll(".dropdown[open], .crumb-toggle[open]");
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) {
      const crumb = menu.closest(".crumb");
      if (!(crumb || menu).contains(event.target)) menu.open = false;
      else if (crumb && event.target.closest("summary")) keepClosed(crumb);
    }
  });
  // Hover or focus would keep a crumb's menu open: it stays closed until they have left, or until its switch is used again.
  function keepClosed(crumb) {
    crumb.classList.add("is-closed");
    const release = (event) => {
      if (event.type === "focusout" && crumb.contains(event.relatedTarget)) return;
      crumb.classList.remove("is-closed");
      for (const type of ["mouseleave", "focusout", "click"]) crumb.removeEventListener(type, release);
    };
    for (const type of ["mouseleave", "focusout", "click"]) crumb.addEventListener(type, release);
  }
  function closeMenu(holder) {
    const details = holder.matches("details") ? holder : holder.querySelector("details");
    details.open = false;
    if (holder.contains(document.activeElement)) details.querySelector("summary").focus();
    if (holder.matches(".crumb")) keepClosed(holder);
  }
  function walkMenu(event, holder) {
    const items = [...holder.querySelectorAll(".menu a, .menu button, .menu input:checked")];
    const at = items.indexOf(document.activeElement);
    if (!items.length || (at >= 0 && document.activeElement.type === "radio")) return;
    event.preventDefault();
    if (holder.matches("details")) holder.open = true;
    const step = { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 }[event.key];
    items[(step + items.length) % items.length].focus();
  }
  document.addEventListener("keydown", (event) => {
    const focused = document.activeElement?.closest?.(".crumb.has-menu, .dropdown");
    if (event.key === "Escape") {
      const holder = focused || document.querySelector(".crumb.has-menu:hover, .dropdown[open]");
      if (holder) closeMenu(holder);
    } else if (["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key) && focused) {
      walkMenu(event, focused);
    }
  });

  // Dialogs: a link or a form with data-dialog leads to a page that asks first; its confirm part is shown here instead.
  function openDialog(content) {
    const dialog = document.createElement("dialog");
    dialog.className = "modal-box";
    const title = content.querySelector("h1, h2");
    if (title) dialog.setAttribute("aria-labelledby", title.id);
    dialog.append(content);
    for (const button of dialog.querySelectorAll("button[data-dialog-close][hidden]")) button.hidden = false;
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("click", (event) => {
      const away = event.target === dialog;
      if (away || event.target.closest("[data-dialog-close]")) { event.preventDefault(); dialog.close(); }
    });
    document.body.append(dialog);
    window.htmx?.process(dialog);
    dialog.showModal();
  }
  async function ask(href) {
    try {
      const answer = await fetch(href, { headers: { Accept: "text/html" } });
      const content = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-dialog-content]");
      if (!answer.ok || !content) throw new Error("no dialog on that page");
      openDialog(document.adoptNode(content));
    } catch {
      location.assign(href);
    }
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    event.preventDefault();
    ask(link.href);
  });
  // A form that asks, too: what is sent stands in its address.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-dialog]")) return;
    event.preventDefault();
    for (const menu of openMenus()) menu.open = false;
    ask(`${event.target.action}?${new URLSearchParams(new FormData(event.target, event.submitter))}`);
  });

  // Flashes can be put away; a plain success goes by itself, unless it is being read or pointed at.
  function dressFlashes(root) {
    for (const flash of root.querySelectorAll("[data-flash]:not(.is-dressed)")) {
      flash.classList.add("is-dressed");
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "notice-close", textContent: "✕" });
      button.setAttribute("aria-label", "Dismiss");
      button.addEventListener("click", () => flash.remove());
      flash.append(button);
      const leave = () => { flash.matches(":hover, :focus-within") ? setTimeout(leave, 4000) : flash.remove(); };
      if (flash.dataset.flash === "brief") setTimeout(leave, 8000);
    }
  }

  // Requests: an answer that HTMX does not swap in, or none at all, is said in words. A redirect to sign in is no trouble.
  function trouble(words) {
    const region = document.getElementById("trouble");
    const box = document.createElement("div");
    box.className = "notice notice-error";
    box.dataset.flash = "";
    const body = document.createElement("div");
    body.className = "notice-body";
    body.textContent = words;
    box.append(body);
    region.replaceChildren(box);
    dressFlashes(region);
  }
  const answers = {
    400: "That request was not understood. Load the page again and try once more.",
    403: "You may not do that.",
    404: "That is no longer there. Load the page again.",
    409: "Someone else changed this in the meantime. Load the page again.",
    429: "Too many requests. Wait a moment and try again.",
  };
  document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
    if (ctx.hx?.redirect || ctx.response.status === 422) return;
    trouble(answers[ctx.response.status] || "The server had a problem and nothing was shown. Try again; if it stays, look at the log.");
  });
  document.addEventListener("htmx:error", ({ detail }) => {
    // Errors in the page's own markup carry no request and are for the console only.
    if (detail.ctx && detail.ctx.status.startsWith("error")) trouble("The server could not be reached. Check the connection and try again.");
  });
  // HTMX would put the address of a refused page into the address bar, although the page stays.
  document.addEventListener("htmx:before:history:update", (event) => {
    if (event.detail.response?.status >= 400) event.preventDefault();
  });
  document.addEventListener("htmx:before:request", () => document.getElementById("trouble").replaceChildren());

  // A stream that is refused when it connects again (the session is over, the run is gone) would be tried for ever; the page knows what to say.
  document.addEventListener("htmx:sse:error", ({ detail }) => {
    if ([401, 403, 404, 410].includes(detail.status)) location.reload();
  });

  // Live parts: data-announce on an element whose text is worth hearing when it changes (a stage, a result).
  let said = "";
  function announce() {
    const words = [...document.querySelectorAll("[data-announce]")].map((part) => part.textContent.trim()).join(". ");
    if (said && words && words !== said) announcer().textContent = words;
    said = words;
  }
  // Times are written in UTC by the server; here the exact one is shown as the reader's own clock has it.
  function localTimes(root) {
    for (const time of root.querySelectorAll("time[datetime][title$='UTC']")) {
      const moment = new Date(time.dateTime);
      if (!Number.isNaN(moment.getTime())) time.title = moment.toLocaleString(undefined, { dateStyle: "long", timeStyle: "medium" });
    }
  }
  function dress() {
    showThemeChoice();
    dressFlashes(document);
    localTimes(document);
    announce();
    showSelected();
  }
  document.addEventListener("htmx:after:swap", dress);
  dress();
})();
