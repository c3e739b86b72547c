"""Facts: flat rows to count and sum, made of the others' tables and never written by anybody but `analytics.facts`.

Moments are instants (UTC); what a day is, the question decides. Ids are kept without foreign keys, because a fact
outlives what it tells of. No text of a customer and no name is in here. Rows with `is_demo` are invented history.
"""

from django.db import models
from django.db.models import Q


class Fact(models.Model):
    """What all facts have."""

    at = models.DateTimeField(help_text="when it happened; the moment that periods select")
    is_demo = models.BooleanField(default=False, help_text="invented history of the demo")

    class Meta:
        abstract = True


class MatterFact(Fact):
    """What is known of every matter of a customer."""

    channel = models.CharField(max_length=40)
    category = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=10, blank=True)
    service_level = models.CharField(max_length=20, blank=True)
    model = models.CharField(max_length=120, blank=True)
    prompt_version = models.CharField(max_length=40, blank=True)

    class Meta:
        abstract = True


class QueryFact(MatterFact):
    """One query: what came of it, how fast, by which model, for how much."""

    query_id = models.CharField(max_length=30, primary_key=True)
    finished_at = models.DateTimeField(null=True)
    customer_id = models.CharField(max_length=30)
    conversation_id = models.CharField(max_length=30)
    run_id = models.CharField(max_length=30, blank=True)
    status = models.CharField(max_length=20)
    decision = models.CharField(max_length=10, blank=True)
    answered_by = models.CharField(max_length=10, blank=True, help_text="agent, consultant or empty")
    reason = models.CharField(max_length=60, blank=True, help_text="the main reason of its escalation")
    is_automatic = models.BooleanField(help_text="an out-of-office note or the like: wants no answer")
    is_covered = models.BooleanField(help_text="answered together with a later one, whose run and reply it shares")
    has_run = models.BooleanField(help_text="the agent worked on it")
    run_failed = models.BooleanField()
    fell_back = models.BooleanField(help_text="another model than the first of the route answered")
    is_final = models.BooleanField(help_text="nothing of it can change by itself any more")
    score = models.PositiveSmallIntegerField(null=True)
    support = models.FloatField(null=True)
    run_ms = models.PositiveIntegerField(null=True)
    answer_seconds = models.FloatField(null=True, help_text="from its arrival to the reply")
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, default=0)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    helpful = models.PositiveSmallIntegerField(default=0, help_text="ratings that hold now")
    not_helpful = models.PositiveSmallIntegerField(default=0)
    relevance = models.FloatField(null=True, help_text="the judge's scores, 0 to 1")
    accuracy = models.FloatField(null=True)
    safety = models.FloatField(null=True)
    verdict = models.CharField(max_length=10, blank=True, db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="query_fact_at"),
            models.Index(fields=["conversation_id"], name="query_fact_case"),
            models.Index(fields=["at"], condition=Q(is_final=False), name="query_fact_open"),
        ]

    def __str__(self) -> str:
        return self.query_id


class CaseFact(MatterFact):
    """One conversation as a case: whether the agent resolved it for good. `at` is when it was opened."""

    conversation_id = models.CharField(max_length=30, primary_key=True)
    customer_id = models.CharField(max_length=30)
    channel = models.CharField(max_length=40, help_text="where it began")
    queries = models.PositiveIntegerField()
    last_status = models.CharField(max_length=20)
    involved = models.BooleanField(help_text="the agent worked on it")
    escalated = models.BooleanField()
    person_spoke = models.BooleanField(help_text="a consultant wrote in it")
    answered_by_agent = models.BooleanField(help_text="its last query was answered by the agent")
    reopened = models.BooleanField()
    came_back = models.BooleanField(help_text="the customer came about the same category again, within the window")
    resolved = models.BooleanField(help_text="durably, without a person; see is_provisional")
    is_provisional = models.BooleanField(help_text="what is said of `resolved` may still change")
    asked_at = models.DateTimeField(help_text="its last query")
    answered_at = models.DateTimeField(null=True, help_text="its last reply")
    window_until = models.DateTimeField(null=True, help_text="so long the customer's coming back counts")
    first_answer_seconds = models.FloatField(null=True)
    resolution_seconds = models.FloatField(null=True, help_text="from its opening to its last reply, once answered")
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, default=0)

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="case_fact_at"),
            models.Index(fields=["customer_id", "answered_at"], name="case_fact_customer"),
            models.Index(fields=["window_until"], condition=Q(is_provisional=True), name="case_fact_provisional"),
        ]

    def __str__(self) -> str:
        return self.conversation_id


class EscalationFact(MatterFact):
    """One escalation: why, how long it took people, and what became of the suggestion."""

    escalation_id = models.CharField(max_length=30, primary_key=True)
    query_id = models.CharField(max_length=30)
    conversation_id = models.CharField(max_length=30)
    queue = models.CharField(max_length=40)
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=60, help_text="the main one, which is named first")
    reasons = models.JSONField(default=list)
    score = models.PositiveSmallIntegerField(null=True)
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    handling_seconds = models.FloatField(null=True, help_text="from its opening to its end")
    has_draft = models.BooleanField()
    is_answered = models.BooleanField(help_text="a consultant replied")
    draft_similarity = models.FloatField(null=True, help_text="of what was sent to the draft, 0 to 1")

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="escalation_fact_at"),
            models.Index(fields=["at"], condition=Q(closed_at=None), name="escalation_fact_open"),
        ]

    def __str__(self) -> str:
        return self.escalation_id


class AttemptFact(Fact):
    """One row of the cost ledger, with what it was for."""

    attempt_id = models.CharField(max_length=30, primary_key=True)
    query_id = models.CharField(max_length=30, blank=True)
    area = models.CharField(max_length=10, help_text="reply, insight, speech, judge or other")
    purpose = models.CharField(max_length=40)
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=120)
    scope = models.CharField(max_length=60, blank=True, db_default="", help_text="whose budget it was taken from")
    channel = models.CharField(max_length=40, blank=True)
    category = models.CharField(max_length=40, blank=True)
    prompt_version = models.CharField(max_length=80, blank=True)
    outcome = models.CharField(max_length=10)
    latency_ms = models.PositiveIntegerField()
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, default=0)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cache_read_tokens = models.PositiveIntegerField(default=0)
    cache_write_tokens = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["at"], name="attempt_fact_at")]

    def __str__(self) -> str:
        return self.attempt_id


class InsightFact(Fact):
    """One summary as it was told to one request of a CRM agent."""

    insight_id = models.CharField(max_length=30, primary_key=True)
    customer_id = models.CharField(max_length=30, blank=True)
    contact = models.CharField(max_length=32, help_text="MD5 of the contact's id in the CRM")
    client = models.CharField(max_length=100)
    ivr_intent = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=120)
    prompt_version = models.CharField(max_length=80, blank=True)
    cache = models.CharField(max_length=10)
    is_empty = models.BooleanField(help_text="there was nothing to summarise")
    is_transfer = models.BooleanField(help_text="the same customer was asked for within the five minutes before")
    fell_back = models.BooleanField()
    latency_ms = models.PositiveIntegerField()
    model_ms = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, default=0)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    helpful = models.PositiveSmallIntegerField(default=0)
    not_helpful = models.PositiveSmallIntegerField(default=0)
    rating_reason = models.CharField(max_length=40, blank=True, db_default="", help_text="why it was not helpful")

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="insight_fact_at"),
            models.Index(fields=["customer_id", "at"], name="insight_fact_customer"),
        ]

    def __str__(self) -> str:
        return self.insight_id
