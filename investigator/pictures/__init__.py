"""Pictures of a cascade as PNG, with the texts for those who cannot see them.

Drawn through matplotlib's object interface: no global state, so that threads may draw at the same time.
"""

from investigator.pictures.dependencies import Dependency, dependency_alt, dependency_picture
from investigator.pictures.timeline import ServiceTimes, timeline_alt, timeline_picture

__all__ = [
    "Dependency",
    "ServiceTimes",
    "dependency_alt",
    "dependency_picture",
    "timeline_alt",
    "timeline_picture",
]
