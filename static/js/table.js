// Lists: tick all, count what is ticked, open a row by a click anywhere on it.
// Listens on the document, so that rows brought by htmx work without further ado.

const boxes = (form) => [...document.querySelectorAll(`.check-cell input[form="${CSS.escape(form)}"]`)];

function show(form) {
  const all = boxes(form);
  const ticked = all.filter((box) => box.checked).length;
  for (const place of document.querySelectorAll(`[data-bulk-count="${CSS.escape(form)}"]`)) place.textContent = ticked;
  for (const head of document.querySelectorAll(`[data-check-all="${CSS.escape(form)}"]`)) {
    head.checked = ticked > 0 && ticked === all.length;
    head.indeterminate = ticked > 0 && ticked < all.length;
  }
}

let last = null;

document.addEventListener("click", (event) => {
  const box = event.target.closest(".check-cell input[form]");
  if (box) {
    // Shift takes everything between this box and the one before, as in every mail programme.
    const all = boxes(box.getAttribute("form"));
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      for (const between of all.slice(from, to + 1)) between.checked = box.checked;
    }
    last = box;
    show(box.getAttribute("form"));
    return;
  }

  const row = event.target.closest("tbody tr");
  const link = row?.querySelector(".row-link");
  // Never for what has a click of its own, nor for someone marking text to copy.
  if (!link || event.target.closest("a, button, input, select, label, summary, dialog") || getSelection().toString()) return;
  if (event.ctrlKey || event.metaKey) open(link.href, "_blank", "noopener");
  else link.click();
});

document.addEventListener("change", (event) => {
  const form = event.target.dataset?.checkAll;
  if (form === undefined) return;
  for (const box of boxes(form)) box.checked = event.target.checked;
  show(form);
});

// The browser keeps ticks over a reload; the count must agree. The same after a swap.
const showAll = () => new Set([...document.querySelectorAll("[data-bulk-count]")].map((n) => n.dataset.bulkCount)).forEach(show);
addEventListener("pageshow", showAll);
document.addEventListener("htmx:afterSettle", showAll);
