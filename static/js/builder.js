// The builder: order by drag and by Alt and arrows in the outline; lines of options that come as they are needed.
//
// Everything works without this script by links, buttons and forms. A move is sent as the form would send it; then the
// outline is taken from the page as it is now, while what is typed beside it stays.

const page = document.getElementById("builder");
const outline = () => document.getElementById("outline");
const links = () => [...outline().querySelectorAll(".outline-link")];
const say = (text, level) => document.dispatchEvent(new CustomEvent("toast", { detail: { text, level } }));

// ── Moves ──
const parse = async (response) => new DOMParser().parseFromString(await response.text(), "text/html");
let moves = Promise.resolve();

function move(address, fields) {
  moves = moves.then(() => send(address, fields)).catch(() => say(page.dataset.textFailed, "error"));
}

async function send(address, fields) {
  const response = await fetch(address, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content },
    credentials: "same-origin",
  });
  if (!response.ok) throw new Error(response.status);
  const refused = (await parse(response)).querySelector(".banner.error");
  const here = await fetch(location.href, { credentials: "same-origin" });
  if (!here.ok) throw new Error(here.status);
  const fresh = await parse(here);
  const scroll = outline().scrollTop;
  const focused = document.activeElement.closest?.("#outline [data-move]")?.dataset.move;
  outline().replaceWith(document.adoptNode(fresh.getElementById("outline")));
  outline().scrollTop = scroll;
  // What the page says of the place of the thing it shows.
  for (const place of ["#places", "#delete [name=seen]"]) {
    const now = fresh.querySelector(place);
    if (now) document.querySelector(place)?.replaceWith(document.adoptNode(now));
  }
  const moved = links().find((link) => link.dataset.move === address);
  if (focused) links().find((link) => link.dataset.move === focused)?.focus();
  if (refused) {
    say(refused.textContent.trim(), "error");
  } else if (moved) {
    moved.scrollIntoView({ block: "nearest" });
    const item = moved.closest("li");
    const all = [...item.parentElement.children];
    const words = { name: moved.textContent.trim(), place: all.indexOf(item) + 1, of: all.length };
    say(page.dataset.textMoved.replace(/{(\w+)}/g, (_all, name) => words[name]), "success");
  }
}

document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.("#outline .outline-link");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  const up = event.key === "ArrowUp";
  if (!event.altKey) {
    links()[links().indexOf(link) + (up ? -1 : 1)]?.focus();
  } else if (link.dataset.move) {
    move(link.dataset.move, { step: up ? "up" : "down" });
  }
});

// ── Drag ──
const ABOVE = { topic: "category", question: "topic" };
let dragged = null;
let drop = null;

function clear() {
  for (const mark of ["drop-before", "drop-after", "drop-into"]) {
    for (const item of document.querySelectorAll(`.${mark}`)) item.classList.remove(mark);
  }
  drop = null;
}

function aim(x, y) {
  clear();
  const under = document.elementFromPoint(x, y)?.closest("#outline li");
  if (!under) return;
  const { level } = dragged.dataset;
  const over = under.closest(`li[data-level=${level}]`);
  if (over === dragged) return;
  if (over) {
    const box = over.getBoundingClientRect();
    const before = y < box.top + box.height / 2;
    const siblings = [...over.parentElement.children].filter((item) => item !== dragged);
    const next = before ? over : siblings[siblings.indexOf(over) + 1];
    over.classList.add(before ? "drop-before" : "drop-after");
    drop = { to: over.dataset.to, before: next?.dataset.key ?? "" };
    return;
  }
  const into = ABOVE[level] && under.closest(`li[data-level=${ABOVE[level]}]`);
  if (!into) return;
  into.classList.add("drop-into");
  drop = { to: into.dataset.key, before: into.querySelector("li")?.dataset.key ?? "" };
}

function end(kept) {
  if (!dragged) return;
  const item = dragged;
  const to = drop;
  item.classList.remove("dragged");
  clear();
  dragged = null;
  if (kept && to) move(item.querySelector("[data-move]").dataset.move, to);
}

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.(".outline-grip");
  if (!grip || event.button) return;
  event.preventDefault();
  dragged = grip.closest("li");
  dragged.classList.add("dragged");
});

document.addEventListener("pointermove", (event) => {
  if (!dragged) return;
  const box = outline().getBoundingClientRect();
  if (event.clientY < box.top + 32) outline().scrollTop -= 12;
  if (event.clientY > box.bottom - 32) outline().scrollTop += 12;
  aim(event.clientX, event.clientY);
});

document.addEventListener("pointerup", () => end(true));
document.addEventListener("pointercancel", () => end(false));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") end(false);
});

// ── The form ──
const form = document.querySelector("form[data-form]");

// Of the empty lines of options only the next one is shown.
function spare() {
  let empty = 0;
  for (const line of document.querySelectorAll(".option-line")) {
    const typed = [...line.querySelectorAll("input:not([type=hidden]), textarea")].some((field) => field.value.trim());
    line.hidden = !typed && empty > 0;
    if (!typed) empty += 1;
  }
}
spare();

// The key that the server will make of the name, shown in its empty field.
const proposed = (name) => {
  const words = name.normalize("NFKD").replace(/[^\0-\x7f]/g, "").toLowerCase().match(/[a-z0-9]+/g) ?? [];
  let made = words.shift() ?? "";
  while (words.length && made.length + 1 + words[0].length <= 40) made += `-${words.shift()}`;
  return made;
};
const named = form?.querySelector("[name=name], [name=text]");
const key = form?.querySelector("[name=key]");
if (key) named.addEventListener("input", () => (key.placeholder = proposed(named.value)));

let changed = document.querySelector(".form-errors") !== null;
form?.addEventListener("input", () => {
  changed = true;
  spare();
});
form?.addEventListener("submit", () => {
  changed = false;
});
form?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("button[value=save]") ?? undefined);
});
addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});

outline().querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
