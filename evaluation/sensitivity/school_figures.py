"""The smallest change that turns a finding on one school, formula by formula.

Where exemptions may change the bound, the county is judged again for every candidate.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from evaluation.criteria import ClassSize, Rooms, SchoolShare, SchoolSize
from evaluation.sensitivity.asked import Asked, clipped, one_change, spread_change
from evaluation.sensitivity.changes import Change, Edit
from evaluation.sensitivity.crossing import Line, crossing, fewest
from evaluation.terms import Bound


def school_share(asked: Asked) -> Iterator[Change]:
    """The part or the whole; the part cannot exceed the whole."""
    criterion: SchoolShare = asked.criterion
    part, whole = asked.figure(criterion.part), asked.figure(criterion.whole)
    place = f"schools[{asked.finding.school}]"
    more = clipped(
        Line(above=part, above_step=Fraction(1), below=whole, low=-int(part)), whole - part, Fraction(-1)
    )
    yield from asked.moved(f"{place}.{criterion.part}", part, [more])
    for path, now, step in _behind(asked):
        larger = clipped(Line(above=part, below=whole, below_step=step, low=1 - int(now)), whole - part, step)
        yield from asked.moved(path, now, [larger])


def _behind(asked: Asked) -> Iterator[tuple[str, Fraction, Fraction]]:
    """Yield the figure a share's whole is, or is made of: its place, its size, what one of it adds."""
    school = asked.school
    if asked.criterion.whole == "public_funds":
        path = f"schools[{school.code}].public_funds"
        yield path, asked.figure("public_funds"), Fraction(1)
        return
    for stage in school.compulsory_stages():
        pupils, each = school.pupils_in(stage), asked.county.figure(f"figures.funds_per_pupil.{stage}")
        if pupils is not None and each is not None:
            yield f"schools[{school.code}].pupils.{stage}", Fraction(pupils), Fraction(each)


def school_size(asked: Asked) -> Iterator[Change]:
    """Pupils of the stage that has most of them; whether an exemption still covers them is asked anew."""
    criterion: SchoolSize = asked.criterion
    school, size = asked.school, asked.finding.value or Fraction(0)
    stage = max(school.compulsory_stages(), key=lambda each: school.pupils_in(each) or 0)
    now = Fraction(school.pupils_in(stage) or 0)
    path = f"schools[{school.code}].pupils.{stage}"
    own = criterion.kinds.get(school.kind, criterion.bound)
    line = Line(above=size, above_step=Fraction(1), low=1 - int(now))
    candidates = (t for bound in _bounds(asked, own) for t in line.near(bound.threshold) if line.covers(t))
    steps = fewest(candidates, lambda t: asked.turned(one_change(path, now, Fraction(t))))
    if steps is not None:
        yield one_change(path, now, Fraction(steps))


def _bounds(asked: Asked, own: Bound) -> list[Bound]:
    """Return the criterion's bound and every one an exemption may put in its place."""
    wanted = asked.finding.id
    standards = (each for exemption in asked.scheme.exemptions for each in exemption.standards)
    return [own, *(each.bound for each in standards if each.criterion == wanted)]


def class_size(asked: Asked) -> Iterator[Change]:
    """The largest class grows, or every class that is too large shrinks."""
    criterion: ClassSize = asked.criterion
    stage = asked.finding.stage or ""
    bound, sizes = criterion.bounds.of(stage), asked.school.classes_in(stage) or []
    place = f"schools[{asked.finding.school}].class_sizes.{stage}"
    now = Fraction(max(sizes))
    if asked.met:
        line = Line(above=now, above_step=Fraction(1))
        yield from asked.moved(f"{place}[{sizes.index(max(sizes))}]", now, [line])
        return
    excess = []
    for index, size in enumerate(sizes):
        line = Line(above=Fraction(size), above_step=Fraction(1), low=-size)
        steps = None if bound.holds(Fraction(size)) else crossing([line], bound, met=True)
        if steps is not None:
            excess.append((f"{place}[{index}]", -steps))
    total = sum((Fraction(size) for size in sizes if not bound.holds(Fraction(size))), Fraction(0))
    change = spread_change(
        f"class_sizes.{stage}", total, -Fraction(sum(steps for _, steps in excess)), excess
    )
    if change is not None:
        yield change


def small_schools_funded(asked: Asked) -> Iterator[Change]:
    """Pupils on whom the school's public funds are assessed."""
    now = asked.figure("funded_pupils")
    line = Line(above=now, above_step=Fraction(1), low=-int(now))
    yield from asked.moved(f"schools[{asked.finding.school}].funded_pupils", now, [line])


def rooms(asked: Asked) -> Iterator[Change]:
    """Rooms more or less, m² of one room, or classes; exemptions are asked anew each time."""
    criterion: Rooms = asked.criterion
    school = asked.school
    areas = [Fraction(area) for area in getattr(school, criterion.rooms) or []]
    path = f"schools[{school.code}].{criterion.rooms}"
    bounds = _bounds(asked, criterion.area)
    if asked.met:
        order = sorted(range(len(areas)), key=lambda index: -areas[index])
        edits = [Edit(path=path, remove=tuple(order[:count])) for count in range(1, len(areas) + 1)]
    else:
        needed = int(asked.finding.threshold or 0)
        area = asked.figure("area") + (0 if asked.criterion.area.comparison == "at_least" else 1)
        edits = [Edit(path=path, append=(area,) * count) for count in range(1, needed + 1)]
    yield from _first(asked, criterion.rooms, Fraction(len(areas)), edits)
    enlarged = [
        change
        for index, area in enumerate(areas)
        if (change := _area(asked, f"{path}[{index}]", area, bounds)) is not None
    ]
    if enlarged:
        yield replace(min(enlarged, key=lambda change: abs(change.by)), figure=f"{criterion.rooms}.area")
    yield from _classes(asked, areas, bounds)


def _area(asked: Asked, path: str, now: Fraction, bounds: Iterable[Bound]) -> Change | None:
    """Return the fewest whole m² by which one room must grow or shrink."""
    line = Line(above=now, above_step=Fraction(1), low=-int(now))
    candidates = (t for bound in bounds for t in line.near(bound.threshold) if line.covers(t))
    steps = fewest(candidates, lambda t: asked.turned(one_change(path, now, Fraction(t))))
    return None if steps is None else one_change(path, now, Fraction(steps))


def _classes(asked: Asked, areas: list[Fraction], bounds: Iterable[Bound]) -> Iterator[Change]:
    """Yield the fewest classes more, or less, for which the rooms no longer, or just, suffice."""
    criterion: Rooms = asked.criterion
    school, per_room = asked.school, criterion.classes_per_room
    known = {stage: school.classes_in(stage) for stage in school.compulsory_stages()}
    stage, sizes = max(
        ((stage, sizes) for stage, sizes in known.items() if sizes),
        key=lambda each: len(each[1]),
        default=(None, []),
    )
    if stage is None:
        return
    classes = sum(len(given) for given in known.values() if given)
    large = {sum(bound.holds(area) for area in areas) for bound in bounds}
    path = f"schools[{school.code}].class_sizes.{stage}"
    if asked.met:
        counts = sorted(count for each in large if (count := per_room * max(each, 1) + 1 - classes) > 0)
        edits = [Edit(path=path, append=(Fraction(min(sizes)),) * count) for count in counts]
    else:
        counts = sorted(count for each in large if 0 < (count := classes - per_room * each) < len(sizes))
        order = sorted(range(len(sizes)), key=lambda index: sizes[index])
        edits = [Edit(path=path, remove=tuple(order[:count])) for count in counts]
    yield from _first(asked, "classes", Fraction(classes), edits)


def _first(asked: Asked, figure: str, now: Fraction, edits: Iterable[Edit]) -> Iterator[Change]:
    """Yield the first of the edits, from the smallest on, that turns the finding."""
    for edit in edits:
        by = Fraction(len(edit.append) - len(edit.remove))
        change = Change(
            figure=figure,
            by=by,
            relative=abs(by / now) if now else None,
            edits=(edit,),
            school=asked.finding.school,
        )
        if asked.turned(change):
            yield change
            return


#: Formula → the smallest changes of its inputs.
SCHOOL_FORMULAS: dict[str, Callable[[Asked], Iterator[Change]]] = {
    "school_share": school_share,
    "school_size": school_size,
    "class_size": class_size,
    "small_schools_funded": small_schools_funded,
    "rooms": rooms,
}
