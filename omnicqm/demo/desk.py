"""How the demo company's consultants work, as written down in ``data/desk.yaml``. Every step may be repeated."""

from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.models import User
from django.db import transaction

from conversations.desk.services import guide_publish
from conversations.models import BusinessHours, Consultant, Macro, ServiceTarget, Team, WorkQueue
from omnicqm.console.roles import groups_ensure

_FILE = Path(__file__).parent / "data" / "desk.yaml"


@transaction.atomic
def desk_load() -> None:
    """Teams, consultants, queues, targets, macros and guides. What an admin has changed meanwhile is left alone."""
    told = yaml.safe_load(_FILE.read_text())
    teams = {entry["name"]: Team.objects.get_or_create(name=entry["name"])[0] for entry in told["teams"]}
    for entry in told["consultants"]:
        _consultant(entry, teams)
    for entry in told["teams"]:
        Team.objects.filter(name=entry["name"], lead=None).update(lead=User.objects.get(username=entry["lead"]))
    for entry in told["queues"]:
        _queue(entry, teams)
    _targets(told["targets"], _hours(told["hours"]))
    for entry in told["macros"]:
        fields = {"text": entry["text"].strip(), "category": entry.get("category", "")}
        Macro.objects.get_or_create(title=entry["title"], defaults=fields)
    for entry in told["guides"]:
        steps = [(text, detail) for text, detail in entry["steps"]]
        guide_publish(category=entry["category"], title=entry["title"], steps=steps, actor=None)


def _consultant(entry: dict[str, Any], teams: dict[str, Team]) -> None:
    user = User.objects.filter(username=entry["username"]).first() or _user(entry)
    team = teams[entry["team"]] if "team" in entry else None
    fields = {"team": team, "skills": entry["skills"], "capacity": entry["capacity"]}
    Consultant.objects.get_or_create(user=user, defaults=fields)


def _user(entry: dict[str, Any]) -> User:
    """A colleague who is there to be seen: nobody has a password for them."""
    username = entry["username"]
    first_name, last_name = entry["name"]
    user = User(username=username, first_name=first_name, last_name=last_name, is_staff=True)
    user.email = f"{username}@oakember.example"
    user.set_unusable_password()
    user.save()
    user.groups.add(groups_ensure())
    return user


def _queue(entry: dict[str, Any], teams: dict[str, Team]) -> None:
    fields: dict[str, Any] = {name: entry[name] for name in ("title", "categories", "routing") if name in entry}
    fields["team"] = teams[entry["team"]] if "team" in entry else None
    WorkQueue.objects.get_or_create(key=entry["key"], defaults=fields)


def _hours(entry: dict[str, Any]) -> BusinessHours:
    fields = {"time_zone": entry["time_zone"], "holidays": entry["holidays"], **entry["week"]}
    hours, _ = BusinessHours.objects.get_or_create(name=entry["name"], defaults={"is_default": True, **fields})
    return hours


def _targets(entries: list[dict[str, Any]], hours: BusinessHours) -> None:
    for entry in entries:
        ServiceTarget.objects.get_or_create(
            category=entry.get("category", ""),
            service_level=entry.get("service_level", ""),
            defaults={
                "first_minutes": entry["first"],
                "next_minutes": entry["next"],
                "resolution_minutes": entry["resolution"],
                "business_hours": None if entry.get("always") else hours,
            },
        )
