// The page of the import: a file can be dropped, is named once it is chosen, and the help opens over the page. All of it works without.
(() => {
  const zone = document.querySelector("[data-drop-zone]");
  const input = zone.querySelector("input[type=file]");
  const form = zone.closest("form");
  const chosen = zone.querySelector(".drop-chosen");
  const large = document.getElementById("file-large");
  const sending = form.querySelector("[data-sending]");
  const submit = form.querySelector("button[type=submit]");

  function size(bytes) {
    if (bytes < 1024) return `${bytes} bytes`;
    if (bytes < 1024 ** 2) return `${Math.round(bytes / 1024)} KB`;
    return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
  }
  const tooLarge = () => (input.files[0]?.size || 0) > Number(zone.dataset.limit);
  function show() {
    const file = input.files[0];
    chosen.textContent = file ? `${file.name}, ${size(file.size)}` : "";
    zone.classList.toggle("is-chosen", Boolean(file));
    large.hidden = !tooLarge();
    if (!file) return;
    // What the server said was about another file.
    document.getElementById("file-error")?.remove();
    zone.closest(".field").classList.toggle("has-error", tooLarge());
    input.setAttribute("aria-invalid", String(tooLarge()));
    input.setAttribute("aria-describedby", tooLarge() ? "file-help file-large" : "file-help");
  }
  zone.classList.add("is-dressed");
  zone.querySelector(".drop-hint").hidden = false;
  input.addEventListener("change", show);
  // It looks like a button, so Enter opens it, too, where a browser would send the form.
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    input.click();
  });

  // A drag over what is inside the zone leaves and enters it again and again, so both are counted.
  let over = 0;
  const carriesFile = (event) => event.dataTransfer?.types.includes("Files");
  zone.addEventListener("dragenter", (event) => { if (carriesFile(event)) { over += 1; zone.classList.add("is-over"); } });
  zone.addEventListener("dragleave", () => { over = Math.max(0, over - 1); if (!over) zone.classList.remove("is-over"); });
  // A file that misses the zone would replace the page.
  document.addEventListener("dragover", (event) => { if (carriesFile(event)) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    over = 0;
    zone.classList.remove("is-over");
    if (!zone.contains(event.target) || !event.dataTransfer.files.length) return;
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    input.files = one.files;
    show();
    input.focus();
  });

  form.addEventListener("submit", (event) => {
    if (tooLarge() || submit.getAttribute("aria-disabled")) {
      event.preventDefault();
      input.focus();
      return;
    }
    if (!input.files.length) return;
    submit.setAttribute("aria-disabled", "true");
    sending.textContent = "Sending the file …";
  });
  // The page as the browser kept it, after “back”.
  window.addEventListener("pageshow", () => {
    submit.removeAttribute("aria-disabled");
    sending.textContent = "";
    show();
  });

  // The help: HTMX puts it into the dialog, which opens then. Closing it gives the focus back to the link, as dialogs do.
  const box = document.getElementById("import-help-box");
  document.addEventListener("htmx:after:swap", () => {
    if (box.open || !box.firstElementChild) return;
    const close = box.querySelector("[data-dialog-close]");
    close.hidden = false;
    box.showModal();
    box.scrollTop = 0;
  });
  box.addEventListener("click", (event) => {
    if (event.target === box || event.target.closest("[data-dialog-close]")) box.close();
  });
  box.addEventListener("close", () => box.replaceChildren());
})();
