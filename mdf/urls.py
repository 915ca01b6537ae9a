from mdf import fund_urls

app_name = "mdf"
urlpatterns = [*fund_urls.urlpatterns]
