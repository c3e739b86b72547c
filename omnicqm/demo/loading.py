"""From an empty installation to the demo, step by step; every step may be repeated."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.db import transaction
from oauth2_provider.models import get_application_model

from analytics.facts.services import facts_rebuild
from conversations.models import Channel
from conversations.services.channels import channels_ensure_defaults
from omnicqm.common.services import api_client_create
from omnicqm.demo.cases import cases_load
from omnicqm.demo.company import ADMIN, CONSULTANT, articles_load, customers_load, staff_ensure
from omnicqm.demo.credentials import (
    KeptCredentials,
    credentials_read,
    credentials_write,
    current_base_url,
    new_password,
)
from omnicqm.demo.day import day_load
from omnicqm.demo.desk import desk_load
from omnicqm.demo.history import history_load
from omnicqm.demo.lessons import lessons_load
from omnicqm.demo.touches import touches_load
from omnicqm.demo.widget import widget_ensure

CLIENT_NAME = "Demo"
Step = Callable[[str], AbstractContextManager[object]]


def demo_load(*, step: Step) -> None:
    """Load company, staff, the day's conversations and figures of 90 days, then keep the logins. `step` shows what is
    being done.

    The file of logins is written last: without it the work is not done, and doing it again changes nothing that is.
    """
    kept = credentials_read() or _credentials_make()
    with step("Demo company"):
        channels_ensure_defaults()
        _one_secret(kept.webhook_secret)
        widget_ensure()
        customers_load()
        consultant = staff_ensure(admin_password=kept.admin_password, consultant_password=kept.consultant_password)
        desk_load()
    with step("Demo articles"):
        articles_load()
    with step("Demo conversations"):
        lessons_load(consultant=consultant)
        day_load(consultant=consultant)
        cases_load()
        touches_load()
    with step("Demo history"):
        history_load()
        facts_rebuild()  # what was dated back would not be found
    credentials_write(kept)


def _credentials_make() -> KeptCredentials:
    """New logins. The secret of an earlier client was lost with an attempt that was killed: it goes."""
    channels_ensure_defaults()
    get_application_model().objects.filter(name=CLIENT_NAME).delete()
    client = api_client_create(name=CLIENT_NAME)
    return KeptCredentials(
        base_url=current_base_url(),
        client_id=client.client_id,
        client_secret=client.client_secret,
        webhook_secret=Channel.objects.get(pk="outlook").secret,
        admin_user=ADMIN,
        admin_password=new_password(),
        consultant_user=CONSULTANT,
        consultant_password=new_password(),
    )


@transaction.atomic
def _one_secret(secret: str) -> None:
    """Let the demo's channels sign alike, so that scripts need to know one secret only."""
    Channel.objects.filter(pk__in=["outlook", "chat", "api", "admin"]).update(secret=secret)
