from django.urls import path

from feedback.api.views import FeedbackView

urlpatterns = [path("feedback", FeedbackView.as_view(), name="feedback")]
