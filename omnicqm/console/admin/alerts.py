"""Alerts: what fires and fired, the rules, the receivers and what they were sent."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from unfold.decorators import action, display

from analytics.alerts.evaluating import rules_ensure
from analytics.alerts.services import alert_acknowledge, receiver_secret_renew
from analytics.alerts.signals import SIGNALS, figure, unit_of
from analytics.models import Alert, AlertNotice, AlertReceiver, AlertRule
from omnicqm.common.errors import OmniError
from omnicqm.console.alerts.confirming import confirm_view
from omnicqm.console.alerts.open import alert_title, alert_told
from omnicqm.console.base import BaseAdmin, ReadOnlyAdmin, ReadOnlyInline
from omnicqm.console.times import ago, moment


class NoticeInline(ReadOnlyInline):
    model = AlertNotice
    verbose_name_plural = "who was told"
    fields = readonly_fields = ("receiver", "transition", "state", "tries", "sent_at", "last_error")
    show_change_link = False


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """Every time a rule fired. A person says on the page behind it that they take care."""

    list_display = ("fired", "state_chip", "what", "words", "lasted", "taken")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "rule")
    list_select_related = ("rule", "acknowledged_by")
    inlines = (NoticeInline,)
    fields = readonly_fields = ("told", "words", "fired_at", "resolved_at", "worst_told", "sample", "taken")
    actions_detail = ("acknowledge",)

    @action(description="I take care", url_path="acknowledge", permissions=["acknowledge"])
    def acknowledge(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The strip on the home page calms down, and colleagues see who it is."""
        alert_id = unquote(object_id)
        if request.method != "POST":
            words = "Colleagues will see that you take care of it. It stays open until it is good again."
            return self._ask(request, alert_id, words)
        try:
            alert_acknowledge(alert_id=alert_id, user=request.user)
        except Alert.DoesNotExist:
            return self._get_obj_does_not_exist_redirect(request, self.opts, alert_id)
        except OmniError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, "You take care of this alert.")
        return redirect("admin:analytics_alert_change", alert_id)

    def _ask(self, request: HttpRequest, alert_id: str, words: str) -> HttpResponse:
        alert = Alert.objects.filter(pk=alert_id).first()
        if alert is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, alert_id)
        return confirm_view(
            request, site=self.admin_site, title="I take care", subject=self.told(alert), words=words, obj=alert
        )

    def has_acknowledge_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("analytics.change_alert")

    @display(description="Fired", ordering="fired_at", header=True)
    def fired(self, alert: Alert) -> tuple[str, str]:
        return moment(alert.fired_at), alert.pk

    @display(description="State", label={"open": "danger", "taken": "warning", "over": "success"})
    def state_chip(self, alert: Alert) -> tuple[str, str]:
        if not alert.is_open:
            return "over", "Over"
        return ("taken", "Open, taken care of") if alert.acknowledged_at else ("open", "Open")

    @display(description="What", header=True)
    def what(self, alert: Alert) -> tuple[str, str]:
        return alert_title(alert), alert_told(alert)

    @display(description="What")
    def told(self, alert: Alert) -> str:
        return f"{alert_title(alert)}: {alert_told(alert)}"

    @display(description="Until")
    def lasted(self, alert: Alert) -> str:
        return moment(alert.resolved_at) if alert.resolved_at else "still"

    @display(description="Worst")
    def worst_told(self, alert: Alert) -> str:
        return figure(alert.worst, unit_of(alert.rule_id))

    @display(description="Taken care of by")
    def taken(self, alert: Alert) -> str:
        if alert.acknowledged_at is None:
            return "nobody yet"
        who = alert.acknowledged_by
        return f"{(who.get_full_name() or who.get_username()) if who else 'somebody'}, {ago(alert.acknowledged_at)}"


class RuleForm(forms.ModelForm):
    class Meta:
        model = AlertRule
        fields = ("enabled", "threshold", "clear_below", "window_minutes", "least_sample", "hits", "of_last")


@admin.register(AlertRule)
class AlertRuleAdmin(BaseAdmin):
    """What is watched, where its bars are, and how it stands. Which rules there are is ours to say."""

    form = RuleForm
    list_display = ("watched", "stands", "measured", "bars", "window", "patience", "enabled")
    list_display_links = ("watched",)
    list_select_related = ("state",)
    readonly_fields = ("about", "now")
    fieldsets = (
        (None, {"fields": ("about", "now", "enabled")}),
        ("The bars", {"fields": ("threshold", "clear_below")}),
        ("What is looked at", {"fields": ("window_minutes", "least_sample")}),
        ("How long until it is believed", {"fields": ("hits", "of_last")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[AlertRule]:
        """On a fresh installation nobody has evaluated them yet; those that another version made are not ours."""
        rules_ensure()
        return super().get_queryset(request).filter(key__in=list(SIGNALS)).select_related("state")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # switch it off instead

    @display(description="Watched", header=True)
    def watched(self, rule: AlertRule) -> tuple[str, str]:
        signal = SIGNALS[rule.key]
        return signal.title, signal.about

    @display(description="What it watches")
    def about(self, rule: AlertRule) -> str:
        unit = SIGNALS[rule.key].unit
        return f"{SIGNALS[rule.key].about}{f', in {unit}' if unit else ''}."

    @display(description="Now")
    def now(self, rule: AlertRule) -> str:
        return ": ".join((self.stands(rule)[1], " ".join(self.measured(rule))))

    @display(description="State", label={"bad": "danger", "quiet": "success", "off": "info", "unknown": "warning"})
    def stands(self, rule: AlertRule) -> tuple[str, str]:
        if not rule.enabled:
            return "off", "Off"
        if rule.state.value is None:
            return "unknown", "Too few cases" if rule.state.evaluated_at else "Not measured yet"
        return ("bad", "Bad") if rule.state.value > rule.threshold else ("quiet", "Good")

    @display(description="Measured", header=True)
    def measured(self, rule: AlertRule) -> tuple[str, str]:
        state = rule.state
        if state.error:
            return "cannot be measured", state.error
        at = f"Measured {ago(state.evaluated_at)}." if state.evaluated_at else ""
        value = "-" if state.value is None else figure(state.value, SIGNALS[rule.key].unit)
        return value, f"{state.words} {at}".strip()

    @display(description="Bad above, good below")
    def bars(self, rule: AlertRule) -> str:
        unit = SIGNALS[rule.key].unit
        return f"{figure(rule.threshold, unit)}, {figure(rule.clear_below, unit)}"

    @display(description="Window", ordering="window_minutes")
    def window(self, rule: AlertRule) -> str:
        return f"{rule.window_minutes:,} min"

    @display(description="Fires after")
    def patience(self, rule: AlertRule) -> str:
        return f"{rule.hits} of {rule.of_last}"


class ReceiverForm(forms.ModelForm):
    """The rules are called by what they watch."""

    class Meta:
        model = AlertReceiver
        fields = ("name", "kind", "target", "enabled", "rules")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "rules" in self.fields:
            rules_ensure()
            rules: Any = self.fields["rules"]
            rules.queryset = rules.queryset.filter(key__in=list(SIGNALS))
            rules.label_from_instance = lambda rule: SIGNALS[rule.key].title


@admin.register(AlertReceiver)
class AlertReceiverAdmin(BaseAdmin):
    """Who is told. A webhook gets a secret of ours, which is shown once."""

    form = ReceiverForm
    list_display = ("name", "kind", "target", "which", "enabled")
    list_filter = ("kind", "enabled")
    search_fields = ("name", "target")
    actions_detail = ("secret_page",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AlertReceiver]:
        return super().get_queryset(request).prefetch_related("rules")

    def save_model(self, request: HttpRequest, obj: AlertReceiver, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if obj.kind == AlertReceiver.Kind.WEBHOOK and not obj.sealed_secret:
            self._secret_show(request, obj)

    @action(description="New secret", url_path="secret", permissions=["change"])
    def secret_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        receiver: Any = self.get_object(request, unquote(object_id))
        if receiver is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_change_permission(request, receiver):
            raise PermissionDenied
        if request.method != "POST":
            words = "The present secret ends at once: what is sent from then on is signed with the new one."
            return confirm_view(
                request, site=self.admin_site, title="New secret", subject=receiver.name, words=words, obj=receiver
            )
        if receiver.kind == AlertReceiver.Kind.WEBHOOK:
            self._secret_show(request, receiver)
        else:
            messages.error(request, "Mails are not signed: only webhooks have a secret.")
        return redirect("admin:analytics_alertreceiver_change", receiver.pk)

    def _secret_show(self, request: HttpRequest, receiver: AlertReceiver) -> None:
        secret = receiver_secret_renew(receiver=receiver, actor=f"user:{request.user.pk}")
        messages.warning(request, render_to_string("console/alerts/_secret.html", {"secret": secret}))

    @display(description="Told of")
    def which(self, receiver: AlertReceiver) -> str:
        titles = [SIGNALS[rule.key].title for rule in receiver.rules.all() if rule.key in SIGNALS]
        return ", ".join(titles) or "every alert"
