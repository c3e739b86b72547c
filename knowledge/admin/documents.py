"""Documents in the console. The pages read; every change goes through a service."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from knowledge.admin.pages import document_page
from knowledge.admin.upload import ACCEPTED, UploadForm, files_hand_in
from knowledge.errors import DocumentNotFound
from knowledge.models import PENDING_STATES, Audience, Document, DocumentVersion, VersionState
from knowledge.parsing import MAX_BYTES
from knowledge.selectors import documents_with_latest
from knowledge.services import document_audience_set, document_delete, version_retry
from omnicqm.common.errors import OmniError

REFRESH_SECONDS = "5"
STATE_LABELS = {
    VersionState.QUEUED: "info",
    VersionState.PARSING: "info",
    VersionState.EMBEDDING: "info",
    VersionState.READY: "success",
    VersionState.FAILED: "danger",
}


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("pending", "Being read"), ("ready", "Ready"), ("failed", "Failed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "pending":
                return queryset.filter(latest_state__in=PENDING_STATES)
            case "ready" | "failed" as state:
                return queryset.filter(latest_state=state)
        return queryset


@admin.register(Document)
class DocumentAdmin(ModelAdmin):
    """A row for each document with the state of its newest file; the page behind it shows versions and chunks."""

    list_display = ("name", "state", "reason", "audience_chip", "latest", "handed_in")
    list_display_links = ("name",)
    list_filter = (StateFilter, "audience", "source")
    list_per_page = 50
    list_fullwidth = True
    show_full_result_count = False
    search_fields = ("=id", "=external_id", "title", "versions__name")
    search_help_text = "Title, file name or id"
    actions = ("retry", "make_internal", "show_to_customers")

    # --- the list ---------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        return documents_with_latest()

    def get_ordering(self, request: HttpRequest) -> list[str]:
        """What was handed in last comes first, be it a new document or a new version."""
        return ["-latest_created_at"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", None) or {}
        rows = shown["cl"].result_list if "cl" in shown else []
        return _refreshing(response) if any(row.latest_state in PENDING_STATES for row in rows) else response

    @display(description="Document", ordering="title", header=True)
    def name(self, document: Document) -> tuple[str, str]:
        return str(document), document.external_id or document.latest_name  # type: ignore[attr-defined]

    @display(description="State", ordering="latest_state", label=STATE_LABELS)
    def state(self, document: Document) -> tuple[str, str]:
        state = VersionState(document.latest_state)  # type: ignore[attr-defined]
        return state, state.label

    @display(description="What is wrong")
    def reason(self, document: Document) -> str:
        return document.latest_error or "-"  # type: ignore[attr-defined]

    @display(description="For", ordering="audience", label={Audience.INTERNAL: "warning", Audience.CUSTOMER: "success"})
    def audience_chip(self, document: Document) -> tuple[str, str]:
        return document.audience, "Consultants only" if document.audience == Audience.INTERNAL else "Customers"

    @display(description="Version", ordering="latest_number")
    def latest(self, document: Document) -> int:
        return document.latest_number  # type: ignore[attr-defined]

    @display(description="Handed in", ordering="latest_created_at")
    def handed_in(self, document: Document) -> str:
        return date_format(localtime(document.latest_created_at), "j M Y, H:i")  # type: ignore[attr-defined]

    # --- actions ----------------------------------------------------------------------------------------------------

    @action(description="Try failed ones again", permissions=["change"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        failed = DocumentVersion.objects.filter(document__in=queryset.values("pk"), state=VersionState.FAILED)
        for version in failed:
            version_retry(version_id=version.id, actor=_actor(request))
        messages.success(request, f"{len(failed)} queued again." if failed else "None of them had failed.")

    @action(description="Make internal: for consultants only", permissions=["change"])
    def make_internal(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        self._set_audience(request, queryset, Audience.INTERNAL)

    @action(description="Show to customers", permissions=["change"])
    def show_to_customers(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        self._set_audience(request, queryset, Audience.CUSTOMER)

    def _set_audience(self, request: HttpRequest, queryset: QuerySet[Document], audience: Audience) -> None:
        for document in queryset:
            document_audience_set(document_id=document.id, audience=audience, actor=_actor(request))
        messages.success(request, f"{len(queryset)} documents are now for {audience.label.lower()} use.")

    # --- deleting ---------------------------------------------------------------------------------------------------

    def delete_model(self, request: HttpRequest, obj: Document) -> None:
        document_delete(document_id=obj.id, actor=_actor(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        for document in queryset:
            document_delete(document_id=document.id, actor=_actor(request))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[Any, int], set[str], list[str]]:
        """Documents only: listing the thousands of chunks below them helps nobody."""
        return [str(document) for document in objs], {"documents, with their versions": len(objs)}, set(), []

    # --- pages ------------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        version = "<str:document_id>/versions/<str:version_id>"
        return [
            path(f"{version}/retry/", self._staff(self.retry_view), name="knowledge_version_retry"),
            path(f"{version}/file/", self._staff(self.file_view), name="knowledge_version_file"),
            *super().get_urls(),
        ]

    def _staff(self, view: Any) -> Any:
        return self.admin_site.admin_view(view)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Several files at once."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if form.is_bound and form.is_valid() and self._hand_in(request, form):
            return HttpResponseRedirect(reverse("admin:knowledge_document_changelist"))
        limit = MAX_BYTES // 2**20
        return self._render(
            request, "upload.html", {"title": "Add documents", "form": form, "accept": ACCEPTED, "megabytes": limit}
        )

    def _hand_in(self, request: HttpRequest, form: UploadForm) -> bool:
        """True when at least one of the files was taken."""
        taken = 0
        for name, outcome in files_hand_in(form, request):
            if isinstance(outcome, OmniError):
                messages.error(request, f"{name}: {outcome.message}")
                continue
            taken += 1
            if outcome.versions:
                count = len(outcome.versions)
                messages.success(request, f"{name}: {f'{count} documents ' if count > 1 else ''}queued.")
            else:
                messages.info(request, f"{name}: known already, nothing has changed.")
        return taken > 0

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Versions and chunks, to read."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        try:
            page = document_page(unquote(object_id), request.GET.get("version", ""))
        except DocumentNotFound:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        context = {
            "title": str(page.document),
            "original": page.document,
            "page": page,
            "may_change": self.has_change_permission(request),
            "may_delete": self.has_delete_permission(request),
        }
        response = self._render(request, "document.html", context)
        return _refreshing(response) if page.is_pending else response

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who may see no documents is refused before it is looked whether there is this one."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def retry_view(self, request: HttpRequest, document_id: str, version_id: str) -> HttpResponse:
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        try:
            version_retry(version_id=version_id, actor=_actor(request))
            messages.success(request, "Queued again.")
        except OmniError as error:
            messages.error(request, error.message)
        return HttpResponseRedirect(reverse("admin:knowledge_document_change", args=[document_id]))

    def file_view(self, request: HttpRequest, document_id: str, version_id: str) -> FileResponse:
        """The file as it was handed in, always as a download: it may hold anything."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        version = DocumentVersion.objects.filter(pk=version_id, document_id=document_id).first()
        if version is None or not version.file.storage.exists(str(version.file.name)):
            raise Http404
        return FileResponse(version.file.open("rb"), as_attachment=True, filename=version.name or version.id)

    def _render(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return render(request, f"knowledge/{template}", shared | context)


def _refreshing(response: HttpResponse) -> HttpResponse:
    """Show the page anew in a moment: something on it is still being read."""
    response["Refresh"] = REFRESH_SECONDS
    return response


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.pk}"
