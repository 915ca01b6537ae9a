"""Signing in and out and looking after one's password: allauth's views, answering 422 to what they refuse."""

from functools import wraps
from typing import cast

from allauth.account import views as allauth
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.access import View, anyone_signed_in, open_page


def _refusing(view: View) -> View:
    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        form = (getattr(response, "context_data", None) or {}).get("form")
        if response.status_code == 200 and form is not None and form.is_bound and form.errors:
            response.status_code = 422
        return response

    return cast(View, wrapped)


login = open_page(_refusing(allauth.login))
inactive = open_page(allauth.account_inactive)
logout = open_page(allauth.logout)  # asks for nothing, and does nothing for those not signed in
password_change = anyone_signed_in(_refusing(allauth.password_change))
password_reset = open_page(_refusing(allauth.password_reset))
password_reset_done = open_page(allauth.password_reset_done)
password_reset_from_key = open_page(_refusing(allauth.password_reset_from_key))
password_reset_from_key_done = open_page(allauth.password_reset_from_key_done)
