from django.urls import path

from accountplans.views import settings
from accountplans.views.addresses import addresses

app_name = "accountplans"
urlpatterns = [
    *addresses(),
    path("accounts/targets/", settings.targets, name="targets"),
    path("settings/ideal-customers/", settings.ideals, name="ideals"),
    path("settings/ideal-customers/<int:pk>/", settings.ideal, name="ideal"),
]
