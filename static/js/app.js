// What every page needs: theme, messages, forms that can't be sent twice, htmx errors said in words.
// Pages and answers of the server speak through the event "toast" (detail: {text, level}), also as an HX-Trigger header.

const text = document.body.dataset;

// ── Theme: kept in a cookie, so that the server writes it into <html> and no page flashes ──
document.addEventListener("change", (event) => {
  if (event.target.name !== "theme") return;
  const theme = event.target.value;
  document.documentElement.dataset.theme = theme;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`;
});

// ── Toasts ──
const toasts = document.getElementById("toasts");

function toast({ text: words, level = "info", url }) {
  // The same words twice say nothing new.
  for (const old of toasts.children) if (old.dataset.words === words) old.remove();
  const node = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  node.dataset.words = words;
  node.classList.add(level);
  if (level !== "info") {
    const use = node.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${level}`));
  }
  const place = node.querySelector(".toast-text");
  if (url && url.startsWith("/") && !url.startsWith("//")) {
    const link = document.createElement("a");
    link.href = url;
    link.textContent = words;
    place.append(link);
  } else {
    place.textContent = words;
  }
  toasts.append(node);
  // Good news may go by itself, but not while someone is on it; anything else waits to be read.
  if (level === "success") {
    const leave = () => (node.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : node.remove());
    setTimeout(leave, 8000);
  }
}

document.addEventListener("toast", (event) => toast(event.detail));

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  if (button) button.closest(".banner").remove();
});

// ── Forms ──
// Disabled only after the browser has read the form: a disabled button's own name and value would not be sent.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("data-repeatable")) return;
  setTimeout(() => {
    if (event.defaultPrevented) return; // htmx or the page's own script took it
    for (const button of document.querySelectorAll("button")) {
      if (button.form === form && button.type === "submit") {
        button.disabled = true;
        button.dataset.sent = "";
        if (button === event.submitter) button.setAttribute("aria-busy", "true");
      }
    }
  });
});

// Coming back by the back button shows the page as it was left: buttons must work again.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[data-sent]")) {
    button.disabled = false;
    button.removeAttribute("aria-busy");
    delete button.dataset.sent;
  }
});

// Where the tabs don't all fit, the one the reader is on is in sight.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const tabs = tab.closest(".tabs");
  const [inner, outer] = [tab.getBoundingClientRect(), tabs.getBoundingClientRect()];
  tabs.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
}

// After a refused form the first thing read is what is wrong with it.
const focusErrors = () => document.querySelector("[data-focus]")?.focus();
if ((performance.getEntriesByType("navigation")[0]?.responseStatus ?? 422) === 422) focusErrors();

// ── Files ──
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const zone = event.target.closest?.("[data-dropzone]");
    if (!zone) return;
    event.preventDefault();
    zone.classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) {
      const input = zone.querySelector("input[type=file]");
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
}

// ── htmx ──
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector("meta[name=csrf-token]")?.content;
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token;
});

for (const kind of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(kind, () => toast({ text: text.textLost, level: "error" }));
}

document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  const words = status === 403 ? text.textForbidden : status === 404 || status === 410 ? text.textGone : text.textFailed;
  toast({ text: words, level: "error" });
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.xhr.status === 422) focusErrors();
});
