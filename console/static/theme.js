// Runs before the first paint, so that a page never flashes in the wrong theme.
// Without a stored choice there is no attribute, and the style sheet follows the system's setting.
(() => {
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.bsTheme = theme;
  } catch {
    // Storage can be forbidden by the browser; the system's setting is right then.
  }
})();
