// The boxes of checkboxes in a filter bar: say what is chosen, close on Escape and on a click elsewhere.

document.addEventListener("change", (event) => {
  const menu = event.target.closest(".check-menu");
  if (!menu) return;
  const chosen = [...menu.querySelectorAll("input:checked")].map((box) => box.parentElement.textContent.trim());
  const text = menu.querySelector(".check-menu-text");
  text.textContent = chosen.slice(0, 2).join(", ") + (chosen.length > 2 ? " …" : "") || text.dataset.any;
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".check-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest(".check-menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
