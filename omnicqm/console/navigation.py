"""The sidebar of the console: groups in the words of the people who work with it."""

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from analytics.addresses import ask_address
from analytics.dashboards.boards import DASHBOARDS
from analytics.dashboards.views import PERMISSION as SEE_FIGURES
from conversations.models import Escalation
from omnicqm.console.away import MAY_WORK
from omnicqm.console.silence import SWITCH


class _Page(NamedTuple):
    title: str
    icon: str  # a Material symbol
    model: str  # app_label.model_name; who may view it sees the page
    route: str = ""  # of a page of ours; else the list of the model


_ICONS = {"volume": "monitoring", "summaries": "summarize", "performance": "speed", "cost": "payments"}
_GROUPS: dict[str, list[_Page]] = {
    "Work": [
        _Page("Queue", "support_agent", "conversations.escalation", "queue:page"),
        _Page("Follow-up tasks", "task_alt", "conversations.followup"),
        _Page("Conversations", "forum", "conversations.conversation"),
        _Page("Queries", "mark_email_unread", "conversations.query"),
        _Page("Deliveries", "outgoing_mail", "conversations.delivery"),
        _Page("CRM cases", "cases", "conversations.crmcase"),
    ],
    "People": [
        _Page("Customers", "group", "conversations.customer"),
        _Page("Identities", "badge", "conversations.identity"),
        _Page("Interactions", "history_toggle_off", "conversations.interaction"),
    ],
    "Knowledge": [
        _Page("Documents", "menu_book", "knowledge.document"),
        _Page("Knowledge gaps", "help_center", "feedback.knowledgegap"),
        _Page("Article proposals", "post_add", "feedback.articleproposal"),
    ],
    "Desk": [
        _Page("Teams", "groups", "conversations.team"),
        _Page("Consultants", "support_agent", "conversations.consultant"),
        _Page("Queues", "stacks", "conversations.workqueue"),
        _Page("Service targets", "timer", "conversations.servicetarget"),
        _Page("Business hours", "schedule", "conversations.businesshours"),
        _Page("Macros", "text_snippet", "conversations.macro"),
        _Page("Guides", "checklist", "conversations.guide"),
    ],
    "Quality": [
        _Page("Alerts", "notifications", "analytics.alert"),
        _Page("Insights", "insights", "conversations.insight"),
        _Page("Ratings", "thumbs_up_down", "feedback.rating"),
        _Page("Judgements", "gavel", "feedback.judgement"),
        _Page("Corrections", "edit_note", "feedback.correction"),
        _Page("Autonomy", "smart_toy", "agents.category", "autonomy:page"),
    ],
    "Settings": [
        _Page("Channels", "hub", "conversations.channel"),
        _Page("Widget keys", "chat_bubble", "conversations.widgetkey"),
        _Page("Categories", "category", "agents.category"),
        _Page("Factor weights", "tune", "agents.factorweight"),
        _Page("Budgets", "savings", "agents.budget"),
        _Page("HTTP tools", "extension", "agents.httptool"),
        _Page("Alert rules", "notification_important", "analytics.alertrule"),
        _Page("Alert receivers", "contact_mail", "analytics.alertreceiver"),
        _Page("API clients", "key", "oauth2_provider.application"),
        _Page("Users", "manage_accounts", "auth.user"),
        _Page("Groups", "badge", "auth.group"),
        _Page("Wrong passwords", "lock", "axes.accessattempt"),
    ],
    "Trail": [
        _Page("Runs", "route", "agents.run"),
        _Page("Replays", "replay", "agents.runreplay"),
        _Page("Attempts", "payments", "common.attempt"),
        _Page("Writes by tools", "edit_note", "agents.httptooleffect"),
        _Page("Audit", "history", "common.auditevent"),
        _Page("Warehouse", "warehouse", "common.outboxbatch"),
        _Page("Sign-in codes", "pin", "conversations.signincode"),
    ],
}


_BADGES = {
    "conversations.escalation": "omnicqm.console.navigation.open_escalations",
    "analytics.alert": "omnicqm.console.alerts.open.alerts_badge",
}


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of pages that the user of `request` may see, for django-unfold."""
    home = {"title": "Home", "icon": "space_dashboard", "link": reverse("admin:index")}
    groups: list[dict[str, Any]] = [
        {"title": title, "separator": True, "items": [_item(page) for page in pages if _may_view(request, page)]}
        for title, pages in _GROUPS.items()
    ]
    if request.user.has_perm(SWITCH):
        settings = next(group for group in groups if group["title"] == "Settings")
        link = reverse("admin:people_only")
        settings["items"].insert(0, {"title": "People only", "icon": "voice_over_off", "link": link})
    if request.user.has_perm(SEE_FIGURES):
        groups.insert(1, {"title": "Analytics", "separator": True, "items": _analytics()})
    return [{"items": [home]}, *(group for group in groups if group["items"])]


def account(request: HttpRequest) -> list[dict[str, Any]]:
    """What stands below the user's name, for django-unfold."""
    away = [{"title": "Away or back", "link": reverse("admin:away")}] if request.user.has_perm(MAY_WORK) else []
    return [*away, {"title": "Second factor", "link": reverse("admin:second_factor_own")}]


def _analytics() -> list[dict[str, Any]]:
    boards = [
        {"title": board.title, "icon": _ICONS[name], "link": reverse("dashboards:page", args=[name])}
        for name, board in DASHBOARDS.items()
    ]
    pinned = {"title": "Pinned", "icon": "keep", "link": reverse("dashboards:pinned")}
    ask = {"title": "Ask", "icon": "query_stats", "link": ask_address()}
    return [*boards, pinned, *([ask] if ask["link"] else [])]


def _item(page: _Page) -> dict[str, Any]:
    route = page.route or f"admin:{page.model.replace('.', '_')}_changelist"
    item = {"title": page.title, "icon": page.icon, "link": reverse(route)}
    if badge := _BADGES.get(page.model):
        item["badge"] = badge
    return item


def _may_view(request: HttpRequest, page: _Page) -> bool:
    app, model = page.model.split(".")
    user = request.user
    return user.has_perm(f"{app}.view_{model}") or user.has_perm(f"{app}.change_{model}")


def open_escalations(request: HttpRequest) -> int | None:
    """How many escalations wait for a person; None, which shows no badge, when there are none."""
    return Escalation.objects.filter(state__in=Escalation.ACTIVE).count() or None
