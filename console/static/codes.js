// Recovery codes, shown once: printed, or kept as a file that the browser makes itself.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
  const button = event.target.closest("[data-download]");
  if (!button) return;
  const codes = [...document.querySelectorAll("[data-codes] code")].map((code) => code.textContent);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${codes.join("\r\n")}\r\n`], { type: "text/plain" }));
  link.download = button.dataset.download;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
});
document.querySelectorAll("[data-print], [data-download]").forEach((button) => { button.hidden = false; });
