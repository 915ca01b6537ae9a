from django.urls import path

from planning.views import tracking

app_name = "tracking"
urlpatterns = [
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
