"""What the home page tells of the processes, found out by what `manage.py doctor` asks too."""

from django.utils import timezone

from omnicqm.common.cache import kept_set
from omnicqm.console.home.system import KEPT_SECONDS, KEY, PARTS
from omnicqm.processes.doctor.examining import examine
from omnicqm.processes.doctor.parts import EXAMINATIONS

_FIRST = ("Valkey/Redis",)  # which the others need


def system_examine() -> None:
    """Examine the processes and note what was found. Takes some seconds: they are asked and waited for."""
    wanted = [one for one in EXAMINATIONS if one.part in (*_FIRST, *PARTS)]
    found = [[finding.part, finding.outcome.lower(), finding.detail] for finding in examine(wanted)]
    kept_set(KEY, {"at": timezone.now().isoformat(), "found": found}, KEPT_SECONDS)
