"""Events from an app to those on its right, told on commit.

`event_publish("reply.sent", message_id=…)` enqueues every task that ``settings.EVENT_TASKS["reply.sent"]`` lists, with
the payload as its one argument. Payloads hold ids; the one with content is ``escalation.answered``, whose draft and
sent text those on our right cannot look up.
"""

from django.conf import settings

from omnicqm.common.errors import ConfigurationError
from omnicqm.common.tasks import task_enqueue


def event_publish(name: str, **payload: str | int | None) -> None:
    """Tell the subscribers of `name`. Raises `ConfigurationError` for a name that settings do not declare."""
    try:
        tasks = settings.EVENT_TASKS[name]
    except KeyError as error:
        raise ConfigurationError(f"EVENT_TASKS does not declare the event '{name}'.", param="EVENT_TASKS") from error
    for task in tasks:
        task_enqueue(task, payload)
