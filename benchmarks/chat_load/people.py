"""Says something in every conversation again and again, as consultants would: by the product's own service.

    DJANGO_SETTINGS_MODULE=omnicqm.settings python -m benchmarks.chat_load.people < work.json

The work: ``conversations`` (ids), ``every`` so many seconds in each, and for how many ``seconds``. What is said at
which moment does not depend on how long it takes. Prints a JSON list, for each message: conversation id, seq, and the
monotonic clock when it was due, when the service was called and when it was committed.
"""

import json
import queue
import sys
import threading
import time
from typing import Any

import django

THREADS = 3  # as many people press "Send" at the same moment
TEXT = "We have asked the carrier about your order and will write again as soon as we hear from them. ({number})"


def speak(work: dict[str, Any]) -> list[list[Any]]:
    due: queue.SimpleQueue[tuple[float, str, int] | None] = queue.SimpleQueue()
    said: list[list[Any]] = []
    threads = [threading.Thread(target=speaker, args=(due, said)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    began, conversations, every = time.monotonic() + 1, work["conversations"], work["every"]
    for number in range(int(len(conversations) * work["seconds"] / every)):
        moment = began + number * every / len(conversations)
        time.sleep(max(moment - time.monotonic(), 0))
        due.put((moment, conversations[number % len(conversations)], number))
    for _ in threads:
        due.put(None)
    for thread in threads:
        thread.join()
    return said


def speaker(due: "queue.SimpleQueue[tuple[float, str, int] | None]", said: list[list[Any]]) -> None:
    from django.db import connection, transaction

    from conversations.models import Channel, Conversation, Message
    from conversations.services.messages import message_append

    channel = Channel.objects.get(pk="chat")
    conversations = Conversation.objects.in_bulk()
    committed: list[float] = []
    while (one := due.get()) is not None:
        moment, conversation_id, number = one
        called = time.monotonic()
        with transaction.atomic():
            transaction.on_commit(lambda: committed.append(time.monotonic()))
            message = message_append(
                conversation=conversations[conversation_id],
                direction=Message.Direction.OUTBOUND,
                author=Message.Author.CONSULTANT,
                channel=channel,
                text=TEXT.format(number=number),
                html=f"<p>{TEXT.format(number=number)}</p>",
            )
        said.append([conversation_id, message.seq, moment, called, committed.pop()])
    connection.close()


if __name__ == "__main__":
    django.setup()
    json.dump(speak(json.load(sys.stdin)), sys.stdout)
