"""The mapping of a file, for people to correct: sheet by sheet, or as text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from waystation.errors import InvalidMapping, NotFound
from waystation.tracking.forms import mappings_to_yaml
from waystation.tracking.mapping import FileMapping
from waystation.tracking.mapping_edits import edited_sheet, with_sheet, without_sheet
from waystation.web.accounts.models import User
from waystation.web.accounts.roles import Action
from waystation.web.tracking import access, readings
from waystation.web.tracking.actions import uploads as actions
from waystation.web.tracking.fields import choices
from waystation.web.tracking.forms.mapping import COLUMN, SheetForm
from waystation.web.tracking.forms.sending import YamlForm
from waystation.web.tracking.mappings import mapping_of_text
from waystation.web.tracking.models import Upload
from waystation.web.tracking.sheets import ShownColumn, ShownSheet, sheets_of
from waystation.web.tracking.views.frame import operation_context

COLUMNS_A_PAGE = 60
CHIPS = (
    "admin1_name", "admin1_reported_code", "admin2_name", "admin2_reported_code",
    "location_name", "location_id", "latitude", "longitude", "collected_on",
    "idp_individuals", "idp_households", "returnee_individuals", "returnee_households",
)  # fmt: skip


def _for_change(request: HttpRequest, slug: str, upload_id: int) -> Upload:
    """Return a file whose mapping the person may change now."""
    found = access.upload_for(request.user, slug, upload_id, Action.SEND_DATA)
    if not found.mapping or not found.is_live or found.is_worked_on:
        raise NotFound(what="mapping", name=str(upload_id))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def upload_mapping(request: HttpRequest, slug: str, upload_id: int) -> HttpResponse:
    """Show one sheet's mapping, and take what a person says of it."""
    found = _for_change(request, slug, upload_id)
    mapping = mapping_of_text(readings.text_of(found))
    sheets = sheets_of(found, mapping)
    sheet = _asked_sheet(request, sheets)
    if request.method != "POST":
        return _editor(request, found, sheets, sheet)
    act = request.POST.get("act", "save")
    if act == "reset":
        _keep(request, found, None)
    elif act == "leave_out":
        _keep(request, found, without_sheet(mapping, sheet.name or None))
    elif sheet.mapping is None:
        raise NotFound(what="sheet", name=sheet.name)
    elif act == "take_in":
        _keep(request, found, with_sheet(mapping, sheet.mapping))
    else:
        return _save(request, found, mapping, sheets, sheet)
    return redirect(_address(request, found, sheet))


def _save(
    request: HttpRequest,
    found: Upload,
    mapping: FileMapping,
    sheets: list[ShownSheet],
    sheet: ShownSheet,
) -> HttpResponse:
    named = (COLUMN.fullmatch(name) for name in request.POST)
    positions = [int(match.group(1)) for match in named if match]
    if sheet.mapping is None:
        raise NotFound(what="sheet", name=sheet.name)
    form = SheetForm(sheet.mapping, positions, request.POST)
    if not form.is_valid():
        return _editor(request, found, sheets, sheet, form, status=422)
    _keep(request, found, with_sheet(mapping, edited_sheet(sheet.mapping, form.edit())))
    if request.POST.get("then") == "preview":
        return redirect("tracking:upload", found.operation.slug, found.pk)
    return redirect(_address(request, found, sheet))


def _keep(request: HttpRequest, found: Upload, mapping: FileMapping | None) -> None:
    user = cast("User", request.user)
    actions.record_edit(found, mapping, by=user)
    if readings.kept_preview(found) is None and not readings.is_read_at_once(found):
        actions.ask_preview(found, by=user)
    messages.success(request, _("The mapping was changed. Nothing is read by it until it is "
                                "confirmed."))  # fmt: skip


def _asked_sheet(request: HttpRequest, sheets: list[ShownSheet]) -> ShownSheet:
    number = request.GET.get("sheet", "")
    if not number:
        first = next((s for s in sheets if s.is_read), None)
        return first or next((s for s in sheets if s.mapping), sheets[0])
    if not number.isascii() or not number.isdigit() or int(number[:9]) >= len(sheets):
        raise NotFound(what="sheet", name=number)
    return sheets[int(number)]


def _address(request: HttpRequest, found: Upload, sheet: ShownSheet) -> str:
    query = request.GET.copy()
    query["sheet"] = str(sheet.number)
    address = reverse("tracking:upload_mapping", args=[found.operation.slug, found.pk])
    return f"{address}?{query.urlencode()}"


def _editor(
    request: HttpRequest,
    found: Upload,
    sheets: list[ShownSheet],
    sheet: ShownSheet,
    form: SheetForm | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = _asked_columns(request, sheet.columns)
    page = Paginator(shown, COLUMNS_A_PAGE).get_page(request.GET.get("page"))
    columns: list[ShownColumn] = list(page)
    if form is None and sheet.mapping is not None:
        form = SheetForm(sheet.mapping, [c.mapping.position for c in columns])
    if form is not None and form.is_bound:
        positions = set(form.positions)
        columns = [c for c in sheet.columns if c.mapping.position in positions]
    known = {choice.code: choice for choice in choices()}
    context = operation_context(
        request,
        found.operation,
        "work",
        upload=found,
        sheets=sheets,
        sheet=sheet,
        form=form,
        rows=[(column, form[f"c{column.mapping.position}"]) for column in columns]
        if form is not None
        else [],
        page=page,
        show=request.GET.get("show", ""),
        search=request.GET.get("q", "")[:100],
        meanings=choices(),
        chips=[known[code] for code in CHIPS],
        is_fixed=sheet.mapping is not None and sheet.mapping.layout == "submissions",
        tabs_of_sheets=_tabs(request, found, sheets, sheet),
    )
    return render(request, "tracking/sending/mapping.html", context, status=status)


def _tabs(
    request: HttpRequest, found: Upload, sheets: list[ShownSheet], current: ShownSheet
) -> list[dict[str, Any]]:
    address = reverse("tracking:upload_mapping", args=[found.operation.slug, found.pk])
    return [
        {
            "url": f"{address}?sheet={sheet.number}",
            "label": sheet.name or found.name,
            "is_current": sheet.number == current.number,
            "is_read": sheet.is_read,
        }
        for sheet in sheets
    ]


def _asked_columns(request: HttpRequest, columns: list[ShownColumn]) -> list[ShownColumn]:
    show = request.GET.get("show", "")
    words = request.GET.get("q", "").casefold().split()
    if show == "used":
        columns = [c for c in columns if c.mapping.fields]
    elif show == "unused":
        columns = [c for c in columns if not c.mapping.fields]
    elif show == "doubtful":
        columns = [c for c in columns if c.certainty and c.certainty.state != "good"]
    if words:
        columns = [c for c in columns if all(w in c.mapping.heading.casefold() for w in words)]
    return columns


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def upload_yaml(request: HttpRequest, slug: str, upload_id: int) -> HttpResponse:
    """Show a mapping as text, and take it back changed."""
    found = _for_change(request, slug, upload_id)
    if request.method != "POST":
        text = mappings_to_yaml([mapping_of_text(readings.text_of(found))])
        return _yaml_page(request, found, YamlForm(initial={"mapping": text}))
    form = YamlForm(request.POST)
    if form.is_valid():
        try:
            mapping = mapping_of_text(form.cleaned_data["mapping"])
        except InvalidMapping as error:
            form.add_error("mapping", str(error))
        else:
            _keep(request, found, replace(mapping, file=found.name))
            return redirect("tracking:upload", slug, upload_id)
    return _yaml_page(request, found, form, status=422)


def _yaml_page(
    request: HttpRequest, found: Upload, form: YamlForm, status: int = 200
) -> HttpResponse:
    context = operation_context(request, found.operation, "work", upload=found, form=form)
    return render(request, "tracking/sending/yaml.html", context, status=status)
