"""What a browser sends of a form in which nothing was touched."""

from typing import Any

from tests.guards.html import parse


def sent(client: Any, url: str, action: str) -> dict[str, Any]:
    """The fields of the form on the page at `url` that is sent to `action`, without its buttons."""
    root, _problems = parse(client.get(url).content.decode())
    form = next(form for form in root.all("form") if form["action"] == action)
    found: dict[str, Any] = {}
    for field in form.all("input"):
        if field["name"] and (field["type"] not in ("radio", "checkbox") or "checked" in field):
            usual = "on" if field["type"] == "checkbox" else ""
            found.setdefault(field["name"], []).append(field["value"] or usual)
    for area in form.all("textarea"):
        found[area["name"]] = [area.text.lstrip("\n")]
    for select in form.all("select"):
        options = list(select.all("option"))
        chosen = [option for option in options if "selected" in option] or options[:1]
        found[select["name"]] = [option["value"] for option in chosen]
    return found
