"""What a scheme takes over from the one it extends, as tables before they are checked."""

from typing import Any

from evaluation.errors import SchemeError

#: A scheme takes over units, sample rule, indicators, differences and items from the one it extends, where
#: it says nothing itself; never eligibility, exemptions and the rule for a school with its floor.
NOT_INHERITED = ("eligibility", "exemptions", "school_rule")

#: Files of every scheme that hold no items.
OWN_FILES = ("scheme", "units", "resources", "scoring")


def inherit(tables: dict[str, Any], base: dict[str, Any]) -> None:
    """Complete *tables* from *base* in place: units, sample, indicators and items by id, differences."""
    head, base_head = tables["scheme.toml"], base["scheme.toml"]
    if "sample" in base_head:
        _complete(head, {"sample": base_head["sample"]})
    head.setdefault("sections", [each for each in base_head["sections"] if each not in NOT_INHERITED])
    _complete(tables.setdefault("units.toml", {}), base["units.toml"])
    own, inherited = tables.setdefault("resources.toml", {}), base["resources.toml"]
    file = f"{head.get('id')}/resources.toml"
    _inherit_items(own, inherited, file, "indicators")
    for name, table in base.items():
        section = name.removesuffix(".toml")
        if section not in (*OWN_FILES, *NOT_INHERITED) and section in listed(head, "sections"):
            _inherit_items(tables.setdefault(name, {}), table, f"{head.get('id')}/{name}")


def _inherit_items(section: dict[str, Any], base: dict[str, Any], file: str, key: str = "items") -> None:
    """Complete a section in place; an item of the same id changes the keys it gives, ``without`` drops.

    An item may stand several times, each time under other readings.
    """
    dropped, known = section.pop("without", []), [item["id"] for item in base[key]]
    if not isinstance(dropped, list):
        raise SchemeError(file, "without", "a list of ids is needed", known=known)
    for id_ in dropped:
        if id_ not in known:
            raise SchemeError(file, "without", f"no item {id_!r} to leave out", known=known)
    own = section.get(key, [])
    if isinstance(own, list) and all(isinstance(item, dict) for item in own):
        inherited = [item for item in base[key] if item["id"] not in dropped]
        ids = [item["id"] for item in inherited]
        kept = [
            item | change
            for item in inherited
            for change in [each for each in own if each.get("id") == item["id"]] or [{}]
        ]
        section[key] = [*kept, *(item for item in own if item.get("id") not in ids)]
    _complete(section, base)


def _complete(own: dict[str, Any], base: dict[str, Any]) -> None:
    """Give *own* the keys it lacks; of a rule, a table with a clause, it may change some and keep others."""
    for name, value in base.items():
        if name in NOT_INHERITED:
            continue
        if isinstance(value, dict) and "clause" in value and isinstance(own.get(name), dict):
            own[name] = value | own[name]
        else:
            own.setdefault(name, value)


def listed(table: dict[str, Any], key: str) -> list[Any]:
    """Return a list of a table not yet checked; whatever else stands there is refused later."""
    value = table.get(key, [])
    return value if isinstance(value, list) else []
