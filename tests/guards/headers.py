"""What every answer must say to the browser, whatever it is: page, file, redirect, error."""

from typing import Any

POLICY = {
    "default-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "object-src": {"'none'"},
    "base-uri": {"'self'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
}
OF_UPLOADS = {"default-src": {"'none'"}, "sandbox": set()}  # what people upload may do nothing at all
SAID = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def check(response: Any) -> None:
    """Raises AssertionError where a header is missing or looser than it should be."""
    where = f"{response.request['REQUEST_METHOD']} {response.request['PATH_INFO']} → {response.status_code}"
    sent = response.headers.get("Content-Security-Policy", "")
    directives = {name: set(sources) for name, *sources in (part.split() for part in sent.split(";") if part.strip())}
    is_file = "attachment" in response.headers.get("Content-Disposition", "")
    assert directives == POLICY or (is_file and directives == OF_UPLOADS), f"{where}: Content-Security-Policy: {sent!r}"
    for name, value in SAID.items():
        assert response.headers.get(name) == value, f"{where}: {name}: {response.headers.get(name)!r}"
    kind = response.headers.get("Content-Type", "")
    if kind and not kind.startswith(("text/html", "text/css", "text/javascript", "image/", "application/json",
                                     "application/problem+json", "text/vnd", "font/")):  # fmt: skip
        assert "attachment" in response.headers.get("Content-Disposition", ""), f"{where}: {kind} is not an attachment"
    for name, morsel in response.cookies.items():
        if not morsel.value:
            continue  # taken back
        assert morsel["samesite"] == "Lax", f"{where}: cookie {name}"
        assert morsel["httponly"] or name in ("csrftoken", "theme"), f"{where}: cookie {name}"
