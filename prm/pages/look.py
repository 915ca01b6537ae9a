"""How the vendor looks: its colour and logo. And, for developers, all parts pages are made of."""

import mimetypes

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import anyone_signed_in, open_page
from prm.common import components_demo

YEAR = "private, max-age=31536000"  # both addresses carry what they depend on


@open_page
def theme_css(request: HttpRequest) -> HttpResponse:
    """The vendor's accent colour, as a style sheet because inline styles are forbidden."""
    accent = request.vendor_settings.accent
    css = f":root{{--accent-own:{accent};}}" if accent else ""
    return HttpResponse(css, content_type="text/css", headers={"Cache-Control": YEAR})


@open_page
def logo(request: HttpRequest) -> FileResponse:
    file = request.vendor_settings.logo
    if not file or not file.storage.exists(file.name):
        raise Http404
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    headers = {"Cache-Control": YEAR, "X-Content-Type-Options": "nosniff"}
    return FileResponse(file.open("rb"), content_type=kind, headers=headers)


@anyone_signed_in
def components(request: HttpRequest) -> HttpResponse:
    """All UI components in all their states, for developers."""
    return render(request, "components.html", components_demo.context())
