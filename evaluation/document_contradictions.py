"""Where an official document contradicts itself: what it says it lists against what it lists."""

from evaluation.contradictions import Contradiction
from evaluation.scheme import Scheme


def document_contradictions(scheme: Scheme) -> list[Contradiction]:
    """Return the sections of *scheme* that list another number of items than the document says.

    What no count can show (a misprint, bands with gaps, two texts that differ) is among the scheme's
    ``readings`` instead.
    """
    found = []
    for place, count in enumerate(scheme.head.stated_counts):
        listed = listed_items(scheme, count.section)
        if listed != count.stated:
            facts = {
                "section": {
                    language: scheme.section_label(count.section)[language] for language in ("zh", "en")
                },
                "text": {"zh": count.text.zh, "en": count.text.en},
                "clause": count.clause,
                "stated": count.stated,
                "listed": listed,
            }
            found.append(Contradiction(id="stated_count", where=f"stated_counts[{place}]", facts=facts))
    return found


def listed_items(scheme: Scheme, section: str) -> int:
    """Return how many items a section lists; of the resources, how many indicators."""
    if section == "resources":
        return len(scheme.resources.indicators)
    return len(scheme.sections[section].items)
