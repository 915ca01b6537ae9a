from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts import links
from accounts.access import open_page

# purpose → the page it opens, given the link's target; apps add theirs
PAGES: dict[str, str] = {}


@open_page
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Enters by a mailed link and goes on to the one page it is for."""
    link = links.by_token(token)
    if link is None or link.purpose not in PAGES:
        return render(request, "accounts/link_dead.html", {"token": token}, status=404)
    links.enter(request, link)
    return redirect(PAGES[link.purpose], link.target_id)


@open_page
@require_POST
def renew_link(request: HttpRequest, token: str) -> HttpResponse:
    """Says the same of every token, so that nobody learns from it which links there were."""
    links.renew(token)
    return render(request, "accounts/link_renewed.html", status=202)
