"""The customers' pages. Included at the root of the site as the namespace `chat`."""

from django.urls import path

from conversations.chat import views
from conversations.speech.views import voice_upload

app_name = "chat"

urlpatterns = [
    path("", views.chat, name="home"),
    path("chat/", views.chat, name="chat"),
    path("chat/voice/", voice_upload, name="voice"),
    path("chat/new/", views.chat_new, name="new"),
    path("chat/sign-in/", views.sign_in, name="sign_in"),
    path("chat/sign-in/code/", views.sign_in_code, name="sign_in_code"),
    path("chat/sign-out/", views.sign_out, name="sign_out"),
    path("chat/language/", views.language_set, name="language"),
    path("chat/delete-my-data/", views.data_erase, name="erase"),
    path("chat/continue/<str:token>", views.continue_in_chat, name="continue"),
    path("chat/<str:conversation_id>/", views.conversation, name="conversation"),
    path("chat/<str:conversation_id>/messages/", views.messages, name="messages"),
    path("chat/<str:conversation_id>/transcript/", views.transcript, name="transcript"),
    path("chat/<str:conversation_id>/solved/", views.resolve, name="resolve"),
]
