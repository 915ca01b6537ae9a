// The performance scorecard by keyboard: r opens the form that notes a review; its note takes the focus.

const review = document.getElementById("review");
const typing = (node) => node.isContentEditable || node.matches("textarea, select, input:not([type=checkbox], [type=radio])");

if (review) {
  review.addEventListener("toggle", (event) => {
    if (event.newState === "open") review.querySelector("textarea").focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.documentElement.dataset.keys === "off" || typing(event.target) || event.key !== "r") return;
    if (document.querySelector("dialog:popover-open")) return;
    event.preventDefault();
    review.showPopover();
  });
}
