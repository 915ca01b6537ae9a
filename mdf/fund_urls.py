"""The addresses of funds and their ledger."""

from django.urls import path

from mdf.views import fund_changes, funds, own_funds

urlpatterns = [
    path("mdf/funds/", funds.funds, name="funds"),
    path("mdf/funds/export/<str:kind>/", funds.funds_export, name="funds_export"),
    path("mdf/funds/new/", fund_changes.new, name="fund_new"),
    path("mdf/funds/<int:pk>/", funds.fund, name="fund"),
    path("mdf/funds/<int:pk>/edit/", fund_changes.edit, name="fund_edit"),
    path("mdf/funds/<int:pk>/budget/", fund_changes.budget, name="fund_budget"),
    path("mdf/funds/<int:pk>/allocate/", fund_changes.allocate, name="allocate"),
    path("mdf/funds/<int:pk>/transfer/", fund_changes.transfer, name="transfer"),
    path("mdf/funds/<int:pk>/ledger/", funds.ledger, name="ledger"),
    path("mdf/funds/<int:pk>/ledger/export/<str:kind>/", funds.ledger_export, name="ledger_export"),
    path("mdf/funds/<int:pk>/accruals/", funds.accruals, name="accruals"),
    path("mdf/funds/<int:pk>/accruals/book/", fund_changes.accrue, name="accrue"),
    path("mdf/accounts/<int:pk>/", funds.account, name="account"),
    path("mdf/accounts/<int:pk>/export/<str:kind>/", funds.account_export, name="account_export"),
    path("mdf/entries/<int:pk>/", funds.entry, name="entry"),
    path("mdf/entries/<int:pk>/reverse/", fund_changes.reverse_entry, name="reverse"),
    path("portal/mdf/funds/", own_funds.own_funds, name="portal_funds"),
    path("portal/mdf/funds/<int:pk>/", own_funds.own_account, name="portal_account"),
    path("portal/mdf/funds/<int:pk>/export/<str:kind>/", own_funds.own_account_export, name="portal_account_export"),
]
