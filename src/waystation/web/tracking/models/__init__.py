"""Records of displacement tracking, one noun a file."""

from waystation.web.tracking.models.jobs import Job
from waystation.web.tracking.models.needs import NeedsSurvey
from waystation.web.tracking.models.operations import Operation, PlaceFile
from waystation.web.tracking.models.places import LocationDecision
from waystation.web.tracking.models.publication import (
    PublicationRequest,
    Snapshot,
    Withdrawal,
)
from waystation.web.tracking.models.response import Presence, PresenceImport
from waystation.web.tracking.models.review import Correction, FindingDecision
from waystation.web.tracking.models.rounds import Round
from waystation.web.tracking.models.uploads import Upload, UploadRound

__all__ = [
    "Correction",
    "FindingDecision",
    "Job",
    "LocationDecision",
    "NeedsSurvey",
    "Operation",
    "PlaceFile",
    "Presence",
    "PresenceImport",
    "PublicationRequest",
    "Round",
    "Snapshot",
    "Upload",
    "UploadRound",
    "Withdrawal",
]
