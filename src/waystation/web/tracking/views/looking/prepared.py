"""What is worked out when an edition is made, so that its first reader does not wait."""

from __future__ import annotations

from waystation.tracking.indicators import LANGUAGES
from waystation.web.tracking.editions import Edition
from waystation.web.tracking.views.looking import glance, maps
from waystation.web.tracking.views.looking.choices import Choice, components_of
from waystation.web.tracking.views.looking.links import Links
from waystation.web.tracking.views.looking.options import words_of_options
from waystation.web.tracking.views.looking.speech import Speech
from waystation.web.tracking.views.looking.told import keep_all_series, told


def prepare(edition: Edition) -> None:
    """Work out the latest page of every component in every language, and what it draws.

    Earlier rounds and other indicators are worked out when somebody asks for them.
    """
    glance.glance_of(edition)
    keep_all_series(edition)
    speeches = [Speech(language) for language in LANGUAGES]
    for speech in speeches:
        words_of_options(edition, speech)
    for component in components_of(edition):
        latest = Choice(
            component=component, series=component.series[0], round=component.rounds[-1]
        )
        for speech in speeches:
            told(edition, latest, speech)
            if maps.has_map(edition):
                maps.document(edition, latest, Links(edition, speech))
