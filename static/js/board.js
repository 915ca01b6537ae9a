// The board of deals: cards by drag, and by arrows. Each move is the card's own form, sent with the stage it goes to.

let dragged = null;

const places = () => document.querySelectorAll(".board [data-stage], .board-targets [data-stage]");

function send(card, stage) {
  const form = card.querySelector(".board-moves");
  if (!form || card.closest("[data-stage]").dataset.stage === stage) return;
  const button = document.createElement("button");
  button.name = "stage";
  button.value = stage;
  button.hidden = true;
  form.append(button);
  button.click(); // not requestSubmit: htmx takes the button that was clicked for the one that sends
}

function over(place) {
  for (const each of places()) each.classList.toggle("over", each === place);
}

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".board-card[draggable]");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.id);
  // After the browser has taken its picture of the card: the targets come out and would be in it.
  requestAnimationFrame(() => {
    dragged?.classList.add("dragged");
    document.getElementById("board").classList.add("dragging");
  });
});

document.addEventListener("dragover", (event) => {
  if (!dragged) return;
  const place = event.target.closest?.("[data-stage]");
  if (place) event.preventDefault();
  over(place);
});

document.addEventListener("drop", (event) => {
  const place = dragged && event.target.closest?.("[data-stage]");
  if (!place) return;
  event.preventDefault();
  send(dragged, place.dataset.stage);
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  document.getElementById("board")?.classList.remove("dragging");
  over(null);
  dragged = null;
});

const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

function beside(card, [across, along]) {
  const columns = [...document.querySelectorAll(".board-column")];
  const cards = (column) => (column ? [...column.querySelectorAll(".board-card")] : []);
  let at = columns.indexOf(card.closest(".board-column"));
  const row = cards(columns[at]).indexOf(card);
  if (along) return cards(columns[at])[row + along];
  // Past columns without cards.
  do at += across;
  while (columns[at] && !cards(columns[at]).length);
  const there = cards(columns[at]);
  return there[Math.min(row, there.length - 1)];
}

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.(".board-card");
  const step = ARROWS[event.key];
  if (!card || !step || document.documentElement.dataset.keys === "off") return;
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.shiftKey) {
    if (!step[0]) return;
    event.preventDefault();
    card.querySelector(`[data-step="${step[0] < 0 ? "back" : "on"}"]`)?.click();
    return;
  }
  event.preventDefault();
  beside(card, step)?.querySelector(".board-name").focus();
});

// A card that went to a page of its column that isn't shown takes the focus along: the board has it then.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "board" && document.activeElement === document.body) document.querySelector(".board-name")?.focus();
});
