"""Addresses of the public site, which belongs to no vendor."""

from django.conf import settings
from django.urls import path

from prm.tenancy import views

urlpatterns = [path("", views.welcome, name="welcome")]
if settings.MAIL_PAGE:
    urlpatterns += [
        path("mail/", views.mail_list, name="mail_list"),
        path("mail/<str:name>/", views.mail_detail, name="mail_detail"),
    ]

handler400 = "prm.errors.bad_request"
handler403 = "prm.errors.forbidden"
handler404 = "prm.errors.not_found"
handler500 = "prm.errors.broken"
