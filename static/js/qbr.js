// The draft of a review: order by Alt and arrows or by dragging in the outline, j and k from slide to slide.
// e goes to the words of the slide. Everything works without this script by links and buttons.

const page = document.getElementById("qbr-draft");
const slides = () => document.getElementById("slides"); // read anew it is another element
const say = (text, level) => document.dispatchEvent(new CustomEvent("toast", { detail: { text, level } }));
const items = () => [...slides().children];

async function send() {
  const response = await fetch(slides().dataset.order, {
    method: "POST",
    body: new URLSearchParams({ order: items().map((item) => item.dataset.key).join(",") }),
    headers: { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content },
    credentials: "same-origin",
  });
  if (!response.ok) throw new Error(response.status);
}

let sent = Promise.resolve();

function keep() {
  sent = sent.then(send).catch(() => say(page.dataset.textFailed, "error"));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const item = event.target.closest?.("#slides > li");
  if (event.altKey) {
    if (!item || !slides().dataset.order || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const other = event.key === "ArrowUp" ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (event.key === "ArrowUp") other.before(item);
    else other.after(item);
    item.querySelector("a").focus();
    keep();
    return;
  }
  if (document.documentElement.dataset.keys === "off" || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const to = { j: page.dataset.after, k: page.dataset.before }[event.key];
  if (to) location.assign(to);
  const words = event.key === "e" && document.querySelector("[name=lines]");
  if (words) {
    event.preventDefault(); // the letter isn't one of them
    words.focus();
  }
});

// ── Drag ──
let dragged = null;

const clear = () => {
  for (const item of items()) item.classList.remove("drop-before", "drop-after", "dragged");
};

function carry() {
  if (!slides().dataset.order) return;
  for (const item of items()) {
    item.draggable = true;
    item.querySelector("a").draggable = false;
  }
}

carry();
page.addEventListener("htmx:afterSettle", carry);
page.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("#slides > li");
  if (!dragged) return;
  dragged.classList.add("dragged");
  event.dataTransfer.effectAllowed = "move";
});
page.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("#slides > li");
  if (!dragged || !over) return;
  event.preventDefault();
  for (const item of items()) item.classList.remove("drop-before", "drop-after");
  const box = over.getBoundingClientRect();
  over.classList.add(event.clientY < box.top + box.height / 2 ? "drop-before" : "drop-after");
});
page.addEventListener("drop", (event) => {
  const over = event.target.closest?.("#slides > li");
  if (!dragged || !over) return;
  event.preventDefault();
  if (over !== dragged) {
    if (over.classList.contains("drop-before")) over.before(dragged);
    else over.after(dragged);
    keep();
  }
});
page.addEventListener("dragend", () => {
  clear();
  dragged = null;
});
