"""The gate of publication: what it would say, who asks, who approves, and taking back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from waystation.errors import InvalidChoice, NotAllowed, NotFound
from waystation.release.disclosure import Method
from waystation.tracking.changes import Part
from waystation.web.accounts.roles import Action
from waystation.web.tracking import access, gate, preview, publishing, queries
from waystation.web.tracking.actions import publication as actions
from waystation.web.tracking.forms.reviewing import (
    AskToPublishForm,
    DeclineForm,
    WithdrawForm,
)
from waystation.web.tracking.gate import Gate, Lack
from waystation.web.tracking.models import PublicationRequest, Round
from waystation.web.tracking.models.jobs import JobKind, JobState
from waystation.web.tracking.models.publication import RequestState
from waystation.web.tracking.views.reviewing import words
from waystation.web.tracking.views.reviewing.frame import (
    address,
    may_see,
    reviewer,
    round_context,
)

PAGE = "tracking/reviewing/publish.html"
PARTS: dict[str, Any] = {
    Part.INCREASE: gettext_lazy("more people at locations assessed in both rounds"),
    Part.DECREASE: gettext_lazy("fewer people at locations assessed in both rounds"),
    Part.NEWLY_COVERED: gettext_lazy("locations assessed for the first time"),
    Part.REAPPEARED: gettext_lazy("locations assessed again after an absence"),
    Part.CLOSED: gettext_lazy("locations closed"),
    Part.NOT_REASSESSED: gettext_lazy("locations not assessed again"),
    Part.NO_LONGER_REPORTED: gettext_lazy("locations assessed again, figure left blank"),
    Part.CORRECTED: gettext_lazy("corrections of the earlier round"),
}
LACKS: dict[Lack, Any] = {
    Lack.NO_FILES: gettext_lazy("No file of this round has been read."),
    Lack.NO_DRAFT: gettext_lazy("The figures have not been built yet."),
    Lack.STALE: gettext_lazy("The figures do not hold the latest files and corrections yet."),
    Lack.OPEN_ERRORS: gettext_lazy("Errors are open: fix them, or accept each with a reason."),
}


@login_required
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Show what publishing would say, and take it one step further."""
    is_post = request.method == "POST"
    round_ = may_see(request, slug, key, Action.PUBLISH if is_post else Action.READ_DRAFTS)
    if not is_post:
        return _show(request, round_)
    step = STEPS.get(request.POST.get("act", ""))
    if step is None:
        return _show(request, round_, status=422)
    return step(request, round_)


@login_required
@require_GET
def protection(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Show what protection does to the headline, as a part of a page."""
    round_ = may_see(request, slug, key, Action.READ_DRAFTS)
    if not round_.draft:
        raise NotFound(what="draft", name=round_.key)
    rule = publishing.rule_of(round_.operation)
    said = preview.protection_of_draft(round_, rule)
    figures = [
        {"label": words.column_label(code), "inside": inside, "published": published,
         "change": None if published is None else published - inside}
        for code, (inside, published) in said["figures"].items()
    ]  # fmt: skip
    context = {"figures": figures}
    return render(request, "tracking/reviewing/protection_part.html", context)


@login_required
@require_GET
def publish_progress(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Show how far publishing is, as a part of a page."""
    round_ = may_see(request, slug, key, Action.READ_DRAFTS)
    operation = round_.operation
    context = {
        "round": round_,
        "operation": operation,
        "may_publish": access.may(request.user, Action.PUBLISH, operation),
        **_publishing(round_),
    }
    return render(request, "tracking/reviewing/publish_progress.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def withdraw_version(request: HttpRequest, slug: str, key: str, version: int) -> HttpResponse:
    """Take a published version back, after saying what that does."""
    snapshot = access.snapshot_for_withdrawal(request.user, slug, key, version)
    round_ = snapshot.round
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.withdraw_snapshot(
            snapshot, reason=form.cleaned_data["reason"], by=reviewer(request)
        )
        messages.success(request, _("Version %(n)s is withdrawn.") % {"n": snapshot.version})
        return redirect(address("publish", round_))
    before = [s for s in queries.holding_versions(round_) if s.version < version]
    context = round_context(
        request, round_, "publish", snapshot=snapshot, form=form,
        former=before[-1] if before else None,
    )  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "tracking/reviewing/withdraw.html", context, status=status)


def _ask(request: HttpRequest, round_: Round) -> HttpResponse:
    form = AskToPublishForm(request.POST)
    if not form.is_valid():
        return _show(request, round_, ask=form, status=422)
    try:
        actions.request_publication(
            round_, note=form.cleaned_data["note"], by=reviewer(request),
            gate=gate.gate_of_round(round_),
        )  # fmt: skip
    except InvalidChoice:
        form.add_error(None, _("This round cannot be published yet: see what is missing."))
        return _show(request, round_, ask=form, status=422)
    messages.success(request, _("A second person can approve now."))
    return redirect(address("publish", round_))


def _approve(request: HttpRequest, round_: Round) -> HttpResponse:
    waiting = access.request_for_decision(reviewer(request), round_.operation.slug, round_.key)
    if request.POST.get("draft") != str(waiting.draft):
        return _changed(request, round_)
    try:
        actions.approve_publication(
            waiting, by=reviewer(request), gate=gate.gate_of_round(round_)
        )
    except InvalidChoice:
        return _changed(request, round_)
    messages.success(request, _("Approved. The round is being published."))
    return redirect(address("publish", round_))


def _changed(request: HttpRequest, round_: Round) -> HttpResponse:
    messages.error(
        request, _("Not approved: what is to be published has changed, or is not in order.")
    )
    return _show(request, round_, status=409)


def _decline(request: HttpRequest, round_: Round) -> HttpResponse:
    waiting = access.request_for_decision(reviewer(request), round_.operation.slug, round_.key)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _show(request, round_, decline=form, status=422)
    actions.decline_publication(
        waiting, answer=form.cleaned_data["answer"], by=reviewer(request)
    )
    messages.success(request, _("Declined. The round is open again."))
    return redirect(address("publish", round_))


def _withdraw(request: HttpRequest, round_: Round) -> HttpResponse:
    waiting = gate.waiting_request(round_)
    if waiting is None:
        raise NotFound(what="request", name=round_.key)
    if waiting.asked_by_id != reviewer(request).pk:
        raise NotAllowed(action="tracking.withdraw", what="request of somebody else")
    actions.withdraw_request(waiting, by=reviewer(request))
    messages.success(request, _("Taken back. The round is open again."))
    return redirect(address("publish", round_))


def _again(request: HttpRequest, round_: Round) -> HttpResponse:
    last = _last_decided(round_)
    if last is None:
        raise NotFound(what="request", name=round_.key)
    try:
        actions.publish_again(last, by=reviewer(request))
    except InvalidChoice:
        return _changed(request, round_)
    messages.success(request, _("The round is being published."))
    return redirect(address("publish", round_))


STEPS = {
    "ask": _ask, "approve": _approve, "decline": _decline, "withdraw": _withdraw,
    "again": _again,
}  # fmt: skip


def _show(
    request: HttpRequest,
    round_: Round,
    *,
    ask: AskToPublishForm | None = None,
    decline: DeclineForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = round_context(request, round_, "publish")
    found = gate.gate_of_round(round_, context["desk"])
    declined = round_.requests.select_related("decided_by").first()
    context |= {
        "gate": found,
        "lacks": [{"code": lack.value, "label": LACKS[lack]} for lack in found.lacks],
        "steps": _steps(round_, found),
        "ask": ask or AskToPublishForm(),
        "decline": decline or DeclineForm(),
        "is_own": found.request is not None and found.request.asked_by == request.user,
        "can_ask": found.is_open and found.request is None and _is_new(round_),
        "is_new": _is_new(round_),
        "declined": declined if declined and declined.state == RequestState.DECLINED else None,
        "versions": _versions(round_),
        "rule": publishing.rule_of(round_.operation),
        "rule_words": rule_words(round_),
        **_publishing(round_),
    }
    if round_.draft:
        context |= {
            "compared": _compared(round_),
            "changed": _changed_figures(round_),
        }
    return render(request, PAGE, context, status=status)


def _is_new(round_: Round) -> bool:
    """Say whether the draft is another than the one published last."""
    last = queries.holding_versions(round_).select_related("request").last()
    return bool(round_.draft) and (last is None or last.request.draft != round_.draft)


def _steps(round_: Round, found: Gate) -> list[dict[str, Any]]:
    """Return the steps of the gate, each done, current, blocked or ahead."""
    lacks = set(found.lacks)
    is_published = not _is_new(round_) and round_.draft > 0
    files_in = not lacks & {Lack.NO_FILES}
    built = files_in and not lacks & {Lack.NO_DRAFT, Lack.STALE}
    clean = built and Lack.OPEN_ERRORS not in lacks
    asked = found.request is not None
    states = [
        (_("Files in"), files_in, _("Files: %(n)s") % {"n": found.files}),
        (_("Figures up to date"), built, ""),
        (
            _("Errors settled"),
            clean,
            _("Open errors: %(n)s") % {"n": found.open_errors} if found.open_errors else "",
        ),
        (_("Asked to publish"), asked or is_published, ""),
        (_("Approved by a second person"), is_published, ""),
        (_("Published"), is_published, ""),
    ]
    steps, has_current = [], False
    for number, (label, is_done, note) in enumerate(states):
        state = "done" if is_done else "ahead" if has_current else "current"
        if state == "current" and (number < 3 or (asked and found.has_changed)):
            state = "blocked"
        has_current = has_current or not is_done
        steps.append({"label": label, "state": state, "note": note})
    return steps


def _compared(round_: Round) -> dict[str, Any]:
    found = preview.comparison_of_draft(round_)
    return {
        "previous": found.previous,
        "headline": [
            {
                "figure": figure,
                "label": words.column_label(figure.name),
                "reasons": [
                    {"label": PARTS.get(part, part), "change": change, "locations": locations}
                    for part, change, locations in figure.reasons
                ],
            }
            for figure in found.headline
        ],
        "areas": found.areas,
        "reported": found.reported,
        "not_reported": found.not_reported,
        "coverage": [
            {"label": PARTS.get(part, part), "locations": n}
            for part, n in found.coverage.items()
        ],
    }


def _changed_figures(round_: Round) -> dict[str, Any] | None:
    found = preview.changed_figures_of_draft(round_)
    if found is None:
        return None
    return {
        "found": found,
        "rows": [
            {"row": row, "label": words.column_label(row["indicator"])} for row in found.largest
        ],
    }


def _versions(round_: Round) -> list[dict[str, Any]]:
    versions = round_.snapshots.select_related(
        "withdrawal__by", "request__asked_by", "request__decided_by", "round__operation"
    )
    return [
        {
            "snapshot": snapshot,
            "withdrawal": getattr(snapshot, "withdrawal", None),
            "url": address("release", round_, snapshot.version),
            "withdraw_url": address("snapshot_withdraw", round_, snapshot.version),
        }
        for snapshot in versions.order_by("-version")
    ]


def _publishing(round_: Round) -> dict[str, Any]:
    """Return how far publishing is: the job of the last approved request, if not over."""
    last = _last_decided(round_)
    job = gate.last_job(JobKind.PUBLISH, last.pk) if last is not None else None
    return {"publishing": job if job is not None and job.state != JobState.DONE else None}


def _last_decided(round_: Round) -> PublicationRequest | None:
    return round_.requests.exclude(state=RequestState.WAITING).first()


def rule_words(round_: Round) -> str:
    """Return what protection will do, in words."""
    rule = publishing.rule_of(round_.operation)
    if rule.method == Method.ROUNDING:
        return _(
            "Every figure of persons and households becomes a multiple of %(base)s, just below "
            "or just above. All still add up: locations to areas, areas to the country."
        ) % {"base": rule.base}
    if rule.method == Method.WITHHOLDING:
        return _(
            "Figures below admin 2 are not published. Those above become multiples of %(base)s "
            "and still add up."
        ) % {"base": rule.base}
    return _("Figures are published as they are, small ones too.")
