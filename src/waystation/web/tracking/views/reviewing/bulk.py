"""One act on all findings that match a filter: shown first, then done to exactly those."""

from __future__ import annotations

import hashlib
from typing import Any

import polars as pl
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from waystation.tracking.review import Act, Plan, plan_of_act
from waystation.web.accounts.roles import Action
from waystation.web.tracking import findings
from waystation.web.tracking.actions import review as actions
from waystation.web.tracking.findings import Chosen
from waystation.web.tracking.forms.reviewing import BULK_ACTS, BulkForm
from waystation.web.tracking.models import Round
from waystation.web.tracking.views.reviewing import words
from waystation.web.tracking.views.reviewing.frame import (
    address,
    may_see,
    reviewer,
    round_context,
)

SHOWN = 20


@login_required
@require_http_methods(["GET", "POST"])
def bulk(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Show what an act would do to all findings that match, or do it."""
    round_ = may_see(request, slug, key, Action.REVIEW_DATA)
    desk = findings.desk_of_round(round_)
    chosen = Chosen.of_query(request.GET)
    act = _act(request)
    matching = findings.chosen_items(desk, chosen)
    items = findings.items_only(matching)
    reason = request.POST.get("reason", "")[:500].strip()
    plan = plan_of_act(items, findings.rows_as_received(round_), act, reason=reason)
    token = token_of(round_, act, plan)
    if request.method != "POST":
        return _show(request, round_, chosen, act, matching, plan, token, BulkForm(), 200)
    form = BulkForm(request.POST)
    if not form.is_valid():
        return _show(request, round_, chosen, act, matching, plan, token, form, 422)
    if request.POST.get("token") != token:
        form.add_error(
            None,
            _("The findings that match are not those you were shown. Look at them again."),
        )
        return _show(request, round_, chosen, act, matching, plan, token, form, 409)
    done = actions.settle_findings(
        round_, plan, act, reason=form.cleaned_data["reason"], by=reviewer(request)
    )
    messages.success(
        request,
        _("Done. Findings settled: %(n)s. Entries in the cleaning log: %(m)s.")
        % {"n": done.findings, "m": done.entries},
    )
    return redirect(address("review", round_, query={**chosen.query(), "done": done.batch}))


@login_required
@require_POST
def undo(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Undo an act as a whole, or one entry of the cleaning log."""
    round_ = may_see(request, slug, key, Action.REVIEW_DATA)
    entry = request.POST.get("entry", "")
    if entry.isdecimal():
        actions.undo_entry(round_, int(entry[:18]), by=reviewer(request))
        ended = 1
    else:
        batch = request.POST.get("batch", "")[:32].replace("\x00", "")
        ended = actions.undo_batch(round_, batch, by=reviewer(request))
    messages.success(request, _("Undone. Entries and decisions ended: %(n)s") % {"n": ended})
    page = "cleaning_log" if request.POST.get("from") == "log" else "review"
    return redirect(address(page, round_))


def token_of(round_: Round, act: Act, plan: Plan) -> str:
    """Return what names exactly what an act will do: its findings, and the values it sets."""
    said = f"{round_.pk} {round_.draft} {act.value}\n".encode()
    cells = plan.entries.select("id", "question", "old", "new")
    for frame in (plan.settled.select("key"), cells):
        said += f"{frame.height} ".encode() + frame.hash_rows(seed=1).to_numpy().tobytes()
    return hashlib.sha256(said).hexdigest()


def _act(request: HttpRequest) -> Act:
    given = request.POST.get("act") or request.GET.get("act", "")
    names = [name for name, _label in BULK_ACTS]
    return Act(given) if given in names else Act.ACCEPT


def _show(
    request: HttpRequest,
    round_: Round,
    chosen: Chosen,
    act: Act,
    matching: pl.DataFrame,
    plan: Plan,
    token: str,
    form: BulkForm,
    status: int,
) -> HttpResponse:
    context = round_context(request, round_, "review")
    context |= {
        "chosen": chosen,
        "act": act.value,
        "label": dict(BULK_ACTS)[act.value],
        "matching": matching.height,
        "count": plan.settled.height,
        "entries": plan.entries.height,
        "left": matching.height - plan.settled.height,
        "examples": _examples(plan),
        "states": _states(matching),
        "form": form,
        "token": token,
        "needs_words": act.value in BulkForm.needing_words,
        "acts": [
            {
                "label": label,
                "is_current": name == act.value,
                "url": address("review_bulk", round_, query={**chosen.query(), "act": name}),
            }
            for name, label in BULK_ACTS
        ],
        "back": address("review", round_, query=chosen.query()),
    }
    return render(request, "tracking/reviewing/bulk.html", context, status=status)


def _states(matching: pl.DataFrame) -> list[dict[str, Any]]:
    """Return how many of the findings are settled already: an act supersedes that."""
    found = matching.filter(pl.col("state") != "open").group_by("state").len().sort("state")
    return [{"label": words.STATES[state], "count": n} for state, n in found.iter_rows()]


def _examples(plan: Plan) -> list[dict[str, Any]]:
    cells = plan.entries.select(
        "old", "new", submission_id="id", cell=pl.col("question").fill_null("")
    )
    first = plan.settled.head(SHOWN).with_columns(cell=pl.col("column").fill_null(""))
    joined = first.join(cells, on=["submission_id", "cell"], how="left", maintain_order="left")
    return [
        {
            "item": row,
            "title": words.check_title(row["code"]),
            "column": words.column_label(row["column"]) if row["column"] else "",
        }
        for row in joined.iter_rows(named=True)
    ]
