from mdf import fund_urls, request_urls

app_name = "mdf"
urlpatterns = [*fund_urls.urlpatterns, *request_urls.urlpatterns]
