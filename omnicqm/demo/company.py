"""Oak & Ember Home, the fictional furniture retailer of the demo: articles, customers, staff."""

import time
from datetime import UTC, datetime
from pathlib import Path

from django.contrib.auth.models import User
from django.db import transaction

from conversations.models import Customer
from conversations.services.customer_import import customers_import
from knowledge.models import PENDING_STATES, Audience, Document, DocumentVersion
from knowledge.services import upload_create, version_process
from omnicqm.common.errors import ServiceUnavailable
from omnicqm.console.accounts.second_factor import exemption_give
from omnicqm.console.roles import groups_ensure

ACTOR = "system:demo_load"
ARTICLES = Path(__file__).parent / "articles"
CUSTOMERS = Path(__file__).parent / "data" / "customers.csv"
ADMIN, CONSULTANT = "admin", "consultant"
PATIENCE_SECONDS = 120


def articles_load() -> int:
    """Hand the articles in and process them, together with the worker if one runs; how many there are.

    Known articles are left alone unless their text has changed. Raises `ServiceUnavailable` when they do not get ready.
    """
    files = sorted(ARTICLES.rglob("*.md"))
    for file in files:
        upload_create(
            data=file.read_bytes(),
            name=file.name,
            source="seed",
            actor=ACTOR,
            external_id=article_id(file),
            audience=Audience.INTERNAL if file.parent.name == "internal" else Audience.CUSTOMER,
        )
    _process_until_ready()
    return len(files)


def article_id(file: Path) -> str:
    """``oak-ember/delivery``: under this external id the article is known."""
    return f"oak-ember/{file.stem}"


def _process_until_ready() -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    ours = Document.objects.filter(external_id__startswith="oak-ember/")
    while DocumentVersion.objects.filter(document__in=ours, state__in=PENDING_STATES).exists():
        if not version_process():
            time.sleep(0.1)  # a worker has the last ones
        if time.monotonic() > deadline:
            raise ServiceUnavailable("The demo's articles did not get ready in time. See the worker's log.")


def customers_load() -> None:
    """The customers, known as long as they say in their profile."""
    customers_import(content=CUSTOMERS.read_bytes(), actor=ACTOR)
    for customer in Customer.objects.filter(profile__has_key="Member since"):
        since = datetime.strptime(customer.profile["Member since"], "%B %Y").replace(tzinfo=UTC)
        Customer.objects.filter(pk=customer.pk).update(created_at=since)


@transaction.atomic
def staff_ensure(*, admin_password: str, consultant_password: str) -> User:
    """The demo's admin and consultant with these passwords; returns the consultant."""
    group = groups_ensure()
    admin = _user_ensure(ADMIN, admin_password, "Alex", "Morgan", superuser=True)
    consultant = _user_ensure(CONSULTANT, consultant_password, "Robin", "Hale", superuser=False)
    consultant.groups.add(group)
    for user in (admin, consultant):
        exemption_give(user=user, reason="A login of the demo, whose password stands in the terminal.", actor=ACTOR)
    return consultant


def _user_ensure(username: str, password: str, first_name: str, last_name: str, *, superuser: bool) -> User:
    user, _ = User.objects.get_or_create(username=username, defaults={"first_name": first_name, "last_name": last_name})
    user.is_staff, user.is_active, user.is_superuser = True, True, superuser
    user.email = user.email or f"{username}@oakember.example"
    user.set_password(password)
    user.save()
    return user
