from django.urls import path

from cadence.views import portal, vendor

app_name = "cadence"
urlpatterns = [
    path("", vendor.home, name="home"),
    path("portal/", portal.home, name="portal_home"),
]
