"""Addresses of a vendor's site: the vendor's people at /, partners at /portal/, the API at /api/v1/."""

from django.urls import include, path, re_path

from accounts.views import sign_in
from prm.api import site as api

urlpatterns = [
    path("login/", sign_in.login, name="account_login"),
    path("login/inactive/", sign_in.inactive, name="account_inactive"),
    path("logout/", sign_in.logout, name="account_logout"),
    path("password/change/", sign_in.password_change, name="account_change_password"),
    path("password/reset/", sign_in.password_reset, name="account_reset_password"),
    path("password/reset/done/", sign_in.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",  # a key has hyphens of its own
        sign_in.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        sign_in.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("", include("cadence.urls")),
    path("", include("accounts.urls")),
    path("", include("prm.pages.urls")),
    path("settings/", include("prm.pages.urls_settings")),
    path("", include("partners.urls")),
    path("partners/import/", include("partners.urls_imports")),
    path("", include("partners.urls_people")),
    path("", include("pipeline.urls")),
    path("", include("scorecards.urls")),
    path("", include("scorecards.urls_tiers")),
    path("", include("planning.urls")),
    path("settings/questionnaires/", include("scorecards.urls_questionnaires")),
    path("", include("planning.urls_tracking")),
    path("", include("leads.urls")),
    path("", include("marketing.urls")),
    path("", include("mdf.urls")),
    path("", include("qbr.urls")),
    path("", include("accountplans.urls")),
    path("", include("dealdesk.urls")),
    path("api/v1/", api.urls),
]

handler400 = "prm.errors.bad_request"
handler403 = "prm.errors.forbidden"
handler404 = "prm.errors.not_found"
handler500 = "prm.errors.broken"
