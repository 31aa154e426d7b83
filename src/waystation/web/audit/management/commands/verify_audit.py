"""Verify the chain of audit events."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from waystation.web.audit.queries import verify_chain


class Command(BaseCommand):
    """Print the number of events and the head's hash; fail where the chain is broken."""

    help = "Verify the chain of audit events."

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify and tell."""
        report = verify_chain()
        if report.broken:
            numbers = ", ".join(str(number) for number in report.broken[:20])
            raise CommandError(f"{len(report.broken)} broken events, first: {numbers}.")
        self.stdout.write(f"{report.events} events, none broken. Head: {report.head}")
