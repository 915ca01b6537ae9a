from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import links
from accounts.access import open_page

# purpose → the page it opens, given the link's target; apps add theirs
PAGES: dict[str, str] = {}


@open_page
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Enters by a mailed link and goes on to the one page it is for."""
    link = links.by_token(token)
    if link is None or link.purpose not in PAGES:
        raise Http404
    links.enter(request, link)
    return redirect(PAGES[link.purpose], link.target_id)
