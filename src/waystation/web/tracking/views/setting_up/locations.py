"""The master list: map and table, proposals, and decisions about a location."""

from __future__ import annotations

import math
from typing import Any, cast

import polars as pl
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from waystation.tracking.proposals import ProposalKind
from waystation.web.accounts.models import User
from waystation.web.accounts.roles import Action
from waystation.web.tracking import access, master
from waystation.web.tracking.actions import locations as actions
from waystation.web.tracking.forms.setting_up import (
    LocationEditForm,
    LocationFilterForm,
    LocationMergeForm,
    LocationStatusForm,
    ProposalForm,
)
from waystation.web.tracking.models import Operation
from waystation.web.tracking.models.places import LocationChange
from waystation.web.tracking.views.frame import operation_context

PAGE_SIZE = 100
PROPOSALS = {
    ProposalKind.NEW.value: gettext_lazy("New"),
    ProposalKind.MOVED.value: gettext_lazy("Moved"),
    ProposalKind.RENAMED.value: gettext_lazy("Other name"),
    ProposalKind.CHANGED_UNIT.value: gettext_lazy("Other unit"),
    ProposalKind.REOPENED.value: gettext_lazy("Reported again"),
    ProposalKind.DUPLICATE.value: gettext_lazy("Twice in the list"),
    ProposalKind.MERGED.value: gettext_lazy("Continued as another"),
}
FORMS: dict[str, type[Form]] = {
    LocationChange.EDIT: LocationEditForm,
    LocationChange.CLOSE: LocationStatusForm,
    LocationChange.REOPEN: LocationStatusForm,
    LocationChange.MERGE: LocationMergeForm,
}


@require_safe
@login_required
def locations(request: HttpRequest, slug: str) -> HttpResponse:
    """List the locations of an operation."""
    operation = access.operation_for(request.user, slug, Action.READ_DRAFTS)
    form = LocationFilterForm(request.GET)
    whole = master.master_list(operation)
    shown = _filtered(whole, form.cleaned_data) if form.is_valid() else whole
    page = Paginator(range(shown.height), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = shown.slice(page.start_index() - 1 if shown.height else 0, PAGE_SIZE)
    context = operation_context(
        request,
        operation,
        "locations",
        form=form,
        page=page,
        rows=rows.to_dicts(),
        total=whole.height,
        point_prefix=reverse("tracking:location", args=[slug, "X"]).removesuffix("X"),
        is_filtered=shown.height != whole.height,
        proposals=master.proposals_of(operation).height,
    )
    return render(request, "tracking/setting_up/locations.html", context)


@require_safe
@login_required
def locations_map(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the map of the master list: a map document, or with ?points its points."""
    operation = access.operation_for(request.user, slug, Action.READ_DRAFTS)
    whole = master.master_list(operation)
    if "points" in request.GET:
        return HttpResponse(master.points_document(whole), "application/geo+json")
    placed = whole.drop_nulls(["latitude", "longitude"])
    bounds = [
        _number(placed[column], how)
        for column, how in (
            ("longitude", "min"),
            ("latitude", "min"),
            ("longitude", "max"),
            ("latitude", "max"),
        )
    ]
    codes = placed["location_id"].to_list()
    today = timezone.now().date().isoformat()
    address = reverse("tracking:locations_map", args=[slug])
    document = {
        "bounds": bounds,
        "outlines": {},
        "points": f"{address}?points",
        "rounds": [{"key": "now", "label": _("Now"), "date": today}],
        "indicators": [{"code": "location", "label": _("Locations"), "unit": "", "kind": ""}],
        "values": {"location": {"points": {"codes": codes, "rounds": [[1] * len(codes)]}}},
        "classes": {},
    }
    return JsonResponse(document)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def location(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Show a location of the master list, and decide about it."""
    user = cast("User", request.user)
    action = Action.REVIEW_DATA if request.method == "POST" else Action.READ_DRAFTS
    operation = access.operation_for(user, slug, action)
    found = master.location_of(operation, code)
    forms = {
        change: form(prefix=change, initial=found if change == LocationChange.EDIT else None)
        for change, form in FORMS.items()
    }
    if request.method == "POST":
        change = request.POST.get("change", "")
        if change == "undo":
            return _undo(request, operation, user, code)
        if change in FORMS:
            bound = FORMS[change](request.POST, prefix=change)
            if bound.is_valid() and _is_possible(bound, operation, code):
                _decide(operation, code, LocationChange(change), bound, user)
                messages.success(request, _("Decided. Open rounds are being built anew."))
                return redirect("tracking:location", slug, code)
            forms[change] = bound
    context = operation_context(
        request,
        operation,
        "locations",
        location=found,
        edit=forms[LocationChange.EDIT],
        close=forms[LocationChange.CLOSE],
        reopen=forms[LocationChange.REOPEN],
        merge=forms[LocationChange.MERGE],
        history=master.history_of_location(operation, code),
    )
    status = 422 if request.method == "POST" else 200
    return render(request, "tracking/setting_up/location.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def proposals(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what the field's reports propose to change, and take or dismiss each."""
    action = Action.REVIEW_DATA if request.method == "POST" else Action.READ_DRAFTS
    operation = access.operation_for(request.user, slug, action)
    if request.method == "POST":
        return _answer(request, operation)
    found = master.proposals_of(operation)
    page = Paginator(range(found.height), PAGE_SIZE).get_page(request.GET.get("page"))
    start = page.start_index() - 1 if found.height else 0
    rows = [
        row | {"label": PROPOSALS[row["kind"]]}
        for row in found.slice(start, PAGE_SIZE).iter_rows(named=True)
    ]
    context = operation_context(request, operation, "locations", page=page, rows=rows)
    return render(request, "tracking/setting_up/proposals.html", context)


def _answer(request: HttpRequest, operation: Operation) -> HttpResponse:
    form = ProposalForm(request.POST)
    back = redirect("tracking:location_proposals", operation.slug)
    if not form.is_valid():
        messages.error(request, _("What was sent cannot be used. Check it and send it again."))
        return back
    answer = form.cleaned_data
    proposal = master.proposal_of(
        operation, answer["kind"], answer["location_id"], answer["other_id"]
    )
    change = LocationChange.DISMISS
    values: dict[str, Any] = {}
    if answer["answer"] == "take":
        change, values = master.change_of_proposal(operation, proposal)
    actions.decide_location(
        operation,
        proposal["location_id"],
        change,
        by=cast("User", request.user),
        other_id=proposal["other_id"] or "",
        proposal=proposal["kind"],
        values=values,
        reason=answer["reason"],
    )
    messages.success(request, _("Decided."))
    return back


def _decide(
    operation: Operation, code: str, change: LocationChange, form: Form, user: User
) -> None:
    values = dict(form.cleaned_data)
    actions.decide_location(
        operation,
        code,
        change,
        by=user,
        reason=values.pop("reason"),
        other_id=values.pop("other_id", ""),
        holds_from=values.pop("holds_from", None),
        values=values,
    )


def _is_possible(form: Form, operation: Operation, code: str) -> bool:
    other = form.cleaned_data.get("other_id")
    if other is None:
        return True
    known = master.master_list(operation)["location_id"]
    if other == code or other not in known:
        form.add_error("other_id", _("Give the id of another location of the list."))
        return False
    return True


def _undo(request: HttpRequest, operation: Operation, user: User, code: str) -> HttpResponse:
    number = request.POST.get("decision", "")
    decision = access.decision_of(operation, int(number) if number.isdecimal() else 0)
    actions.withdraw_decision(decision, by=user)
    messages.success(request, _("Taken back. Open rounds are being built anew."))
    return redirect("tracking:location", operation.slug, code)


def _filtered(whole: pl.DataFrame, wanted: dict[str, str]) -> pl.DataFrame:
    if text := wanted.get("q"):
        found = pl.any_horizontal(
            pl.col(c).str.to_lowercase().str.contains(text.lower(), literal=True)
            for c in ("name", "location_id")
        )
        whole = whole.filter(found)
    if unit := wanted.get("unit"):
        codes = ("admin1_code", "admin2_code", "admin3_code")
        whole = whole.filter(pl.any_horizontal(pl.col(c) == unit for c in codes))
    if status := wanted.get("status"):
        whole = whole.filter(pl.col("status").cast(pl.String) == status)
    return whole.sort("name", nulls_last=True)


def _number(column: pl.Series, how: str) -> float:
    value = getattr(column, how)()
    return 0.0 if value is None or math.isnan(value) else float(value)
