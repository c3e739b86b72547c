from django.urls import path

from analytics.analyst.api.views import AskView

urlpatterns = [path("analytics/ask", AskView.as_view(), name="analytics-ask")]
