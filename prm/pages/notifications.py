from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import anyone_signed_in


@anyone_signed_in
def notifications(request: HttpRequest) -> HttpResponse:
    """The lines under the bell, newest first; showing them marks them read."""
    page = Paginator(request.user.notifications.all(), 25).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    fresh = {line.pk for line in shown if line.read_at is None}
    if fresh:
        request.user.notifications.filter(pk__in=fresh).update(read_at=timezone.now())
    return render(request, "common/notifications.html", {"page": page, "lines": shown, "fresh": fresh})
