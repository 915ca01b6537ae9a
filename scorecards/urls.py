from django.urls import path

from scorecards.views import peers, portal, vendor

app_name = "scorecards"
urlpatterns = [
    path("scorecards/", vendor.scorecards, name="list"),
    path("scorecards/export.<str:kind>", vendor.export, name="export"),
    path("scorecards/roll-up/", vendor.rollup, name="rollup"),
    path("scorecards/roll-up.xlsx", vendor.rollup_xlsx, name="rollup_xlsx"),
    path("partners/<int:pk>/scorecards/", vendor.partner, name="partner"),
    path("partners/<int:pk>/scorecards/start/", vendor.start, name="start"),
    path("partners/<int:pk>/scorecards/invite/", vendor.invite, name="invite"),
    path("scorecards/<int:pk>/", vendor.summary, name="summary"),
    path("scorecards/<int:pk>/answer/", vendor.answer, name="answer"),
    path("scorecards/<int:pk>/answer/<str:question>/", vendor.save, name="save"),
    path("scorecards/<int:pk>/confirm/", vendor.confirm, name="confirm"),
    path("scorecards/<int:pk>/submit/", vendor.submit, name="submit"),
    path("scorecards/<int:pk>/discard/", vendor.discard, name="discard"),
    path("scorecards/<int:pk>/plan/", vendor.plan, name="plan"),
    path("scorecards/<int:pk>/explain/<str:level>/<str:key>/", vendor.explain, name="explain"),
    path("scorecards/<int:pk>/scorecard.pdf", vendor.pdf, name="pdf"),
    path("scorecards/<int:pk>/scorecard.xlsx", vendor.xlsx, name="xlsx"),
    path("scorecards/<int:pk>/peers/", peers.explain, name="peers"),
    path("portal/scorecards/<int:pk>/peers/", peers.portal_explain, name="portal_peers"),
    path("portal/scorecards/", portal.scorecards, name="portal_list"),
    path("portal/scorecards/start/", portal.start, name="portal_start"),
    path("portal/scorecards/<int:pk>/", portal.summary, name="portal_summary"),
    path("portal/scorecards/<int:pk>/answer/", portal.answer, name="portal_answer"),
    path("portal/scorecards/<int:pk>/answer/<str:question>/", portal.save, name="portal_save"),
    path("portal/scorecards/<int:pk>/confirm/", portal.confirm, name="portal_confirm"),
    path("portal/scorecards/<int:pk>/submit/", portal.submit, name="portal_submit"),
    path("portal/scorecards/<int:pk>/discard/", portal.discard, name="portal_discard"),
    path("portal/scorecards/<int:pk>/plan/", portal.plan, name="portal_plan"),
    path("portal/scorecards/<int:pk>/explain/<str:level>/<str:key>/", portal.explain, name="portal_explain"),
    path("portal/scorecards/<int:pk>/scorecard.pdf", portal.pdf, name="portal_pdf"),
    path("portal/scorecards/<int:pk>/scorecard.xlsx", portal.xlsx, name="portal_xlsx"),
]
