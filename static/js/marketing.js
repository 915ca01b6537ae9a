// The builder of a marketing plan: the figures follow each change, and what is typed is saved as a field is left.
//
// Each card is a form of its own. One request at a time: what is typed meanwhile goes with the next one. Without this
// script the page is plain forms.

const page = document.getElementById("marketing");
const words = page.dataset;
const forms = () => [...page.querySelectorAll("form[data-autosave]")];
const token = () => document.querySelector("meta[name=csrf-token]").content;
const BEGIN = 1000;
const LONGEST = 15000;

const wanted = new Map(); // form → "show" or "keep": what its next request is for
const typed = new Set(); // forms with something typed since they were last sent to be kept
const refused = new Set(); // forms that hold something wrong
let busy = false;
let wait = BEGIN;
let timer = 0;
let lost = false;
let then = null; // what waits until all is saved

const unsaved = () => typed.size > 0 || refused.size > 0 || [...wanted.values()].includes("keep");

// ── Following each change ──
function ask(form, what) {
  wanted.set(form, wanted.get(form) === "keep" ? "keep" : what);
  if (!busy) send();
}

async function send() {
  clearTimeout(timer);
  const [form, what] = [...wanted].find(([, each]) => each === "keep") ?? [...wanted][0];
  const keeps = what === "keep";
  wanted.delete(form);
  busy = true;
  if (keeps) {
    typed.delete(form);
    say(words.textSaving);
  }
  const body = new URLSearchParams(new FormData(form));
  if (keeps) body.set("keep", "1");
  const response = await fetch(form.action, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": token(), "HX-Request": "true" },
    credentials: "same-origin",
    redirect: "manual",
    keepalive: keeps,
    signal: AbortSignal.timeout(LONGEST),
  }).catch(() => null);
  const html = response?.ok || response?.status === 422 ? await response.text().catch(() => null) : null;
  busy = false;
  if (html === null) return failed(response, form, what);
  wait = BEGIN;
  lost = false;
  const fresh = new DOMParser().parseFromString(html, "text/html");
  if (response.ok) {
    mark(form, new Map());
    if (keeps) refused.delete(form);
    swap(fresh);
    if (keeps && refused.size) say(words.textWrong, true);
  } else {
    mark(form, new Map([...fresh.querySelectorAll("[data-for]")].map((each) => [each.dataset.for, each.textContent])));
    if (keeps) {
      refused.add(form);
      say(words.textWrong, true);
    }
  }
  if (wanted.size) return send();
  const go = response.ok ? then : null;
  then = null;
  go?.();
}

function failed(response, form, what) {
  if (response && [404, 409].includes(response.status)) {
    // Somebody else changed, sent or discarded it: the page as a whole says so, with what was typed here.
    then = null;
    wanted.clear();
    typed.clear();
    refused.clear();
    form.requestSubmit(form.querySelector("[name=stay]") ?? undefined);
    return;
  }
  wanted.set(form, wanted.get(form) === "keep" ? "keep" : what);
  if (!lost) document.dispatchEvent(new CustomEvent("toast", { detail: { text: words.textLeave, level: "error" } }));
  then = null;
  lost = true;
  say(words.textOffline, true);
  timer = setTimeout(send, wait);
  wait = Math.min(wait * 2, LONGEST);
}

/** Puts the fresh parts in place of the old ones; what was open in them stays open. */
function swap(fresh) {
  for (const part of fresh.querySelectorAll("[data-swap], [data-swap-quiet], #saved")) {
    const old = document.getElementById(part.id);
    // A field that follows others stays as it is while somebody is in it.
    if (!old || (part.matches("[data-swap-quiet]") && old.contains(document.activeElement))) continue;
    const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const open = [...old.querySelectorAll("details[open]")].map((each) => each.id);
    old.replaceWith(part);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focused) part.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }
}

function say(text, bad = false) {
  const saved = document.getElementById("saved");
  saved.textContent = text;
  saved.classList.toggle("failed", bad);
}

/** Puts each message at its field and takes the others away; a field that is being typed in is told when it is left. */
function mark(form, errors) {
  for (const place of form.querySelectorAll(".field-error[id$=_error]")) {
    const field = document.getElementById(place.id.slice(0, -"_error".length));
    const text = errors.get(field?.id) ?? "";
    const typing = field === document.activeElement && wanted.get(form) !== "keep" && !field.hasAttribute("aria-invalid");
    if (!field || (text && typing)) continue;
    place.textContent = text;
    place.hidden = !text;
    place.closest(".plan-field").classList.toggle("wrong", Boolean(text));
    const described = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== place.id);
    if (text) described.push(place.id);
    if (text) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    if (described.length) field.setAttribute("aria-describedby", described.join(" "));
    else field.removeAttribute("aria-describedby");
    const folded = text && field.closest("details:not([open])");
    if (folded) folded.open = true;
  }
  const general = form.querySelector("[data-general]");
  if (general) {
    general.textContent = errors.get("") ?? "";
    general.hidden = !general.textContent;
  }
}

page.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-autosave]");
  if (!form || !event.target.name) return;
  spare(event.target);
  typed.add(form);
  if (event.target.matches("[data-figure]")) ask(form, "show");
});
page.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosave]");
  if (!form || !event.target.name) return;
  typed.add(form);
  ask(form, "keep");
});

// ── Leaving: only when what was typed is saved; where that is refused or lost, the page stays ──
function waits() {
  for (const form of typed) ask(form, "keep");
  return busy;
}

page.addEventListener("submit", (event) => {
  const { target, submitter } = event;
  if (target.matches("[data-autosave]")) typed.delete(target); // all of it goes along
  if (!waits()) {
    refused.delete(target);
    return;
  }
  event.preventDefault();
  then = () => target.requestSubmit(submitter);
});
page.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (!link || !plain || link.getAttribute("href").startsWith("#") || !waits()) return;
  event.preventDefault();
  then = () => link.click();
});
addEventListener("online", () => wanted.size && !busy && send());
// Reloaded or closed with something typed: it is sent on the way out.
addEventListener("pagehide", () => {
  for (const form of typed) {
    const body = new URLSearchParams(new FormData(form));
    body.set("keep", "1");
    fetch(form.action, { method: "POST", body, headers: { "X-CSRFToken": token(), "HX-Request": "true" }, keepalive: true }).catch(() => {});
  }
});
addEventListener("beforeunload", (event) => {
  if (unsaved()) event.preventDefault();
});

// ── Budget lines: the next one is there as the last is written in ──
function spare(field) {
  const row = field.closest("[data-spare]");
  if (!row || !field.value.trim()) return;
  const next = row.cloneNode(true);
  const number = Number(row.dataset.spare);
  row.removeAttribute("data-spare");
  next.dataset.spare = number + 1;
  for (const node of next.querySelectorAll("*")) {
    for (const name of ["id", "name", "for", "aria-describedby"]) {
      const value = node.getAttribute(name);
      if (value) node.setAttribute(name, value.replaceAll(`lines-${number}-`, `lines-${number + 1}-`));
    }
    node.removeAttribute("aria-invalid");
    if (node.matches("input")) node.value = "";
    if (node.matches(".wrong")) node.classList.remove("wrong");
    if (node.matches(".field-error")) {
      node.textContent = "";
      node.hidden = true;
    }
  }
  row.after(next);
}

// ── Keys ──
const keys = () => document.documentElement.dataset.keys !== "off";

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const card = event.target.closest?.("[data-activity]");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    document.querySelector("[data-main]")?.click();
    event.preventDefault();
  } else if (event.key === "Enter" && event.target.matches("form[data-autosave] :is(input, select)")) {
    // Kept where one is; it would press a button and load the page anew.
    event.preventDefault();
    ask(event.target.form, "keep");
  } else if (event.altKey && !event.ctrlKey && !event.metaKey && keys()) {
    if (card && ["ArrowUp", "ArrowDown"].includes(event.key)) {
      card.querySelector(`button[name=move][value=${event.key === "ArrowUp" ? "up" : "down"}]`)?.click();
      event.preventDefault();
    } else if (/^Digit[1-9]$/.test(event.code)) {
      const to = page.querySelectorAll("[data-activity]")[Number(event.code.at(-1)) - 1];
      to?.querySelector("input:not([type=hidden])")?.focus();
      to?.scrollIntoView({ block: "start" });
      event.preventDefault();
    }
  }
});

// An activity that was just added or moved is where one goes on.
if (/^#activity-\d+$/.test(location.hash)) {
  const field = document.querySelector(`${location.hash} input:not([type=hidden])`);
  field?.focus({ preventScroll: true });
  field?.select?.();
}
document.getElementById("problems")?.focus();
