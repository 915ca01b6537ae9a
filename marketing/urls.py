from django.urls import path

from marketing.urls_results import urlpatterns as results
from marketing.views import closing, listing, ruling
from marketing.views.addresses import addresses

app_name = "marketing"
urlpatterns = [
    *results,
    *addresses(),
    path("marketing/", listing.plans, name="plans"),
    path("marketing/export/<str:kind>/", listing.export, name="export"),
    path("marketing/new/", listing.choose_partner, name="new_for"),
    path("marketing/activities/<int:pk>/verify/", closing.verify, name="verify"),
    path("marketing/activities/<int:pk>/reopen/", closing.reopen, name="reopen"),
    path("partners/<int:pk>/marketing/", listing.partner, name="partner"),
    path("partners/<int:pk>/marketing/start/", listing.start, name="start"),
    path("portal/marketing/", listing.portal_plans, name="portal_plans"),
    path("portal/marketing/export/<str:kind>/", listing.portal_export, name="portal_export"),
    path("portal/marketing/start/", listing.portal_start, name="portal_start"),
    path("settings/tactics/", ruling.tactics, name="tactics"),
    path("settings/tactics/new/", ruling.tactic, name="tactic_new"),
    path("settings/tactics/<int:pk>/", ruling.tactic, name="tactic"),
    path("settings/tactics/<int:pk>/remove/", ruling.remove_tactic, name="tactic_remove"),
    path("settings/plays/", ruling.plays, name="plays"),
    path("settings/plays/new/", ruling.play, name="play_new"),
    path("settings/plays/<int:pk>/", ruling.play, name="play"),
    path("settings/plays/<int:pk>/remove/", ruling.remove_play, name="play_remove"),
]
