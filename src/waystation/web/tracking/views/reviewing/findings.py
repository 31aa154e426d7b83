"""The page of findings, one finding with its row, and what is done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from waystation.tracking.review import Act, can_be, plan_of_act
from waystation.web.accounts.roles import Action
from waystation.web.tracking import findings, queries
from waystation.web.tracking.actions import review as actions
from waystation.web.tracking.actions import rounds as round_actions
from waystation.web.tracking.findings import FACETS, NONE, PAGE, Chosen, Desk
from waystation.web.tracking.forms.reviewing import BULK_ACTS, DecisionForm
from waystation.web.tracking.models import Round
from waystation.web.tracking.people import names_of_people
from waystation.web.tracking.row_detail import row_of_finding
from waystation.web.tracking.views.reviewing import words
from waystation.web.tracking.views.reviewing.frame import (
    address,
    may_see,
    reviewer,
    round_context,
)

FINDINGS = "tracking/reviewing/review.html"


@login_required
@require_GET
def review(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Show what is wrong in what came in, grouped and counted."""
    round_ = may_see(request, slug, key, Action.READ_DRAFTS)
    context = round_context(request, round_, "review")
    desk: Desk | None = context["desk"]
    if desk is None:
        return render(request, FINDINGS, context)
    chosen = Chosen.of_query(request.GET)
    matching = findings.chosen_items(desk, chosen)
    page = findings.page_of_items(matching, chosen.group, _number(request.GET.get("page")))
    counts = findings.facet_counts(desk, chosen)
    names = _unit_names(round_)
    context |= {
        "chosen": chosen,
        "query": chosen.query(),
        "count": page.count,
        "states": _states(round_, chosen, counts["state"]),
        "facets": _facets(chosen, counts, names),
        "groups": _groups(round_, page, chosen, names),
        "page": Paginator(range(page.count), PAGE).get_page(page.number),
        "acts": [
            {"act": act, "label": label, "url": _bulk(round_, chosen, act)}
            for act, label in BULK_ACTS
        ],
        "has_any": desk.items.height > 0,
    }
    return render(request, FINDINGS, context)


@login_required
@require_http_methods(["GET", "POST"])
def finding(request: HttpRequest, slug: str, key: str, finding: str) -> HttpResponse:
    """Show one finding with its row, or settle it."""
    is_post = request.method == "POST"
    action = Action.REVIEW_DATA if is_post else Action.READ_DRAFTS
    round_ = may_see(request, slug, key, action)
    desk = findings.desk_of_round(round_)
    item = findings.finding_of_desk(desk, finding)
    form = DecisionForm(request.POST if is_post else None)
    form.severity = item["severity"]
    status = 200
    if is_post:
        if request.POST.get("act") == "reopen":
            actions.reopen_finding(round_, finding, by=reviewer(request))
            return _after(request, round_, finding, _("The finding is open again."))
        if form.is_valid():
            said = _settle(request, round_, item, form.cleaned_data)
            if said is not None:
                return _after(request, round_, finding, said)
            form.add_error("new", _("This value cannot stand in this column."))
        status = 422
    return _one(request, round_, finding, form, status)


@login_required
@require_GET
def progress(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Show what is not in the figures yet, as a part of a page."""
    round_ = may_see(request, slug, key, Action.READ_DRAFTS)
    was = request.GET.get("draft", "")
    context = round_context(request, round_, "review")
    context["has_new_draft"] = was.isdecimal() and int(was[:9]) != round_.draft
    context["was_draft"] = was if was.isdecimal() else round_.draft
    return render(request, "tracking/reviewing/pending.html", context)


@login_required
@require_POST
def rebuild(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Build the round's draft anew."""
    round_ = may_see(request, slug, key, Action.REVIEW_DATA)
    round_actions.rebuild_round(round_, by=reviewer(request))
    return redirect(address("review", round_))


def _settle(
    request: HttpRequest, round_: Round, item: dict[str, Any], said: dict[str, Any]
) -> str | None:
    """Settle a finding; return what was done in words, None where the value cannot stand."""
    act = Act(said["act"])
    desk = findings.desk_of_round(round_)
    items = findings.items_only(desk.items.filter(pl.col("key") == item["key"]))
    rows = findings.rows_as_received(round_)
    plan = plan_of_act(items, rows, act, new=said["new"] or None, reason=said["reason"])
    if plan.settled.is_empty():
        return None
    done = actions.settle_findings(
        round_, plan, act, reason=said["reason"], by=reviewer(request)
    )
    return _("Done. Findings settled: %(n)s") % {"n": done.findings}


def _after(request: HttpRequest, round_: Round, key: str, said: str) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        return _one(request, round_, key, DecisionForm(), 200, is_after=True)
    messages.success(request, said)
    back = request.POST.get("back", "")[:2000]
    query = Chosen.of_query(_query_of(back)).query() if back else {}
    return HttpResponseRedirect(address("review", round_, query=query))


def _query_of(text: str) -> dict[str, str]:
    return {name: str(value) for name, value in QueryDict(text).items()}


def _one(
    request: HttpRequest,
    round_: Round,
    key: str,
    form: DecisionForm,
    status: int,
    *,
    is_after: bool = False,
) -> HttpResponse:
    context = round_context(request, round_, "review")
    item = findings.finding_of_desk(context["desk"], key)
    shown = shown_items([item], findings.rows_as_received(round_).columns)[0]
    context |= {
        "item": shown,
        "form": form,
        "back": request.GET.urlencode() or request.POST.get("back", "")[:2000],
        "detail": None if is_after else _detail(round_, item),
        "is_after": is_after,
        "is_open": not is_after,
    }
    name = "finding" if not context["is_partial"] else "finding_part"
    return render(request, f"tracking/reviewing/{name}.html", context, status=status)


def _detail(round_: Round, item: dict[str, Any]) -> dict[str, Any] | None:
    detail = row_of_finding(round_, item)
    if detail is None:
        return None
    cells = [{"cell": cell, "label": words.column_label(cell.column)} for cell in detail.cells]
    return {"cells": cells, "previous_round": detail.previous_round, "aside": detail.set_aside}


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding with its words, as templates take it."""

    item: dict[str, Any]
    title: str
    severity: Any
    badge: str
    state: Any
    column: str
    by: str
    can_fix: bool
    can_set: bool
    can_set_aside: bool


def shown_items(items: list[dict[str, Any]], columns: list[str]) -> list[Shown]:
    """Return findings with words in the reader's language."""
    if not items:
        return []
    frame = pl.DataFrame(items, infer_schema_length=None).with_columns(
        pl.col("submission_id", "column", "expected", "reported").cast(pl.String)
    )
    can = frame.select(
        fix=can_be(Act.EXPECTED, columns) & pl.col("expected").ne_missing(pl.col("reported")),
        set=can_be(Act.VALUE, columns),
        aside=can_be(Act.SET_ASIDE, columns),
    )
    people = names_of_people(i["by_id"] for i in items)
    return [
        Shown(
            item=item,
            title=words.check_title(item["code"]),
            severity=words.SEVERITIES[item["severity"]][0],
            badge=words.SEVERITIES[item["severity"]][1],
            state=words.STATES[item["state"]],
            column=words.column_label(item["column"]) if item["column"] else "",
            by=people.get(item["by_id"], ""),
            can_fix=fix,
            can_set=set_,
            can_set_aside=aside,
        )
        for item, (fix, set_, aside) in zip(items, can.iter_rows(), strict=True)
    ]


def _groups(
    round_: Round, page: findings.Page, chosen: Chosen, names: dict[str, str]
) -> list[dict[str, Any]]:
    columns = findings.rows_as_received(round_).columns
    by = findings.GROUPS[chosen.group]
    facets = {column: name for name, column in FACETS.items()}
    groups: list[dict[str, Any]] = []
    for shown in shown_items(page.items, columns):
        key = tuple(shown.item[column] for column in by)
        if not groups or groups[-1]["key"] != key:
            only = {facets[c]: NONE if v is None else v for c, v in zip(by, key, strict=True)}
            groups.append(
                {
                    "key": key,
                    "label": _group_label(chosen.group, shown, names),
                    "action": words.check_action(key[0]) if chosen.group == "check" else "",
                    "count": page.groups[key],
                    "url": address("review", round_, query=chosen.query(**only)),
                    "shown": [],
                }
            )
        groups[-1]["shown"].append(shown)
    return groups


def _group_label(group: str, shown: Shown, names: dict[str, str]) -> str:
    item = shown.item
    if group == "check":
        return f"{item['code']} {shown.title}"
    if group == "severity":
        return str(shown.severity)
    if group == "enumerator":
        return item["enumerator"] or _("Enumerator not named")
    parts = [names.get(item[c] or "", item[c]) for c in ("admin1_code", "admin2_code")]
    named = [p for p in (*parts, item["location_name"] or item["location_id"]) if p]
    return " › ".join(named) or _("Files as a whole")


def _states(
    round_: Round, chosen: Chosen, counts: list[findings.FacetValue]
) -> list[dict[str, Any]]:
    found = {entry.value: entry.count for entry in counts}
    tabs = [(state, words.STATES[state], found.get(state, 0)) for state in findings.STATES]
    tabs.append(("", _("All"), sum(found.values())))
    return [
        {
            "url": address("review", round_, query=chosen.query(state=state)),
            "label": label,
            "count": count,
            "is_current": chosen.state == state,
        }
        for state, label, count in tabs
    ]


def _facets(
    chosen: Chosen, counts: dict[str, list[findings.FacetValue]], names: dict[str, str]
) -> list[dict[str, Any]]:
    labels = {
        "severity": _("Severity"), "code": _("Check"), "admin1": _("Admin 1"),
        "admin2": _("Admin 2"), "location": _("Location"), "enumerator": _("Enumerator"),
        "file": _("File"),
    }  # fmt: skip
    facets = []
    for name, label in labels.items():
        values = [
            {
                "value": entry.value,
                "label": _value_label(name, entry.value, names),
                "count": entry.count,
                "is_chosen": entry.value == getattr(chosen, name),
            }
            for entry in counts[name]
        ]
        facets.append({"name": name, "label": label, "values": values})
    return facets


def _value_label(facet: str, value: str, names: dict[str, str]) -> str:
    if value == NONE:
        return _("none named")
    if facet == "severity" and value in words.SEVERITIES:
        return str(words.SEVERITIES[value][0])
    if facet == "code":
        return f"{value} {words.check_title(value)}"
    return names.get(value, value) if facet in {"admin1", "admin2"} else value


def _bulk(round_: Round, chosen: Chosen, act: str) -> str:
    return address("review_bulk", round_, query={**chosen.query(), "act": act})


def _unit_names(round_: Round) -> dict[str, str]:
    units, _boundaries = queries.geography_of(round_.operation)
    return {} if units is None else dict(units.select("code", "name").iter_rows())


def _number(text: str | None) -> int:
    return int(text[:9]) if text and text.isdecimal() else 1
