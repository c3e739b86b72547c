"""The customers' pages. Thin: who is it, which conversation, which template."""

from conversations.chat.views.rights import data_erase, language_set, resolve, transcript
from conversations.chat.views.sign_in import continue_in_chat, sign_in, sign_in_code, sign_out
from conversations.chat.views.thread import chat, chat_new, conversation, messages

__all__ = [
    "chat",
    "chat_new",
    "continue_in_chat",
    "conversation",
    "data_erase",
    "language_set",
    "messages",
    "resolve",
    "sign_in",
    "sign_in_code",
    "sign_out",
    "transcript",
]
