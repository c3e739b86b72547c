"""Documents, their versions and the chunks that search finds."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast
from django.utils import timezone
from pgvector.django import HnswIndex, VectorField

from omnicqm.common.ids import IdField


class Audience(models.TextChoices):
    CUSTOMER = "customer"
    INTERNAL = "internal"  # informs consultants and never reaches a customer


class VersionState(models.TextChoices):
    QUEUED = "queued"
    PARSING = "parsing"
    EMBEDDING = "embedding"
    READY = "ready"
    FAILED = "failed"


PENDING_STATES = (VersionState.QUEUED, VersionState.PARSING, VersionState.EMBEDDING)


class Document(models.Model):
    """A knowledge article. What it says is in its versions; its title is that of the current one."""

    id = IdField("doc")
    external_id = models.CharField(max_length=200, null=True, blank=True, unique=True, help_text="the sender's own id")
    title = models.CharField(max_length=300, blank=True, help_text="empty until the first version has been read")
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.CUSTOMER)
    source = models.CharField(max_length=40, help_text="where it came from: api, admin, command, seed")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="document_audience_known"),
            models.CheckConstraint(condition=~Q(external_id=""), name="document_external_id_not_empty"),
        ]

    def __str__(self) -> str:
        return self.title or self.external_id or self.id


class Upload(models.Model):
    """One file that was handed in, so that its sender can follow it: a JSONL file makes many documents."""

    id = IdField("upl")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    documents = models.PositiveIntegerField(help_text="how many documents the file holds")
    unchanged = models.PositiveIntegerField(default=0, help_text="how many of them were known already, word for word")

    def __str__(self) -> str:
        return self.id


def _file_path(version: "DocumentVersion", name: str) -> str:
    return f"knowledge/{version.document_id}/{version.id}"


class DocumentVersion(models.Model):
    """One state of a document's file, and how far its processing has come: the row is the record of pending work."""

    id = IdField("ver")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    upload = models.ForeignKey(Upload, on_delete=models.SET_NULL, null=True, related_name="versions")
    number = models.PositiveIntegerField()
    current = models.BooleanField(default=False, help_text="the version that search finds")
    name = models.CharField(max_length=255, blank=True, help_text="name of the file as handed in")
    title = models.CharField(max_length=300, blank=True, help_text="given with the file; empty: the file's own")
    content_type = models.CharField(max_length=100)
    file = models.FileField(upload_to=_file_path, max_length=200)
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=VersionState.choices, default=VersionState.QUEUED)
    error = models.CharField(max_length=500, blank=True, help_text="one sentence for whoever handed the file in")
    chunk_count = models.PositiveIntegerField(default=0)
    term_total = models.PositiveIntegerField(default=0, help_text="terms of all its chunks, for the mean length")
    tries = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True, help_text="until then a worker has it")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="version_number_once"),
            models.UniqueConstraint(fields=["document"], condition=Q(current=True), name="version_current_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="version_number_from_one"),
            models.CheckConstraint(condition=Q(state__in=VersionState.values), name="version_state_known"),
            models.CheckConstraint(
                condition=Q(current=False) | Q(state=VersionState.READY), name="version_current_is_ready"
            ),
            models.CheckConstraint(
                condition=(Q(state=VersionState.FAILED) & ~Q(error="")) | (~Q(state=VersionState.FAILED) & Q(error="")),
                name="version_failed_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(state__in=PENDING_STATES), name="version_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} version {self.number}"


class Chunk(models.Model):
    """A piece of a version. Those of an older version stay readable for citations, but hold nothing to search."""

    id = IdField("chk")
    version = models.ForeignKey(DocumentVersion, on_delete=models.CASCADE, related_name="chunks")
    position = models.PositiveIntegerField()
    heading_path = models.TextField(blank=True, help_text="headings above it, joined with ›")
    text = models.TextField()
    term_counts = models.JSONField(default=dict, help_text="how often each term occurs, title and headings included")
    term_total = models.PositiveIntegerField(default=0)
    embedding = VectorField(null=True)
    embedding_model = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="chunk_position_once"),
            models.CheckConstraint(
                condition=(Q(embedding__isnull=True) & Q(embedding_model=""))
                | (Q(embedding__isnull=False) & ~Q(embedding_model="")),
                name="chunk_embedding_names_model",
            ),
        ]
        indexes = [
            GinIndex(fields=["term_counts"], name="chunk_terms"),
            # The column takes vectors of any model; each model has its own index over its own dimension.
            HnswIndex(
                OpClass(Cast(F("embedding"), VectorField(dimensions=384)), name="vector_cosine_ops"),
                condition=Q(embedding_model="all-minilm-l6-v2"),
                name="chunk_minilm",
            ),
            HnswIndex(
                OpClass(Cast(F("embedding"), VectorField(dimensions=512)), name="vector_cosine_ops"),
                condition=Q(embedding_model="amazon.titan-embed-text-v2:0/512"),
                name="chunk_titan",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} chunk {self.position}"
