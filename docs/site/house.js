// What the theme leaves to be said to those who do not see the page.
const told = () => {
  // Tables that are wider than the screen scroll, with the keyboard, too.
  for (const table of document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])")) {
    table.tabIndex = 0;
    table.setAttribute("role", "group");
    table.setAttribute("aria-label", "Table");
  }
  // A button that copies is no navigation.
  for (const button of document.querySelectorAll("nav.md-code__nav:not([role])")) button.setAttribute("role", "presentation");
};
new MutationObserver(told).observe(document.body, { childList: true, subtree: true });
told();
