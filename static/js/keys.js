// Keys of every page: ? shows them, / goes to the search, g and a letter go to a place of the navigation.
// Single letters may be switched off in the dialog of the keys (WCAG 2.1.4: they get in the way of speech input);
// scripts of pages with keys of their own ask document.documentElement.dataset.keys first.

const root = document.documentElement;
const dialog = document.getElementById("keys");
const choice = document.getElementById("keys-on");

root.dataset.keys = localStorage.getItem("keys") ?? "on";
choice.checked = root.dataset.keys === "on";
choice.addEventListener("change", () => {
  root.dataset.keys = choice.checked ? "on" : "off";
  localStorage.setItem("keys", root.dataset.keys);
});

const typing = (node) =>
  node.isContentEditable || node.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])");

let going = 0;

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (root.dataset.keys === "off" || typing(event.target)) return;

  if (event.key === "?") {
    event.preventDefault();
    dialog.togglePopover();
  } else if (event.key === "/") {
    const search = document.getElementById("search");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  } else if (Date.now() - going < 1500) {
    going = 0;
    const link = document.querySelector(`.nav a[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!link) return;
    // A page's own key of the same letter must not act as well.
    event.preventDefault();
    event.stopImmediatePropagation();
    link.click();
  } else if (event.key === "g") {
    going = Date.now();
  }
}, true);
