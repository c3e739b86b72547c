"""A page that asks before something is done: what a link leads to changes nothing yet."""

from django.contrib.admin import AdminSite
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse


def confirm_view(
    request: HttpRequest, *, site: AdminSite, title: str, subject: str, words: str, obj: Model
) -> HttpResponse:
    """`title` is what the button says, `subject` what it is about; the button posts to the same address."""
    back = reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])
    asked = {"title": title, "subject": subject, "words": words, "back": back}
    return render(request, "console/alerts/confirm.html", {**site.each_context(request), **asked})
