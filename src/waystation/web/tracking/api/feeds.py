"""The feed of releases, for people and programs that wait for the next one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from waystation.web.tracking import access, queries
from waystation.web.tracking.models import Snapshot

MOST = 50
NOT_SEARCHED = ("/api/", "/v2/", "/v3/", "/HNA/", "/ogc/", "/sdmx/", "/accounts/", "/admin/")


class Releases(Feed[Snapshot, Any]):
    """The newest published versions of public operations, as Atom."""

    feed_type = Atom1Feed

    def title(self) -> str:
        """Return the title of the feed."""
        return _("Waystation releases")

    def subtitle(self) -> str:
        """Return what the feed is about."""
        return _("Rounds of displacement tracking as they are published")

    def link(self) -> str:
        """Return the page that the feed belongs to."""
        return reverse("home")

    def items(self) -> list[Snapshot]:
        """Return the newest versions, newest first."""
        readable = access.operations_for_reading(None)
        return queries.newest_snapshots(readable, MOST)

    def item_title(self, item: Snapshot) -> str:
        """Return which round of which operation."""
        round_ = item.round
        words = _("%(operation)s, round %(number)s, version %(version)s")
        return words % {
            "operation": round_.operation.name,
            "number": round_.number,
            "version": item.version,
        }

    def item_description(self, item: Snapshot) -> str:
        """Return the headline figure, and how many figures a new version changed."""
        persons = item.figures.get("idp_individuals")
        said = _("People displaced: %(persons)s") % {
            "persons": f"{persons:,.0f}" if persons is not None else _("not reported")
        }
        if item.changed_figures:
            said += " " + _("Changed figures: %(number)s") % {"number": item.changed_figures}
        return said

    def item_link(self, item: Snapshot) -> str:
        """Return the permanent address of the version."""
        round_ = item.round
        return reverse(
            "tracking:release", args=[round_.operation.slug, round_.key, item.version]
        )

    def item_guid(self, item: Snapshot) -> str:
        """Return a name that stays."""
        return f"urn:sha256:{item.sha256}"

    item_guid_is_permalink = False

    def item_pubdate(self, item: Snapshot) -> dt.datetime:
        """Return when it was published."""
        return item.published_at

    def item_updateddate(self, item: Snapshot) -> dt.datetime:
        """Return the same: a version never changes."""
        return item.published_at


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Let search engines read what is public, and keep off interfaces and work."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {prefix}" for prefix in NOT_SEARCHED),
        "Disallow: /*/download/",
        "Crawl-delay: 5",
    ]
    answer = HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=86400"
    return answer
