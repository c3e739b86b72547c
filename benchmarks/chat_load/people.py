"""Says something in every conversation again and again, as consultants would.

    DJANGO_SETTINGS_MODULE=omnicqm.settings python -m benchmarks.chat_load.people < work.json

The work: ``conversations`` (ids), ``every`` so many seconds in each, and for how many ``seconds``. What is said at
which moment does not depend on how long it takes. One message in fifty is stored by the product's service, alone, as
when a consultant presses "Send". The others, so that those who speak leave the machine to those who listen, are stored
in the same rows by the dozen, those of a tenth of a second in one transaction, and told like the service's once it has
committed.

Prints a JSON list, for each message: conversation id, seq, the monotonic clock when it was due, when storing it began
and when it was committed, and whether the service stored it.
"""

import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import django

TURN_SECONDS = 0.1
AT_ONCE = 3  # turns; while one waits for the database the next is prepared
BY_SERVICE_EVERY = 50
TEXT = "We have asked the carrier about your order and will write again as soon as we hear from them. ({number})"

Said = list[list[Any]]


def speak(work: dict[str, Any]) -> Said:
    from conversations.models import Conversation

    known = Conversation.objects.in_bulk(work["conversations"])
    conversations, every = list(known.values()), work["every"]
    began, turns = time.monotonic() + 1, []
    total = int(len(conversations) * work["seconds"] / every)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for number in range(0, total, size := _size(work)):
            due = began + number * every / len(conversations)
            time.sleep(max(due - time.monotonic(), 0))
            turn = [(n, conversations[n % len(conversations)]) for n in range(number, min(number + size, total))]
            turns.append(threads.submit(turn_say, due, turn))
    return [said for turn in turns for said in turn.result()]


def turn_say(due: float, turn: Sequence[tuple[int, Any]]) -> Said:
    said = service_say(due, [one for one in turn if one[0] % BY_SERVICE_EVERY == 0])
    return said + dozen_say(due, [one for one in turn if one[0] % BY_SERVICE_EVERY])


def _size(work: dict[str, Any]) -> int:
    return max(round(len(work["conversations"]) * TURN_SECONDS / work["every"]), 1)


def service_say(due: float, turn: Sequence[tuple[int, Any]]) -> Said:
    from django.db import transaction

    from conversations.services.messages import message_append

    said, committed = Said(), list[float]()
    for number, conversation in turn:
        called = time.monotonic()
        with transaction.atomic():
            transaction.on_commit(lambda: committed.append(time.monotonic()))
            message = message_append(conversation=conversation, **_fields(number))
        said.append([conversation.pk, message.seq, due, called, committed.pop(), True])
    return said


def dozen_say(due: float, turn: Sequence[tuple[int, Any]]) -> Said:
    from channels.layers import get_channel_layer
    from django.db import transaction
    from django.db.models import F, prefetch_related_objects
    from django.utils import timezone

    from conversations.chat.events import conversation_group
    from conversations.chat.frames import message_frame
    from conversations.models import Conversation, Interaction, Message

    called, numbers = time.monotonic(), {conversation.pk: number for number, conversation in turn}
    theirs = Conversation.objects.filter(pk__in=numbers)
    with transaction.atomic():
        list(theirs.select_for_update(no_key=True).order_by("pk"))
        theirs.update(last_seq=F("last_seq") + 1, updated_at=timezone.now())
        rows = list(theirs)
        messages = Message.objects.bulk_create(
            Message(conversation=row, seq=row.last_seq, **_fields(numbers[row.pk])) for row in rows
        )
        Interaction.objects.bulk_create(
            Interaction(
                customer_id=row.customer_id,
                message=message,
                source=Interaction.Source.MESSAGE,
                channel=message.channel_id,
                author=message.author,
                occurred_at=message.received_at,
            )
            for row, message in zip(rows, messages, strict=True)
        )
    committed, layer = time.monotonic(), get_channel_layer()
    prefetch_related_objects(messages, "attachments", "answers")
    for message in messages:  # nobody makes notes here: the one before is the one that was seen before
        frame = message_frame(message, message.seq - 1)
        layer.group_publish(conversation_group(message.conversation_id), {"type": "chat.frame", "frame": frame})
    return [[message.conversation_id, message.seq, due, called, committed, False] for message in messages]


def _fields(number: int) -> dict[str, Any]:
    from conversations.models import Message

    text = TEXT.format(number=number)
    return {
        "direction": Message.Direction.OUTBOUND,
        "author": Message.Author.CONSULTANT,
        "channel": _channel(),
        "text": text,
        "html": f"<p>{text}</p>",
    }


@cache
def _channel() -> Any:
    from conversations.models import Channel

    return Channel.objects.get(pk="chat")


if __name__ == "__main__":
    django.setup()
    json.dump(speak(json.load(sys.stdin)), sys.stdout)
