"""A conversation as a text file for its customer."""

from collections.abc import Iterator

from django.utils import timezone

from conversations.chat.selectors import messages_visible
from conversations.models import Channel, Conversation, Message
from conversations.words import word

PIECE = 200  # messages read at once
_RULE = "-" * 60


def transcript_lines(conversation: Conversation, *, language: str) -> Iterator[str]:
    """The transcript, piece by piece: what the customer may see of `conversation`, in order, times in UTC.

    `conversation` must be one the reader may see. However long the thread is, only `PIECE` messages are in memory.
    """
    yield "\ufeff" + word(language, "page", "transcript_title", reference=conversation.reference) + "\n"
    yield word(language, "page", "transcript_made", at=f"{timezone.now():%Y-%m-%d %H:%M}") + "\n"
    said, after = False, 0
    while messages := list(messages_visible(conversation.pk, after=after)[:PIECE]):
        for message in messages:
            yield f"\n{_RULE}\n{_message(message, language)}\n"
        said, after = True, messages[-1].seq
    if not said:
        yield "\n" + word(language, "page", "transcript_empty") + "\n"


def _message(message: Message, language: str) -> str:
    parts = [_head(message, language)]
    if message.subject and message.channel.kind == Channel.Kind.EMAIL:
        parts.append(word(language, "page", "transcript_subject", subject=message.subject))
    parts += ["", message.text]
    if files := [file.name for file in message.attachments.all()]:
        parts += ["", word(language, "page", "transcript_files", names=", ".join(files))]
    for number, source in enumerate(message.sources, start=1):
        title = " · ".join(filter(None, (source.get("title", ""), source.get("heading", ""))))
        parts.append(f"{'' if number > 1 else chr(10)}[{number}] {title}")
    return "\n".join(parts)


def _head(message: Message, language: str) -> str:
    who = {
        Message.Author.CUSTOMER: word(language, "page", "you"),
        Message.Author.ASSISTANT: word(language, "page", "assistant"),
        Message.Author.CONSULTANT: word(language, "page", "consultant"),
        Message.Author.SYSTEM: word(language, "page", "brand"),
    }[Message.Author(message.author)]
    by_mail = message.channel.kind == Channel.Kind.EMAIL
    way = f" ({word(language, 'page', 'transcript_by_mail')})" if by_mail else ""
    return f"{message.received_at:%Y-%m-%d %H:%M}  {who}{way}"
