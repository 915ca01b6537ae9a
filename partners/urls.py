from django.urls import path

from partners.views import actions, lists, people, portal, search, vendor

app_name = "partners"
urlpatterns = [
    path("partners/", vendor.partner_list, name="list"),
    path("partners/export/<str:kind>/", vendor.partner_export, name="export"),
    path("partners/new/", vendor.partner_create, name="create"),
    path("partners/bulk/", vendor.bulk, name="bulk"),
    path("partners/pick/", vendor.pick, name="pick"),
    path("partners/<int:pk>/", vendor.partner_hub, name="hub"),
    path("partners/<int:pk>/edit/", vendor.partner_edit, name="edit"),
    path("partners/<int:pk>/stage/", vendor.stage, name="stage"),
    path("partners/<int:pk>/history/", vendor.partner_history, name="history"),
    path("partners/<int:pk>/people/", people.people, name="people"),
    path("partners/<int:pk>/people/new/", people.contact_add, name="contact_add"),
    path("partners/<int:pk>/touches/new/", people.touch_add, name="touch_add"),
    path("partners/<int:pk>/actions/", actions.partner_actions, name="actions"),
    path("partners/<int:pk>/actions/new/", actions.action_add, name="action_add"),
    path("contacts/<int:pk>/", people.contact_edit, name="contact_edit"),
    path("contacts/<int:pk>/remove/", people.contact_remove, name="contact_remove"),
    path("touches/<int:pk>/remove/", people.touch_remove, name="touch_remove"),
    path("actions/", actions.action_list, name="action_list"),
    path("actions/export/<str:kind>/", actions.action_export, name="action_export"),
    path("actions/<int:pk>/", actions.action_edit, name="action_edit"),
    path("actions/<int:pk>/status/", actions.action_status, name="action_status"),
    path("settings/lists/", lists.lists, name="lists"),
    path("settings/lists/<str:name>/", lists.save, name="list_save"),
    path("search", search.search, name="search"),
    path("portal/actions/", portal.action_list, name="portal_actions"),
    path("portal/actions/<int:pk>/status/", portal.action_status, name="portal_action_status"),
]
