from django.urls import path

from scorecards.views import overrides, tier_rules, tiers

app_name = "tiers"
urlpatterns = [
    path("settings/tiers/", tier_rules.versions, name="list"),
    path("settings/tiers/new/", tier_rules.new, name="new"),
    path("settings/tiers/upload/", tier_rules.upload, name="upload"),
    path("settings/tiers/<int:pk>/", tier_rules.version, name="version"),
    path("settings/tiers/<int:pk>/edit/", tier_rules.edit, name="edit"),
    path("settings/tiers/<int:pk>/remove/", tier_rules.remove, name="remove"),
    path("settings/tiers/<int:pk>/rules.yaml", tier_rules.download, name="download"),
    path("settings/tiers/<int:pk>/try/", tier_rules.try_out, name="try"),
    path("settings/tiers/<int:pk>/try/export.<str:kind>", tier_rules.try_export, name="try_export"),
    path("partners/<int:pk>/level/", tiers.partner, name="partner"),
    path("partners/<int:pk>/level/<slug:tier>/<str:key>/", tiers.explain, name="explain"),
    path("partners/<int:pk>/level/override/", overrides.override, name="override"),
    path("partners/<int:pk>/level/assign/", overrides.assign, name="assign"),
    path("tier-overrides/<int:pk>/end/", overrides.end, name="end"),
    path("tier-appeals/<int:pk>/decide/", overrides.decide, name="decide"),
    path("portal/level/", tiers.portal_level, name="portal"),
    path("portal/level/<slug:tier>/<str:key>/", tiers.portal_explain, name="portal_explain"),
    path("portal/tier-overrides/<int:pk>/appeal/", overrides.appeal, name="appeal"),
]
