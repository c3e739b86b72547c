"""What the customers' chat page asks of ratings beside the API."""

from django.urls import path

from feedback.chat_views import ratings

urlpatterns = [path("chat/<str:conversation_id>/ratings/", ratings, name="chat_ratings")]
