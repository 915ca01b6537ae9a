// The answering page: keys, moving between questions, and answers that are saved as they are given.
//
// What is given goes into a queue kept in this browser, is sent one at a time, and leaves the queue when the server has it.
// So a lost connection, a closed lid or a reload loses nothing. Without this script the page is plain forms.

const page = document.getElementById("answering");
const store = `answering:${page.dataset.assessment}`;
const words = page.dataset;
const token = () => document.querySelector("meta[name=csrf-token]").content;

const topics = () => [...page.querySelectorAll("section.topic")];
const questionsOf = (topic) => [...topic.querySelectorAll("fieldset.question")];
const everything = () => page.classList.contains("all");
const current = () => topics().find((topic) => !topic.hidden && (!everything() || topic.classList.contains("current")));
const inputs = (question) => [...question.querySelectorAll("input[name^='a-']")];

// ── The queue ──
let queue = [];
try {
  queue = JSON.parse(localStorage.getItem(store)) ?? [];
} catch {
  queue = [];
}
let sending = null;
let lost = false;
let wait = 1000;
let timer = 0;
let given = 0; // counts what was given here, so that news that was asked for before is not taken for newer

function keep() {
  try {
    if (queue.length) localStorage.setItem(store, JSON.stringify(queue));
    else localStorage.removeItem(store);
  } catch {
    // No room or not allowed: the queue still lives as long as the page.
  }
}

function put(item) {
  // A later answer to the same question takes the place of one that waits; one that is on its way is left alone.
  const same = (other) => other.address === item.address && other.topic === item.topic && other.part === item.part;
  queue = queue.filter((other) => other === sending || !same(other));
  given += 1;
  item.fields.push(["once", `${Date.now()}-${Math.random()}`]); // so that one sent again is not taken for a new one
  queue.push(item);
  keep();
  send();
}

async function send() {
  if (sending || !queue.length) return;
  clearTimeout(timer);
  const item = queue[0];
  sending = item;
  say("saving");
  const response = await fetch(item.address, {
    method: "POST",
    body: new URLSearchParams(item.fields),
    headers: { "X-CSRFToken": token(), "HX-Request": "true" },
    credentials: "same-origin",
    redirect: "manual",
    signal: AbortSignal.timeout(15000),
  }).catch(() => null);
  const html = response && (response.ok || response.status === 422) ? await response.text().catch(() => null) : null;
  sending = null;
  if (html !== null) {
    queue = queue.filter((other) => other !== item);
    keep();
    // While answers wait, what the server says is older than what the page shows; the last one brings it up to date.
    if (!queue.length || response.status === 422) swap(html);
    if (lost) toast(words.textBack, "success");
    lost = false;
    wait = 1000;
    send();
  } else if (response?.status === 409 && words.changes) {
    queue = [];
    keep();
    toast(words.textLate, "error");
    look();
  } else if (response?.status === 409 || response?.status === 404) {
    // Submitted or discarded meanwhile, here or by somebody else: its page says so.
    queue = [];
    keep();
    location.href = document.getElementById("review").href;
  } else {
    // No line, signed out (a redirect or a refused token), or the server is in trouble: keep, and try again.
    const out = response?.type === "opaqueredirect" || response?.status === 403;
    if (!lost) toast(out ? words.textSignedOut : words.textLost, "error");
    lost = true;
    say("failed");
    timer = setTimeout(send, wait);
    wait = Math.min(wait * 2, 15000);
  }
}

addEventListener("online", () => {
  wait = 1000;
  send();
});

const toast = (text, level) => document.dispatchEvent(new CustomEvent("toast", { detail: { text, level } }));

function say(state) {
  const saved = document.getElementById("saved");
  saved.classList.toggle("failed", state === "failed");
  if (state === "saving" && lost) return;
  saved.textContent = state === "failed" ? words.textOffline : words.textSaving;
}

/** Resolves once the queue is empty, or after a while if it can't be emptied. */
function flushed() {
  return new Promise((resolve) => {
    const look = (left) => (queue.length && left ? setTimeout(look, 50, left - 1) : resolve(!queue.length));
    look(100);
  });
}

function swap(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const part of fresh.querySelectorAll("[data-swap], #saved")) {
    const old = document.getElementById(part.id);
    // A part with the focus inside is replaced too, but the focus goes to its like.
    const focused = old?.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    old?.replaceWith(part);
    if (focused) part.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }
  mark();
}

// ── Answers ──
const CHOICE = "choice";

/** Which part of an answer a control belongs to: the choice, the comment or the evidence. Each is sent by itself, so that
 *  a comment does not bring back a choice that somebody else has changed meanwhile. */
const partOf = (input) => ({ "c-": "comment", "e-": "evidence" })[input.name.slice(0, 2)] ?? CHOICE;

function save(question, part = CHOICE) {
  const key = question.dataset.question;
  const fields = part === CHOICE ? [] : [["part", "more"]];
  for (const input of question.querySelectorAll("input, textarea")) {
    if ((input.type === "radio" || input.type === "checkbox") && !input.checked) continue;
    if (input.name && partOf(input) === part) fields.push([input.name, input.value]);
  }
  put({ address: `${location.pathname}${encodeURIComponent(key)}/`, topic: "", part, fields });
}

function confirmTopic(topic) {
  if (!topic.querySelector("[data-state=carried]")) return;
  put({ address: location.pathname.replace(/answer\/$/, "confirm/"), topic: topic.dataset.topic, fields: [["topic", topic.dataset.topic]] });
  for (const state of topic.querySelectorAll("[data-state=carried]")) state.dataset.state = "confirming";
}

/** "None of these" and n/a go with nothing else; the server knows which options are worth nothing and says so. */
function alone(question, chosen) {
  if (question.dataset.control === "radio") return;
  for (const other of inputs(question)) if (other !== chosen && (other.value === "na") !== (chosen.value === "na")) other.checked = false;
}

page.addEventListener("change", (event) => {
  const question = event.target.closest("fieldset.question");
  if (!question) return;
  if (event.target.name.startsWith("a-") && event.target.checked) alone(question, event.target);
  if (event.target.value === "na" && event.target.checked) {
    const value = question.querySelector(".question-value");
    if (value) value.value = "";
  }
  typing.delete(event.target);
  save(question, partOf(event.target));
});

// After a click the arrows shall move, not choose: a radio button with the focus would take them.
let pointed = false;
page.addEventListener("pointerdown", () => (pointed = true));
page.addEventListener("keydown", () => (pointed = false), true);
page.addEventListener("click", (event) => {
  const question = event.target.closest("fieldset.question");
  if (pointed && question && event.target.matches("input[type=radio], input[type=checkbox]")) focus(question);
});

// ── Moving ──
function focus(question) {
  for (const other of page.querySelectorAll(".question.current")) other.classList.remove("current");
  question.classList.add("current");
  question.focus({ preventScroll: true });
  question.scrollIntoView({ block: "nearest" });
}

function mark() {
  const key = current()?.dataset.topic;
  for (const link of page.querySelectorAll("#topics a")) {
    if (link.dataset.go === key) {
      link.setAttribute("aria-current", "step");
      const list = link.closest("nav");
      list.scrollTo({ left: link.offsetLeft - 24, top: link.offsetTop - list.clientHeight / 2 });
    } else {
      link.removeAttribute("aria-current");
    }
  }
}

function show(key, where = "first") {
  const topic = document.getElementById(`topic-${key}`);
  if (!topic) return;
  for (const other of topics()) {
    other.classList.toggle("current", other === topic);
    if (!everything() || "rest" in other.dataset) other.hidden = other !== topic;
  }
  const questions = questionsOf(topic);
  const open = questions.find((question) => question.querySelector("[data-state=open]"));
  mark();
  const address = new URL(location.href);
  address.searchParams.set("topic", key);
  history.replaceState(null, "", address);
  const target = where === "last" ? questions.at(-1) : (open ?? questions[0]);
  if (!everything()) scrollTo(0, 0);
  if (target) return focus(target);
  // The last step has no question: its button has the keys, so that Enter confirms.
  for (const other of page.querySelectorAll(".question.current")) other.classList.remove("current");
  topic.querySelector("button.main").focus({ preventScroll: !everything() });
}

async function review() {
  if (await flushed()) location.href = document.getElementById("review").href;
}

/** Enter: confirms what was carried over; goes to what is still open in the topic, else to the next topic or the review. */
function goOn(topic) {
  confirmTopic(topic);
  const at = topic.querySelector(".question.current");
  const open = questionsOf(topic).find((q) => q !== at && isOpen(q) && q.dataset.control !== "text");
  if (open && !(at && isOpen(at))) focus(open);
  else if (topic.dataset.next) show(topic.dataset.next);
  else review();
}

const isOpen = (question) => !inputs(question).some((input) => input.checked) && !question.querySelector(".question-value")?.value;

page.addEventListener("submit", (event) => {
  const topic = event.target.closest("section.topic");
  if (!topic) return;
  event.preventDefault();
  confirmTopic(topic);
  if (topic.dataset.next) show(topic.dataset.next);
  else review();
});

page.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("[data-go]");
  if (link) {
    event.preventDefault();
    show(link.dataset.go);
  } else if (event.target.closest("[data-review]")) {
    event.preventDefault();
    review();
  }
});

page.addEventListener("focusin", (event) => {
  const question = event.target.closest("fieldset.question");
  if (!question || question.classList.contains("current")) return;
  for (const other of page.querySelectorAll(".question.current")) other.classList.remove("current");
  question.classList.add("current");
  for (const topic of topics()) topic.classList.toggle("current", topic.contains(question));
  mark();
});

// ── Keys ──
function step(question, by) {
  const shown = everything() ? topics().filter((each) => !each.hidden).flatMap(questionsOf) : questionsOf(current());
  const at = shown.indexOf(question);
  if (shown[at + by]) return focus(shown[at + by]);
  const topic = current();
  if (!everything() && by > 0 && topic.dataset.next) show(topic.dataset.next);
  if (!everything() && by < 0 && topic.dataset.previous) show(topic.dataset.previous, "last");
}

function choose(question, digit) {
  const input = question.querySelector(`input[data-digit="${digit}"]`);
  if (!input) return;
  take(question, input, input.type === "radio" || !input.checked);
  if (input.type === "radio") after(question);
}

function take(question, input, checked) {
  input.checked = checked;
  if (checked) alone(question, input);
  save(question);
}

/** After an answer the next question of the topic has the keys; after the last one Enter goes on. */
function after(question) {
  const rest = questionsOf(question.closest("section.topic"));
  const next = rest[rest.indexOf(question) + 1];
  if (next) focus(next);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.querySelector(":popover-open")) return;
  const target = event.target;
  const inText = target.matches("textarea, input:not([type=radio], [type=checkbox]), select");
  const topic = current();
  const question = page.querySelector(".question.current") ?? (topic && questionsOf(topic)[0]);
  if (!topic) return;
  if (!question) return lastStep(event, topic, target);
  if (inText) {
    if (event.key === "Escape" && page.contains(target)) focus(question);
    return;
  }
  if (document.documentElement.dataset.keys === "off" && event.key.length === 1) return;
  const radio = target.matches("input[type=radio]");
  const handled = act(event.key, topic, question, radio, target);
  if (handled) event.preventDefault();
});

/** The step that confirms the rest: Enter wherever the focus is, and back by the arrow. */
function lastStep(event, topic, target) {
  if (event.key === "Enter" && !target.closest("a, button, summary")) topic.querySelector("form").requestSubmit();
  else if (event.key === "ArrowLeft" && topic.dataset.previous) show(topic.dataset.previous);
  else return;
  event.preventDefault();
}

function act(key, topic, question, radio, target) {
  if (/^[0-9]$/.test(key)) choose(question, key);
  else if (key === "Enter" && !target.closest("a, button, summary")) goOn(topic);
  else if (key === "ArrowDown" && !radio) step(question, 1);
  else if (key === "ArrowUp" && !radio) step(question, -1);
  else if (key === "ArrowRight" && !radio) topic.dataset.next && show(topic.dataset.next);
  else if (key === "ArrowLeft" && !radio) topic.dataset.previous && show(topic.dataset.previous);
  else if (key === "n") notApplicable(question);
  else if (key === "c") more(question, "textarea[name^='c-']");
  else if (key === "e") more(question, "input[name^='e-']");
  else if (key === "Backspace") takeBack(question);
  else return false;
  return true;
}

function notApplicable(question) {
  const input = question.querySelector("input[value=na]");
  if (!input) return;
  const value = question.querySelector(".question-value");
  if (value) value.value = "";
  take(question, input, input.type === "radio" || !input.checked);
  if (input.type === "radio") after(question);
}

function more(question, selector) {
  question.querySelector("details").open = true;
  question.querySelector(selector).focus();
}

function takeBack(question) {
  for (const input of inputs(question)) input.checked = false;
  save(question);
}

// ── Together: what others change ──
const EVERY = 700;
const typing = new Set(); // fields with something typed that is not sent yet: nobody else's text may take its place
let revision = Number(words.revision);
let away = 0;
let asking = false;
let ended = false;

page.addEventListener("input", (event) => {
  if (event.target.matches("textarea, input:not([type=radio], [type=checkbox])")) typing.add(event.target);
});
page.addEventListener("focusout", (event) => {
  if (typing.delete(event.target)) revision = -1; // typed and taken back: what came meanwhile is asked for again
});

async function look() {
  if (!words.changes || asking || ended || document.hidden || queue.length || !navigator.onLine) return;
  const before = given;
  asking = true;
  const response = await fetch(`${words.changes}?revision=${revision}`, {
    headers: { "HX-Request": "true" },
    credentials: "same-origin",
    redirect: "manual",
    signal: AbortSignal.timeout(10000),
  }).catch(() => null);
  const html = response?.status === 200 ? await response.text().catch(() => null) : null;
  asking = false;
  sayAway(!response || response.status >= 500);
  if (before !== given) return; // something was given here meanwhile: what came is older than that
  if (html) takeOver(html);
  else if (response?.status === 404) end(words.textGone);
}

/** Says when what others change does not come any more; a single miss is nothing. */
function sayAway(missed) {
  const was = away >= 3;
  away = missed ? away + 1 : 0;
  if (was === away >= 3) return;
  const saved = document.getElementById("saved");
  saved.textContent = missed ? words.textAway : "";
  saved.classList.toggle("failed", missed);
}

function takeOver(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const news = fresh.getElementById("news");
  if (!news) return;
  revision = Number(news.dataset.revision);
  for (const question of news.querySelectorAll("fieldset.question")) fill(question);
  swap(html);
  if (document.querySelector("#ended[data-ended]")) end();
}

/** What somebody answered goes into the question as it stands, so that focus, cursor and what is being typed stay. */
function fill(theirs) {
  const ours = document.getElementById(theirs.id);
  if (!ours) return;
  for (const input of ours.querySelectorAll("input, textarea")) {
    const like = [...theirs.querySelectorAll("input, textarea")].find(
      (other) => other.name === input.name && (!isChoice(input) || other.value === input.value),
    );
    if (!like || typing.has(input)) continue;
    if (isChoice(input)) input.checked = like.checked;
    else input.value = like.value;
  }
  if (theirs.querySelector("details[open]")) ours.querySelector("details").open = true;
}

const isChoice = (input) => input.type === "radio" || input.type === "checkbox";

/** Submitted or discarded by somebody: nothing more can be given here. */
function end(text = "") {
  ended = true;
  for (const control of page.querySelectorAll("#work :is(input, textarea, button)")) control.disabled = true;
  if (text) document.getElementById("ended").textContent = text;
}

if (words.changes) setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);
addEventListener("online", look);

// ── Start ──
// Answers that waited when the page was left stand in the queue: show them as given, and send them.
for (const item of queue) {
  const waiting = new Map();
  for (const [name, value] of item.fields) waiting.set(name, [...(waiting.get(name) ?? []), value]);
  const question = item.topic ? null : page.querySelector(`[data-question="${CSS.escape(decodeURIComponent(item.address.split("/").at(-2)))}"]`);
  if (!question) continue;
  for (const input of question.querySelectorAll("input, textarea")) {
    if (item.part && partOf(input) !== item.part) continue;
    const values = waiting.get(input.name) ?? [];
    if (input.type === "radio" || input.type === "checkbox") input.checked = values.includes(input.value);
    else input.value = values[0] ?? "";
  }
}
send();

const start = new URLSearchParams(location.search).get("topic");
const first = topics().find((topic) => !topic.hidden && (!everything() || topic.dataset.topic === start)) ?? topics()[0];
if (first && !page.querySelector("[role=alert]")) show(first.dataset.topic);
