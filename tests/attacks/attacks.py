"""The attacks themselves: what somebody with everything in hand would try, and how often it is right."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable

from tests.attacks.county import MARK, Person, Seen, Story

#: Details a response may have.
DETAILS = ("grade_band", "locality", "language", "mode", "duration_band", "way")


def readable(content: bytes) -> list[str]:
    """In which writing an answer can be read in *content*; empty if in none."""
    word = MARK[:3]
    writings = {
        "utf-8": word.encode(),
        "utf-16": word.encode("utf-16-le"),
        "gb18030": word.encode("gb18030"),
        "json": json.dumps(word)[1:-1].encode(),
        "answers": b'"answers"',
    }
    return [name for name, written in writings.items() if written in content]


def candidates(story: Story, *, columns: bool = True, steps: bool = True) -> dict[bytes, list[Person]]:
    """For each response everybody it can be from, by its columns and by the step it came with."""
    step_of = {one.number: one.step for one in story.seen}
    cells: dict[tuple[str, str, str], list[Person]] = defaultdict(list)
    for person in story.people:
        cells[story.place_of(person)].append(person)
    found = {}
    for one in story.seen:
        row = one.row
        told = {name: row[name] for name in DETAILS if row[name]} if columns else {}
        found[row["id"]] = [
            person
            for person in cells[row["group"], row["stratum"], row["pool"] or ""]
            if all(person.traits[name] == value for name, value in told.items())
            and (not steps or step_of[person.number] == one.step)
        ]
    return found


#: Orders in which people, and in which responses, can be laid side by side.
PEOPLE: dict[str, Callable[[Person], object]] = {
    "came in": lambda person: person.number,
    "entry": lambda person: person.ticket.entry_id,
    "instant": lambda person: person.sent_at,
    "nonce": lambda person: person.ticket.nonce,
    "nonce's hash": lambda person: person.ticket.nonce_hash,
    "sealed": lambda person: person.sealed,
}
RESPONSES: dict[str, Callable[[Seen], object]] = {
    "number": lambda one: one.row["id"],
    "position": lambda one: one.position,
}


def hits_by_order(story: Story, inbox_order: dict[bytes, int]) -> tuple[dict[tuple[str, str], int], int]:
    """Lay the answers of each cell beside its people, both in every order; right guesses, and cells.

    Guessing gives one right guess a cell, however large the cell is.
    """
    people: dict[object, list[Person]] = defaultdict(list)
    for person in story.people:
        if not story.cells[story.place_of(person)].sums:
            people[story.place_of(person)].append(person)
    responses: dict[object, list[Seen]] = defaultdict(list)
    for one in story.seen:
        responses[one.row["group"], one.row["stratum"], one.row["pool"] or ""].append(one)
    orders = {**PEOPLE, "inbox": lambda person: inbox_order[person.sealed]}
    hits: Counter[tuple[str, str]] = Counter()
    for cell, persons in people.items():
        for name, order in orders.items():
            for by, lies in RESPONSES.items():
                pairs = zip(sorted(persons, key=order), sorted(responses[cell], key=lies), strict=True)
                hits[name, by] += sum(person.number == one.number for person, one in pairs)
    return dict(hits), len(people)


def most_by_chance(cells: int, tries: int) -> float:
    """More right guesses than this do not happen to somebody who guesses.

    Each order gives hits of mean and variance *cells*; five and a half deviations are exceeded by one in 50
    million, and *tries* orders are tried.
    """
    return cells + (5.5 + tries / 100) * cells**0.5
