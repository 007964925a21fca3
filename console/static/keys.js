// The keys of a page: ? and the button at its foot open the dialog that lists them.
(() => {
  const dialog = () => document.getElementById("keys");
  const typing = (element) => element.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  const show = () => document.querySelector("dialog[open]") || dialog()?.showModal();

  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !dialog()) return;
    event.preventDefault();
    show();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) show();
    else if (event.target === dialog() || event.target.closest("#keys [data-dialog-close]")) dialog().close();
  });
  for (const button of document.querySelectorAll("[data-keys]")) button.hidden = false;
})();
