from django.urls import path

from planning.views import rollups, tracking

app_name = "tracking"
urlpatterns = [
    path("plans/roll-up/", rollups.commitment, name="commitment"),
    path("plans/roll-up.xlsx", rollups.commitment_xlsx, name="commitment_xlsx"),
    path("plans/roll-up/partners/", rollups.partners, name="commitment_partners"),
    path("plans/roll-up/partners/export.<str:kind>", rollups.partners_export, name="commitment_partners_export"),
    path("plans/<int:pk>/actuals/", tracking.actuals, name="actuals"),
    path("plans/<int:pk>/actuals/export.<str:kind>", tracking.export, name="export"),
    path("plans/<int:pk>/re-forecast/", tracking.reforecast, name="reforecast"),
    path("plans/<int:pk>/re-forecast/confirm/", tracking.confirm, name="confirm"),
    path("plans/<int:pk>/moved/", tracking.moved, name="moved"),
    path("partners/<int:pk>/re-forecast/", tracking.of_partner, name="of_partner"),
    path("portal/plans/<int:pk>/actuals/", tracking.portal_actuals, name="portal_actuals"),
    path("portal/plans/<int:pk>/actuals/export.<str:kind>", tracking.portal_export, name="portal_export"),
    path("portal/plans/<int:pk>/re-forecast/", tracking.portal_reforecast, name="portal_reforecast"),
    path("portal/plans/<int:pk>/moved/", tracking.portal_moved, name="portal_moved"),
]
