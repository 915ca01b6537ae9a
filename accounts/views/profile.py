from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST

from accounts import actions, tokens
from accounts.access import anyone_signed_in
from accounts.forms import ProfileForm, TokenForm
from accounts.models import User

YEAR = 365 * 24 * 3600


@anyone_signed_in
def profile(request: HttpRequest) -> HttpResponse:
    """One's own name, phone, language, time zone and theme; the way to password and API tokens."""
    me = User.objects.get(pk=request.user.pk)  # not request.user: the form writes what was typed into its instance
    theme = request.COOKIES.get("theme", "auto")
    form = ProfileForm(request.POST or None, instance=me, vendor=request.vendor_settings, initial={"theme": theme})
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "accounts/profile.html", {"form": form}, status=status)
    theme = form.cleaned_data.pop("theme")
    actions.update_profile(by=request.user, **form.cleaned_data)
    with override(request.user.language):
        messages.success(request, _("Your profile is saved."))
    response = redirect("accounts:profile")
    response.set_cookie("theme", theme or "auto", max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response


@anyone_signed_in
def token_list(request: HttpRequest) -> HttpResponse:
    """One's own API tokens. A new one's text is shown on the answer to its form, and never again."""
    form, plain = TokenForm(request.POST or None), ""
    if form.is_valid():
        _token, plain = tokens.create(request.user, **form.cleaned_data)
        form = TokenForm()
    crumbs = [(_("Profile"), reverse("accounts:profile"))]
    context = {"form": form, "plain": plain, "tokens": request.user.api_tokens.all(), "crumbs": crumbs}
    return render(request, "accounts/tokens.html", context, status=422 if form.is_bound else 200)


@anyone_signed_in
@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(request.user.api_tokens, pk=pk)
    tokens.revoke(token, request.user)
    messages.success(request, _("“%(name)s” is revoked and no longer works.") % {"name": token.name})
    return redirect("accounts:tokens")
