from django.urls import path

from cadence.views import due, handover, policy, portal, vendor

app_name = "cadence"
urlpatterns = [
    path("", vendor.home, name="home"),
    path("due/", due.due, name="due"),
    path("due/export/<str:kind>/", due.export, name="due_export"),
    path("due/skip/", due.skip, name="due_skip"),
    path("due/reopen/", due.reopen, name="due_reopen"),
    path("partners/handover/", handover.prepare, name="hand_over"),
    path("handovers/", handover.handovers, name="handovers"),
    path("handovers/<int:pk>/", handover.summary, name="handover"),
    path("settings/cadence/", policy.versions, name="policy"),
    path("settings/cadence/<int:pk>/", policy.version, name="policy_version"),
    path("settings/cadence/<int:pk>/remove/", policy.remove, name="policy_remove"),
    path("portal/", portal.home, name="portal_home"),
]
