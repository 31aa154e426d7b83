"""Pages of the audit trail, for those who may read it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from waystation.web.accounts import access, queries
from waystation.web.accounts.forms import Events
from waystation.web.accounts.roles import Action
from waystation.web.accounts.views.answers import csv_to_save, person_of
from waystation.web.audit.actions import record_read
from waystation.web.audit.models import Event
from waystation.web.audit.queries import chosen_events, verify_chain

EVENTS_A_PAGE = 100


@require_safe
@login_required
def events(request: HttpRequest) -> HttpResponse:
    """List events as chosen, the latest first; older ones by the number they come before."""
    access.require_to_read_audit(person_of(request))
    form = Events(request.GET)
    if not form.is_valid():
        return render(request, "audit/events.html", {"form": form}, status=422)
    may_manage = access.may(person_of(request), Action.MANAGE_ACCOUNTS)
    found = chosen_events(form.choice())
    if form.cleaned_data["before"]:
        found = found.filter(number__lt=form.cleaned_data["before"])
    shown = list(found[: EVENTS_A_PAGE + 1])
    asked = {k: v for k, v in request.GET.items() if k in form.fields and k != "before" and v}
    older = shown[EVENTS_A_PAGE - 1].number if len(shown) > EVENTS_A_PAGE else None
    context = {
        "form": form,
        "may_manage": may_manage,
        "events": shown[:EVENTS_A_PAGE],
        "asked": urlencode(asked),
        "older": urlencode({**asked, "before": older}) if older else "",
    }
    return render(request, "audit/events.html", context)


@require_safe
@login_required
def export_events(request: HttpRequest) -> HttpResponse:
    """Give the chosen events as a file, which is an event of its own."""
    user = person_of(request)
    access.require_to_read_audit(user)
    form = Events(request.GET)
    if not form.is_valid():
        return render(request, "audit/events.html", {"form": form}, status=422)
    frame = queries.events_frame(chosen_events(form.choice()).iterator(chunk_size=2000))
    record_read("audit.export", user, Event, {"rows": frame.height})
    return csv_to_save(frame, "audit.csv")


@require_POST
@login_required
def verify_events(request: HttpRequest) -> HttpResponse:
    """Say whether the chain holds, and its head."""
    user = person_of(request)
    access.require_to_read_audit(user)
    report = verify_chain()
    details = {"events": report.events, "broken": len(report.broken)}
    record_read("audit.verify", user, Event, details)
    return render(request, "audit/chain.html", {"report": report, "first": report.broken[:20]})
