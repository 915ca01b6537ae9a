from django.urls import path

from pipeline.views import board, deals, pace, portal_deals

urlpatterns = [
    path("deals/", deals.deal_list, name="deals"),
    path("deals/export/<str:kind>/", deals.deal_export, name="deals_export"),
    path("deals/board/", board.board, name="deals_board"),
    path("deals/pace/", pace.page, name="deals_pace"),
    path("deals/pace/export/<str:kind>/", pace.export, name="deals_pace_export"),
    path("deals/new/", deals.deal_create, name="deal_create"),
    path("deals/<int:pk>/", deals.deal, name="deal"),
    path("deals/<int:pk>/edit/", deals.deal_edit, name="deal_edit"),
    path("deals/<int:pk>/move/", deals.deal_move, name="deal_move"),
    path("deals/<int:pk>/board/", board.move, name="deal_board_move"),
    path("deals/<int:pk>/remove/", deals.deal_remove, name="deal_remove"),
    path("deals/<int:pk>/touch/", deals.deal_touch, name="deal_touch"),
    path("partners/<int:pk>/deals/", deals.partner_deals, name="partner_deals"),
    path("partners/<int:pk>/deals/new/", deals.deal_add, name="deal_add"),
    path("portal/deals/", portal_deals.deal_list, name="portal_deals"),
    path("portal/deals/export/<str:kind>/", portal_deals.deal_export, name="portal_deals_export"),
    path("portal/deals/board/", board.portal_board, name="portal_deals_board"),
    path("portal/deals/<int:pk>/", portal_deals.deal, name="portal_deal"),
]
