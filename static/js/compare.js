// The page Compare by keyboard: 1 and 2 take a side's answer, 3 gives another, arrows move, Enter goes to what is open.
// Without this script the page is a plain form.

const page = document.getElementById("compare");
const questions = [...page.querySelectorAll("fieldset.compare-question")];
const radios = (question) => [...question.querySelectorAll("input[type=radio][data-digit]")];
const settled = (question) => radios(question).some((radio) => radio.checked);
const typing = (node) => node.matches("textarea, select, input:not([type=radio], [type=checkbox])");

let at = null;

function count() {
  page.querySelector("[data-open]").textContent = questions.filter((question) => !settled(question)).length;
}

function mark(question) {
  for (const other of questions) other.classList.toggle("current", other === question);
  at = question;
}

function focus(question) {
  mark(question);
  question.focus({ preventScroll: true });
  question.scrollIntoView({ block: "center" });
}

/** The next question after this one that nobody settled, else one before it; when all are, the button. */
function goOn(from) {
  const place = questions.indexOf(from);
  const next = [...questions.slice(place + 1), ...questions.slice(0, place + 1)].find((question) => !settled(question));
  if (next) focus(next);
  else page.querySelector("[data-agree]").focus();
}

function choose(question, digit) {
  const radio = radios(question).find((each) => each.dataset.digit === digit);
  if (!radio) return;
  radio.checked = true;
  count();
  if (digit === "3") question.querySelector(".other :is(select, input:not([type=radio]), textarea)").focus();
  else goOn(question);
}

page.addEventListener("change", (event) => {
  const question = event.target.closest("fieldset.compare-question");
  if (!question) return;
  // Whoever gives another answer has chosen to.
  if (event.target.name.startsWith("a-") || event.target.name.startsWith("v-")) {
    question.querySelector("input[value=other]").checked = true;
  }
  count();
});

page.addEventListener("focusin", (event) => {
  const question = event.target.closest("fieldset.compare-question");
  if (question) mark(question);
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.querySelector(":popover-open")) return;
  const target = event.target;
  if (typing(target)) {
    const question = target.closest("fieldset.compare-question");
    if (question && (event.key === "Escape" || (event.key === "Enter" && target.matches("select")))) {
      event.preventDefault();
      if (event.key === "Enter") goOn(question);
      else focus(question);
    }
    return;
  }
  if (document.documentElement.dataset.keys === "off" && event.key.length === 1) return;
  if (act(event.key, target)) event.preventDefault();
});

function act(key, target) {
  const radio = target.matches("input[type=radio]");
  if (/^[123]$/.test(key)) at ? choose(at, key) : goOn(questions.at(-1));
  else if (key === "ArrowDown" && !radio) step(1);
  else if (key === "ArrowUp" && !radio) step(-1);
  else if (key === "c" && at) at.querySelector("textarea[name^='c-']").focus();
  else if (key === "Enter" && !target.closest("a, button, summary")) goOn(at ?? questions.at(-1));
  else return false;
  return true;
}

function step(by) {
  const next = at ? questions[questions.indexOf(at) + by] : questions[0];
  if (next) focus(next);
}

count();
const refused = page.querySelector("#errors");
if (refused) refused.focus();
