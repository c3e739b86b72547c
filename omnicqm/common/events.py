"""Events from an app to those on its right, told on commit.

`event_publish("reply.sent", message_id=…)` enqueues every task that ``settings.EVENT_TASKS["reply.sent"]`` lists, with
the payload as its one argument. Payloads hold ids; the one with content is ``escalation.answered``, whose draft and
sent text those on our right cannot look up. What must stand or fall with the event's own transaction, such as a note in
an outbox, is a function of ``settings.EVENT_NOTES`` and called in it.
"""

from django.conf import settings
from django.utils.module_loading import import_string

from omnicqm.common.errors import ConfigurationError
from omnicqm.common.tasks import task_enqueue


def event_publish(name: str, **payload: str | int | None) -> None:
    """Tell the subscribers of `name`. Raises `ConfigurationError` for a name that settings do not declare."""
    try:
        tasks = settings.EVENT_TASKS[name]
    except KeyError as error:
        raise ConfigurationError(f"EVENT_TASKS does not declare the event '{name}'.", param="EVENT_TASKS") from error
    for function in settings.EVENT_NOTES.get(name, ()):
        import_string(function)(**payload)
    for task in tasks:
        task_enqueue(task, payload)
