"""What customers ask and the knowledge base does not know, and the articles that answer it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from pgvector.django import VectorField

from omnicqm.common.ids import IdField


class KnowledgeGap(models.Model):
    """Questions alike that no document answered. It closes when search finds an answer, and opens when it does not."""

    class State(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    id = IdField("gap")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    question = models.TextField(help_text="the first that was asked, without personal data")
    category = models.CharField(max_length=40, blank=True)
    count = models.PositiveIntegerField(default=0, help_text="how often it was asked")
    reopened = models.PositiveIntegerField(default=0, help_text="how often it came again after it was closed")
    embedding = VectorField(help_text="of the question")
    embedding_model = models.CharField(max_length=80)
    closed_by = models.ForeignKey(
        "feedback.ArticleProposal", on_delete=models.SET_NULL, null=True, blank=True, related_name="closes"
    )
    checked_at = models.DateTimeField(null=True, blank=True, help_text="when its questions were last searched for")
    found = models.PositiveIntegerField(default=0, help_text="how many of the questions searched for were answered")
    searched = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-count", "-last_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | Q(state="open", closed_at=None),
                name="gap_closed_has_time",
            ),
        ]
        indexes = [models.Index(fields=["state", "-count"], name="gap_by_count")]

    def __str__(self) -> str:
        return self.question[:80]


class GapQuestion(models.Model):
    """One query of a gap, as it is searched for again: without personal data."""

    gap = models.ForeignKey(KnowledgeGap, on_delete=models.CASCADE, related_name="questions")
    query = models.OneToOneField("conversations.Query", on_delete=models.CASCADE, related_name="gap_question")
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["gap", "-at"], name="gap_question_latest")]

    def __str__(self) -> str:
        return self.text[:80]


class ArticleProposal(models.Model):
    """An article that a consultant's answer suggests. Approved it is a document of the knowledge base."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        APPROVED = "approved"
        REJECTED = "rejected"

    id = IdField("art")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    message = models.OneToOneField(
        "conversations.Message",
        on_delete=models.SET_NULL,
        null=True,
        related_name="article",
        help_text="the answer it was made of",
    )
    gap = models.ForeignKey(KnowledgeGap, on_delete=models.SET_NULL, null=True, related_name="proposals")
    title = models.CharField(max_length=200)
    question = models.TextField(blank=True)
    answer = models.TextField(help_text="Markdown")
    taken_out = models.JSONField(default=dict, help_text="kind: how many pieces of personal data were taken out")
    near = models.JSONField(default=list, help_text="[{document_id, title, heading, relevance}], what is known already")
    near_at = models.DateTimeField(null=True, help_text="when the knowledge base was last searched for it")
    audience = models.CharField(max_length=10, default="customer")
    document_id = models.CharField(max_length=30, blank=True)
    version_id = models.CharField(max_length=30, blank=True)
    gaps_checked = models.BooleanField(default=False, help_text="its version is ready and the gaps were searched again")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True, help_text="why it was rejected")
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="proposed") | Q(decided_at__isnull=False), name="article_decided_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(document_id=""), name="article_approved_is_known"
            ),
            models.CheckConstraint(condition=~Q(state="rejected") | ~Q(reason=""), name="article_rejected_says_why"),
        ]
        indexes = [
            models.Index(fields=["state", "-created_at"], name="article_by_state"),
            models.Index(
                fields=["created_at"],
                condition=Q(state="approved", gaps_checked=False),
                name="article_to_be_checked",
            ),
        ]

    def __str__(self) -> str:
        return self.title
