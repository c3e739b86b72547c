"""What consultants are helped with: the brief of a case, and suggestions written at their wish."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from agents.summary import Mood
from omnicqm.common.ids import IdField


class CaseBrief(models.Model):
    """What a case is about in a few sentences, each quoted from or checked against the thread up to `up_to_seq`.

    An empty text says that nothing of the kind was found, never that it was not looked for.
    """

    id = IdField("brf")
    escalation = models.OneToOneField("conversations.Escalation", on_delete=models.CASCADE, related_name="brief")
    problem = models.TextField(blank=True)
    tried = models.TextField(blank=True)
    open_question = models.TextField(blank=True)
    mood = models.CharField(max_length=12, choices=[(mood, mood.value) for mood in Mood], blank=True)
    up_to_seq = models.PositiveIntegerField(help_text="the newest message it knows of")
    model_used = models.CharField(max_length=120, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.escalation_id} up to {self.up_to_seq}"


class Suggestion(models.Model):
    """Another draft, or a shorter one, that a consultant asked for. Pending work until a worker has written it; what
    becomes of its text is the consultant's affair."""

    class Kind(models.TextChoices):
        AGAIN = "again", "Suggest again"
        SHORTER = "shorter", "Make it shorter"

    class State(models.TextChoices):
        WAITING = "waiting"
        WORKING = "working"
        DONE = "done"
        FAILED = "failed", "Could not be written"

    OPEN = (State.WAITING, State.WORKING)

    id = IdField("sug")
    escalation = models.ForeignKey("conversations.Escalation", on_delete=models.CASCADE, related_name="suggestions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    given = models.TextField(blank=True, help_text="the text that is to be shorter")
    text = models.TextField(blank=True, help_text="Markdown")
    sources = models.JSONField(default=list, blank=True)
    model_used = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="why it could not be written")
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "working"], finished_at__isnull=True)
                | ~Q(state__in=["waiting", "working"]) & Q(finished_at__isnull=False),
                name="suggestion_finished_has_time",
            ),
            models.CheckConstraint(condition=~Q(state="done") | ~Q(text=""), name="suggestion_done_has_text"),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="suggestion_of_user"),
            models.Index(fields=["created_at"], condition=Q(state__in=["waiting", "working"]), name="suggestion_open"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.escalation_id}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN
