"""The people of the role matrix, seen from 阳城县 (140522)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """Somebody with one role for one region; *inside* if that region is the county or above it."""

    role: str
    region: str
    inside: bool
    #: The one school a coordinator answers for.
    school: str = ""


ACTORS = {
    "the county itself": Actor("county", "140522", inside=True),
    "a county of the same city": Actor("county", "140524", inside=False),
    "its city": Actor("city", "140500", inside=True),
    "another city": Actor("city", "140100", inside=False),
    "its province": Actor("province", "140000", inside=True),
    "another province": Actor("province", "430000", inside=False),
    "the nation": Actor("nation", "000000", inside=True),
    "an assessor of the county": Actor("assessor", "140522", inside=True),
    "an auditor of the city": Actor("auditor", "140500", inside=True),
    "an administrator of the city": Actor("administrator", "140500", inside=True),
    "a coordinator of the school": Actor("school", "140522", inside=True, school="S001"),
    "a coordinator of another school": Actor("school", "140522", inside=True, school="S002"),
    "a coordinator of a school elsewhere": Actor("school", "140524", inside=False, school="S001"),
    "an interviewer of the county": Actor("interviewer", "140522", inside=True),
    "an interviewer elsewhere": Actor("interviewer", "140524", inside=False),
    "an administrator elsewhere": Actor("administrator", "430000", inside=False),
}
