// Passwords as they are typed, for who wants to see them; hidden again before they are sent, so that no browser keeps them.
(() => {
  function show(form, shown) {
    for (const field of form.elements) {
      if (field.type === "password" && shown) field.dataset.revealed = "";
      if ("revealed" in field.dataset) field.type = shown ? "text" : "password";
    }
  }
  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-reveal]")) show(event.target.form, event.target.checked);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.querySelector("[data-reveal]")) show(event.target, false);
  });
  document.querySelectorAll("[data-reveal]").forEach((label) => { label.hidden = false; });
})();
