"""Addresses of a vendor's site: the vendor's people at /, partners at /portal/, the API at /api/v1/."""

from allauth.account import views as allauth_views
from django.urls import include, path

from accounts.access import anyone_signed_in, open_page

urlpatterns = [
    path("login/", open_page(allauth_views.login), name="account_login"),
    path("logout/", open_page(allauth_views.logout), name="account_logout"),
    path(
        "password/change/",
        anyone_signed_in(allauth_views.password_change),
        name="account_change_password",
    ),
    path(
        "password/reset/",
        open_page(allauth_views.password_reset),
        name="account_reset_password",
    ),
    path(
        "password/reset/done/",
        open_page(allauth_views.password_reset_done),
        name="account_reset_password_done",
    ),
    path(
        "password/reset/key/<uidb36>-<key>/",
        open_page(allauth_views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        open_page(allauth_views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("", include("cadence.urls")),
    path("", include("accounts.urls")),
    path("", include("prm.common.urls")),
    path("", include("partners.urls")),
    path("", include("scorecards.urls")),
]

handler400 = "prm.errors.bad_request"
handler403 = "prm.errors.forbidden"
handler404 = "prm.errors.not_found"
handler500 = "prm.errors.broken"
