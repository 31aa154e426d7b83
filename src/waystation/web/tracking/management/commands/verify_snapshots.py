"""Verify that published versions are as they were published."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from waystation.web.tracking.publishing import verify_snapshots


class Command(BaseCommand):
    """Print how many versions there are; fail where files are gone or altered."""

    help = "Verify that published versions are as they were published."

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify and tell."""
        report = verify_snapshots()
        wrong = [f"{key} altered" for key in report.altered]
        wrong += [f"{key} missing" for key in report.missing]
        if wrong:
            raise CommandError(f"{len(wrong)} versions are wrong: {', '.join(wrong[:20])}.")
        self.stdout.write(f"{report.snapshots} published versions, all as they were published.")
