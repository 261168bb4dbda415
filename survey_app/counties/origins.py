"""Where a county's single figures come from: published, simulated, or as the file reports them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """What was said about the origin of a file's figures; nothing, for most files."""

    #: Title and date of the document they were taken from.
    document: str = ""
    date: str = ""
    #: Entries with path, label, value, wording, section.
    published: Sequence[Mapping[str, Any]] = ()
    #: Entries with path, label, how.
    simulated: Sequence[Mapping[str, Any]] = ()
    #: What a reader should know of the document that no single figure shows.
    remarks: Sequence[str] = ()

    def of(self, *paths: str) -> str:
        """Say where the figure at one of *paths* in the county file comes from.

        >>> known = Origins(published=[{"path": "totals.pupils"}], simulated=[{"path": "schools[].pupils"}])
        >>> known.of("totals.pupils.primary"), known.of("schools[].pupils"), known.of("totals.posts")
        ('published', 'simulated', 'reported')
        """
        if _any_covers(self.published, paths):
            return "published"
        return "simulated" if _any_covers(self.simulated, paths) else "reported"


def origins_of(provenance: Mapping[str, Any]) -> Origins:
    """Read what was stored beside a county file."""
    return Origins(
        document=str(provenance.get("document", "")),
        date=str(provenance.get("date", "")),
        published=provenance.get("published", ()),
        simulated=provenance.get("simulated", ()),
        remarks=provenance.get("remarks", ()),
    )


def _any_covers(entries: Iterable[Mapping[str, Any]], paths: Sequence[str]) -> bool:
    return any(
        path == entry["path"] or path.startswith((f"{entry['path']}.", f"{entry['path']}["))
        for entry in entries
        for path in paths
    )
