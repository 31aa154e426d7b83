"""Files as offices send them, small enough to add up by hand, and a new operation for them."""

from __future__ import annotations

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.web.conftest import client_of, create_person

from waystation.web.accounts.roles import Role, Scope, ScopeKind
from waystation.web.tracking.actions.operations import create_operation
from waystation.web.tracking.models import Upload

# Twenty sites: site n has n + 1 households of 5 people each: 210 households, 1,050 people.
SITES, HOUSEHOLDS, PEOPLE = 20, 210, 1050
HEADINGS = "Region,District,Site name,Site ID,IDP households,IDP individuals"
PLAIN = "Region,District,Site,Familles,Personnes,Remarque"


def survey(headings: str = HEADINGS, extra: int = 0) -> bytes:
    """Return a csv of twenty sites; ``extra`` people more at the last one."""
    rows = [headings]
    for n in range(SITES):
        people = (n + 1) * 5 + (extra if n == SITES - 1 else 0)
        rows.append(f"Region {n % 2},District {n % 4},Site {n},XX-{n:03},{n + 1},{people}")
    return ("\n".join(rows) + "\n").encode()


def unclear(note: str = "x") -> bytes:
    """Return a csv whose headings do not say whom it counts."""
    rows = [PLAIN]
    rows += [
        f"Region {n % 2},District {n % 4},Site {n},{n + 1},{(n + 1) * 5},{note}"
        for n in range(SITES)
    ]
    return ("\n".join(rows) + "\n").encode()


def workbook(*sheets) -> bytes:
    """Return an xlsx of sheets, each a name and rows."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def file(name: str, content: bytes) -> SimpleUploadedFile:
    """Return a file as a browser sends it."""
    return SimpleUploadedFile(name, content)


def create_sender(username: str, operation) -> Client:
    """Return the client of a person of the field office of an operation."""
    scope = Scope(ScopeKind.OPERATION, operation.slug)
    client: Client = client_of(create_person(username, Role.FIELD_OFFICE, scope=scope))
    return client


def create_xland():
    """Return a new operation without anything."""
    return create_operation("Floods", "XWS", slug="floods", by=None)


def page(name: str, *args) -> str:
    """Return the address of a page of tracking."""
    return reverse(f"tracking:{name}", args=args)


def send(client, operation, *files, **said):
    """Send files in, and return the answer."""
    return client.post(page("upload_new", operation.slug), {"file": list(files), **said})


def latest() -> Upload:
    """Return the file that came in last."""
    return Upload.objects.select_related("operation").latest("pk")


def confirm(client, upload, **said):
    """Confirm the mapping that the page of a file shows, and return the answer."""
    shown = client.get(page("upload", upload.operation.slug, upload.pk))
    key = shown.context["form"]["key"].value()
    address = page("upload_confirm", upload.operation.slug, upload.pk)
    return client.post(address, {"key": key, **said})
