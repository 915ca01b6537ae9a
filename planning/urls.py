from django.urls import path

from planning.views import benchmarks, portal, vendor
from planning.views.addresses import addresses

app_name = "planning"
urlpatterns = [
    *addresses(),
    path("plans/", vendor.plans, name="list"),
    path("plans/export/<str:kind>/", vendor.export, name="export"),
    path("partners/<int:pk>/plan/", vendor.partner, name="partner"),
    path("partners/<int:pk>/plan/start/", vendor.start, name="start"),
    path("portal/plan/", portal.home, name="portal_home"),
    path("portal/plan/start/", portal.start, name="portal_start"),
    path("settings/plan-benchmarks/", benchmarks.benchmarks, name="benchmarks"),
    path("settings/plan-benchmarks/new/", benchmarks.add, name="benchmark_add"),
    path("settings/plan-benchmarks/<int:pk>/", benchmarks.benchmark, name="benchmark"),
    path("settings/plan-benchmarks/<int:pk>/remove/", benchmarks.remove, name="benchmark_remove"),
]
