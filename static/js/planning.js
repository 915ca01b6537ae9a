// The steps of a business plan: the result follows each change, and what is typed is saved as a field is left.
//
// One request at a time: what is typed meanwhile goes with the next one. Without this script the page is plain forms.

const page = document.getElementById("planning");
const form = document.querySelector("form[data-plan]");
const words = page?.dataset ?? {};
const token = () => document.querySelector("meta[name=csrf-token]").content;

let wanted = null; // "show" or "keep": what the next request is for; null where nothing changed
let busy = false;
let wait = 1000;
let timer = 0;
let unsaved = false;
let typed = false; // since what was last sent to be kept
let lost = false;
let then = null; // what waits until all is saved

// ── Following each change ──
const isField = (target) => target.name && !target.name.startsWith("base-") && !["product", "add", "remove"].includes(target.name);

function ask(what) {
  wanted = wanted === "keep" ? "keep" : what;
  unsaved = true;
  if (!busy) send();
}

async function send() {
  clearTimeout(timer);
  const what = wanted;
  wanted = null;
  busy = true;
  if (what === "keep") typed = false;
  if (what === "keep") say(words.textSaving);
  const body = new URLSearchParams(new FormData(form));
  if (what === "keep") body.set("keep", "1");
  const response = await fetch(form.action, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": token(), "HX-Request": "true" },
    credentials: "same-origin",
    redirect: "manual",
    keepalive: what === "keep",
    signal: AbortSignal.timeout(15000),
  }).catch(() => null);
  const html = response?.ok || response?.status === 422 ? await response.text().catch(() => null) : null;
  busy = false;
  if (html === null) return failed(response, what);
  wait = 1000;
  lost = false;
  const fresh = new DOMParser().parseFromString(html, "text/html");
  if (response.ok) {
    mark(new Map());
    swap(fresh);
    if (what === "keep" && !wanted && !typed) unsaved = false;
    if (what === "keep") document.body.dispatchEvent(new CustomEvent("plan-saved"));
  } else {
    mark(new Map([...fresh.querySelectorAll("[data-for]")].map((each) => [each.dataset.for, each.textContent])));
    if (what === "keep") say(words.textWrong, true);
  }
  if (wanted) return send();
  const go = response.ok ? then : null;
  then = null;
  go?.();
}

/** Leaves the page only when what was typed is saved; where that is refused or lost, it stays. */
function leave() {
  page.addEventListener("submit", (event) => {
    const { target, submitter } = event;
    if (target === form ? !busy : !waits()) {
      if (target === form) unsaved = typed = false; // all of it goes along
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
}

/** Whether something is still to be saved, which is sent now if it isn't on its way. What was refused is not sent again unchanged:
 *  who goes all the same is warned by the browser. */
function waits() {
  if (typed) ask("keep");
  return busy;
}

function failed(response, what) {
  then = null;
  if (response && [404, 409].includes(response.status)) {
    // Somebody else changed, signed or discarded it: the page as a whole shows both, or says what happened.
    unsaved = typed = false;
    form.requestSubmit(form.querySelector("[name=stay]") ?? undefined);
    return;
  }
  wanted = wanted === "keep" ? "keep" : what;
  if (!lost) document.dispatchEvent(new CustomEvent("toast", { detail: { text: words.textLeave, level: "error" } }));
  lost = true;
  say(words.textOffline, true);
  timer = setTimeout(send, wait);
  wait = Math.min(wait * 2, 15000);
}

function swap(fresh) {
  for (const part of fresh.querySelectorAll("[data-swap], #saved")) {
    const old = document.getElementById(part.id);
    if (!old) continue;
    const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const open = [...old.querySelectorAll("details[open]")].map((each) => each.closest("[id]")?.id);
    const scrolled = old.querySelector(".table-scroll")?.scrollLeft ?? 0;
    old.replaceWith(part);
    for (const id of open) document.getElementById(id)?.querySelector("details")?.setAttribute("open", "");
    if (scrolled) part.querySelector(".table-scroll")?.scrollTo({ left: scrolled });
    if (focused) part.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
    if (window.htmx) window.htmx.process(part);
  }
}

function say(text, bad = false) {
  const saved = document.getElementById("saved");
  saved.textContent = text;
  saved.classList.toggle("failed", bad);
}

/** Puts each message at its field and takes the others away; a field that is being typed in is told when it is left. */
function mark(errors) {
  for (const place of form.querySelectorAll(".field-error[id$=_error]")) {
    const field = document.getElementById(place.id.slice(0, -"_error".length));
    const text = errors.get(field?.id) ?? "";
    if (text && field === document.activeElement && wanted !== "keep" && !field.hasAttribute("aria-invalid")) continue;
    place.textContent = text;
    place.hidden = !text;
    place.closest(".plan-field").classList.toggle("wrong", Boolean(text));
    const described = (field?.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== place.id);
    if (text) described.push(place.id);
    if (field) {
      if (text) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
      if (described.length) field.setAttribute("aria-describedby", described.join(" "));
      else field.removeAttribute("aria-describedby");
    }
  }
  if (!errors.size) document.getElementById("problems")?.remove();
}

function follow() {
  form.addEventListener("input", (event) => {
    if (!isField(event.target)) return;
    calendar(event.target);
    unsaved = typed = true;
    if (!event.target.matches("textarea")) ask("show");
  });
  form.addEventListener("change", (event) => {
    if (isField(event.target)) ask("keep");
  });
  form.addEventListener("keydown", (event) => {
    // Enter would press the form's first button, which in the last step asks both sides to sign.
    if (event.key === "Enter" && event.target.name === "scenario") event.preventDefault();
  });
  addEventListener("online", () => wanted && !busy && send());
  // Reloaded or closed with something typed: it is sent on the way out.
  addEventListener("pagehide", () => {
    if (!unsaved) return;
    const body = new URLSearchParams(new FormData(form));
    body.set("keep", "1");
    fetch(form.action, { method: "POST", body, headers: { "X-CSRFToken": token(), "HX-Request": "true" }, keepalive: true }).catch(() => {});
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
}

// ── Small helps ──

/** The calendar month beside a month of the plan. */
function calendar(field) {
  const place = field.dataset.month && document.getElementById(field.dataset.month);
  const first = document.getElementById("planning")?.dataset.first;
  if (!place || !first) return;
  const month = Number(field.value);
  const [year, of] = first.split("-").map(Number);
  const valid = Number.isInteger(month) && month >= 1 && month <= 36;
  const day = new Date(Date.UTC(year, of - 1 + month - 1, 1));
  const shown = new Intl.DateTimeFormat(document.documentElement.lang, { month: "short", year: "numeric", timeZone: "UTC" });
  place.textContent = valid ? shown.format(day) : "";
}

document.addEventListener("click", (event) => {
  const take = event.target.closest("[data-take]");
  if (!take) return;
  const field = document.getElementById(take.dataset.take);
  field.value = take.dataset.value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  field.focus();
});

const keys = () => document.documentElement.dataset.keys !== "off";

addEventListener("keydown", (event) => {
  const main = document.querySelector(".planning-head .button.primary");
  if (!main || event.defaultPrevented) return;
  if (event.key === "Enter" && event.ctrlKey && event.target.matches("textarea")) main.click();
  else if (event.key === "Enter" && event.target === document.body && keys() && !event.repeat) main.click();
  else if (event.altKey && !event.ctrlKey && !event.metaKey && /^Digit[1-6]$/.test(event.code) && keys()) {
    document.querySelectorAll(".planning-head .stepper a")[Number(event.code.at(-1)) - 1]?.click();
    event.preventDefault();
  }
});

if (form) {
  follow();
  leave();
}

// A row that was just added is named first.
if (form && /^#[a-z]+-\d+$/.test(location.hash)) {
  const name = document.querySelector(`${location.hash} .plan-name input`);
  name?.focus();
  name?.select();
}
document.querySelector("#problems")?.focus();
for (const step of document.querySelectorAll(".planning-head .step[aria-current]")) {
  const list = step.closest("nav");
  list.scrollLeft = step.offsetLeft - 12;
}
