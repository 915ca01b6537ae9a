from mdf import fund_urls, request_urls

app_name = "mdf"
urlpatterns = [*request_urls.urlpatterns, *fund_urls.urlpatterns]
