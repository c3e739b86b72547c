"""The form that takes several files at once."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from knowledge.models import Audience
from knowledge.parsing import MAX_BYTES, SUFFIXES
from knowledge.services import UploadReceipt, upload_create
from omnicqm.common.errors import OmniError

ACCEPTED = ",".join(sorted(SUFFIXES))


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files; each may be empty, the service says so better."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(FilesField, self).clean(file, initial) for file in files]


class UploadForm(forms.Form):
    documents = FilesField(widget=FilesInput(attrs={"accept": ACCEPTED}), allow_empty_file=True)
    internal = forms.BooleanField(required=False)


def files_hand_in(form: UploadForm, request: HttpRequest) -> Iterator[tuple[str, UploadReceipt | OmniError]]:
    """Hand every file of a valid form in, under its name; the receipt or what is wrong with it."""
    audience = Audience.INTERNAL if form.cleaned_data["internal"] else Audience.CUSTOMER
    for file in form.cleaned_data["documents"]:
        try:
            yield file.name, _hand_in(file, audience, f"user:{request.user.pk}")
        except OmniError as error:
            yield file.name, error


def _hand_in(file: UploadedFile, audience: Audience, actor: str) -> UploadReceipt:
    return upload_create(
        data=file.read(MAX_BYTES + 1),
        name=file.name or "",
        source="admin",
        actor=actor,
        known_by_name=True,
        audience=audience,
    )
