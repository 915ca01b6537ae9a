"""Addresses of results, targets, end customers, metric values and the settings of sales data."""

from django.urls import path

from pipeline.views import customers, results, settings, targets, values

urlpatterns = [
    path("sales/results/", results.results, name="results"),
    path("sales/results/export/<str:kind>/", results.export, name="results_export"),
    path("sales/results/<int:pk>/", results.result, name="result"),
    path("sales/results/<int:pk>/remove/", results.remove, name="result_remove"),
    path("sales/targets/", targets.targets, name="targets"),
    path("sales/targets/export/<str:kind>/", targets.export, name="targets_export"),
    path("sales/targets/generate/", targets.generate, name="targets_generate"),
    path("sales/customers/", customers.customers, name="customers"),
    path("sales/customers/export/<str:kind>/", customers.export, name="customers_export"),
    path("sales/customers/<int:pk>/", customers.customer, name="customer"),
    path("sales/customers/<int:pk>/remove/", customers.remove, name="customer_remove"),
    path("sales/metric-values/", values.values, name="values"),
    path("sales/metric-values/export/<str:kind>/", values.export, name="values_export"),
    path("sales/metric-values/<int:pk>/", values.value, name="value"),
    path("sales/metric-values/<int:pk>/remove/", values.remove, name="value_remove"),
    path("partners/<int:pk>/results/", results.of_partner, name="partner_results"),
    path("partners/<int:pk>/results/new/", results.add, name="result_add"),
    path("partners/<int:pk>/targets/", targets.of_partner, name="partner_targets"),
    path("partners/<int:pk>/targets/set/", targets.set_targets, name="target_set"),
    path("partners/<int:pk>/customers/", customers.of_partner, name="partner_customers"),
    path("partners/<int:pk>/metric-values/", values.of_partner, name="partner_values"),
    path("partners/<int:pk>/metric-values/new/", values.add, name="value_add"),
    path("settings/sales/", settings.sales, name="settings"),
    path("settings/sales/<int:pk>/remove/", settings.remove, name="settings_remove"),
]
