"""Commands of the room: judge a county file, and look at the schemes."""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import click

from evaluation import (
    CountyFileError,
    Outcome,
    Schedule,
    UnknownScheduleError,
    UnknownSchemeError,
    Verdict,
    list_schedules,
    list_schemes,
    load_schedule,
    load_scheme,
    schedule_contradictions,
    sensitivity,
)
from evaluation import evaluate as judge
from evaluation.numerals import shown as number
from evaluation.scheme.scoring import SCORING
from evaluation.scoring import ItemScore, ScoreSheet
from survey_app.assessments.county_files import county_fault, read_county_file, unknown_scheme
from survey_app.assessments.firmness import firmness_lines
from survey_app.assessments.scheme_table import heading, items, scheme_document, scheme_lines
from survey_app.assessments.words import titled
from survey_app.counties.workbook.faults import Fault, WorkbookError
from survey_app.messages import sentence
from survey_app.printing import print_json, refuse

#: How many findings under one reason are printed before the rest is only counted.
PRINTED = 5

_INPUT = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_OUTPUT = click.Path(dir_okay=False, path_type=Path)
_LANG = click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
_JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON / print one JSON document")


def _form_paths(_: click.Context, __: click.Parameter, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Refuse a form in a file of another kind."""
    for path in paths:
        if path.suffix.lower() not in (".docx", ".xlsx"):
            raise click.BadParameter(f"{path} 既不是 .docx 也不是 .xlsx / is neither .docx nor .xlsx")
    return paths


@click.command()
@click.argument("file", type=_INPUT, required=False, metavar="[COUNTY.{json,xlsx}]")
@click.option("--scheme", "scheme_id", required=True, metavar="ID", help="细则 / scheme")
@click.option("--many", type=_FOLDER, metavar="FOLDER", help="评估文件夹（含下级）各县 / judge all below")
@click.option("--out", type=_OUTPUT, metavar="F.{csv,xlsx,parquet}", help="各县结果表 / table for --many")
@click.option("--docx", type=_OUTPUT, metavar="F", help="写出 Word 报告 / write the county report")
@click.option("--xlsx", type=_OUTPUT, metavar="F", help="写出 Excel 结果 / write the verdict as a workbook")
@click.option(
    "--form",
    "forms",
    type=_OUTPUT,
    multiple=True,
    callback=_form_paths,
    metavar="F.{docx,xlsx}",
    help="写出国家申报表 / write the national form",
)
@_JSON
@_LANG
def evaluate(
    file: Path | None,
    scheme_id: str,
    many: Path | None,
    out: Path | None,
    docx: Path | None,
    xlsx: Path | None,
    forms: tuple[Path, ...],
    as_json: bool,
    lang: str,
) -> None:
    """按细则评估一个县，或文件夹中的各县 / judge a county by a scheme, or all counties of a folder."""
    if (file is None) == (many is None) or (file and out) or (many and (docx or xlsx or forms)):
        raise click.UsageError("COUNTY [--docx --xlsx --form] 或 / or --many FOLDER [--out F]")
    if file is None:
        from survey_app.assessments.many import evaluate_folder

        evaluate_folder(many or Path(), scheme_id, out=out, as_json=as_json, lang=lang)
        return
    try:
        scheme = load_scheme(scheme_id)
        verdict = judge(read_county_file(file), scheme)
    except UnknownSchemeError as unknown:
        refuse([unknown_scheme(unknown)], as_json=as_json, lang=lang)
    except CountyFileError as refused:
        refuse([county_fault(fault) for fault in refused.faults], as_json=as_json, lang=lang)
    except WorkbookError as refused:
        refuse(refused.faults, as_json=as_json, lang=lang)
    firm = sensitivity(verdict)
    written = {}
    if docx or xlsx or forms:
        from survey_app.assessments.papers import write_papers

        written = write_papers(verdict, file, firm=firm, docx=docx, xlsx=xlsx, forms=forms)
    if unwritable := [path for path, done in written.items() if not done]:
        refuse([_unwritable(path) for path in unwritable], as_json=as_json, lang=lang)
    if as_json:
        print_json(verdict.document(lang=lang) | {"sensitivity": firm.document(lang)})
    else:
        click.echo("\n".join([*summary(verdict, lang), *firmness_lines(firm, lang)]))
        for path in written:
            click.echo(sentence("evaluate_written", lang=lang, path=path))


@click.command()
@click.argument("scheme_id", required=False, metavar="[ID]")
@_JSON
@_LANG
def schemes(scheme_id: str | None, as_json: bool, lang: str) -> None:
    """列出细则，或逐项列出一个细则 / list the schemes, or one scheme item by item."""
    try:
        listed = [load_scheme(each) for each in ([scheme_id] if scheme_id is not None else list_schemes())]
    except UnknownSchemeError as unknown:
        refuse([unknown_scheme(unknown)], as_json=as_json, lang=lang)
    if as_json and scheme_id is None:
        print_json([heading(scheme, lang) for scheme in listed])
    elif as_json:
        print_json(scheme_document(listed[0], lang))
    elif scheme_id is None:
        for scheme in listed:
            for each in (scheme, *map(load_scheme, scheme.other_readings)):
                click.echo(f"{each.id:<20} {each.document}  {each.title[lang]}")
    else:
        click.echo("\n".join(scheme_lines(listed[0], lang)))


@click.command()
@click.argument("schedule_id", required=False, metavar="[ID]")
@_JSON
@_LANG
def schedules(schedule_id: str | None, as_json: bool, lang: str) -> None:
    """列出规划，或列出一个规划及其矛盾 / list the schedules, or one with its contradictions."""
    try:
        ids = [schedule_id] if schedule_id is not None else list_schedules()
        listed = [load_schedule(each) for each in ids]
    except UnknownScheduleError as unknown:
        facts = {"path": "[ID]", "known": unknown.known}
        fault = Fault(value=unknown.schedule, rule="unknown", family="schedule", facts=facts)
        refuse([fault], as_json=as_json, lang=lang)
    if as_json and schedule_id is None:
        heads = (
            {"id": each.id, "title": each.head.title[lang], "document": each.head.document} for each in listed
        )
        print_json(list(heads))
    elif as_json:
        print_json(listed[0].document(lang))
    elif schedule_id is None:
        for schedule in listed:
            click.echo(f"{schedule.id:<16} {schedule.head.document}  {schedule.head.title[lang]}")
    else:
        click.echo("\n".join(_schedule_lines(listed[0], lang)))


def _schedule_lines(schedule: Schedule, lang: str) -> Iterable[str]:
    """Return a schedule city by city, then what contradicts itself in it."""
    yield f"{schedule.id}  {schedule.head.document}  {schedule.head.clause}"
    yield schedule.head.title[lang]
    for city in schedule.head.cities:
        named = schedule.in_city(city.name)
        yield ""
        yield sentence("schedule_row", lang=lang, city=city.name, stated=city.counties, named=len(named))
        for year in sorted({each.year for each in named}):
            names = [each.county for each in named if each.year == year]
            yield f"  {year}  {('、' if lang == 'zh' else ', ').join(names)}"
    found = schedule_contradictions(schedule)
    if found:
        yield ""
        yield sentence("schedule_contradictions", lang=lang, count=len(found))
        yield from (f"  {each.message(lang)}" for each in found)


def summary(verdict: Verdict, lang: str) -> list[str]:
    """Return the verdict as lines to be read: sections, what decides, contradictions."""
    county, scheme = verdict.county, verdict.scheme
    lines = [
        sentence("evaluate_title", lang=lang, county=county.county.name, year=county.year),
        f"{scheme.document}  {scheme.title[lang]}",
        sentence("evaluate_verdict", lang=lang, outcome=_outcome(verdict.outcome, lang)),
        "",
    ]
    width = max(_columns(scheme.section_label(section)[lang]) for section in verdict.sections)
    for section, outcome in verdict.sections.items():
        label = scheme.section_label(section)[lang]
        lines.append(f"  {label}{' ' * (width - _columns(label))}  {_outcome(outcome, lang)}")
    if verdict.scores is not None:
        lines += ["", sentence("evaluate_scores", lang=lang), *_scores(verdict, verdict.scores, lang)]
    if verdict.deciding:
        lines += [
            "",
            sentence("evaluate_reasons", lang=lang, count=len(verdict.reasons)),
            *_reasons(verdict, lang),
        ]
    if verdict.consistency:
        lines += ["", sentence("evaluate_contradictions", lang=lang, count=len(verdict.consistency))]
        lines += [f"  {each.message(lang)}" for each in verdict.consistency]
    return lines


def _unwritable(path: Path) -> Fault:
    return Fault(value=str(path), rule="unwritable", facts={"path": str(path)})


def _reasons(verdict: Verdict, lang: str) -> Iterable[str]:
    by_id: dict[str, list[str]] = defaultdict(list)
    for finding in verdict.deciding:
        id_ = finding.id if finding.id in verdict.reasons else finding.item
        by_id[id_].append(finding.reason(lang))
    labels = {item["id"]: item["label"] for item in items(verdict.scheme, lang)}
    for id_, sentences in by_id.items():
        item = id_.partition(".")[0]
        yield "  " + titled(id_, labels.get(id_) or labels.get(item, ""))
        yield from (f"    {each}" for each in sentences[:PRINTED])
        if len(sentences) > PRINTED:
            yield f"    {sentence('evaluate_more', lang=lang, count=len(sentences) - PRINTED)}"


def _scores(verdict: Verdict, sheet: ScoreSheet, lang: str) -> Iterable[str]:
    """Yield the score sheet in columns: every item with its points, the total with its band."""
    labels = {item["id"]: item["label"] for item in items(verdict.scheme, lang)}
    rows = [
        (each.item, _points(each, each.needed), _outcome(each.outcome, lang), labels[each.item])
        for each in sheet.items
    ]
    missed = Outcome.NOT_MET in (verdict.sections[SCORING], *(each.outcome for each in sheet.items))
    band = sentence("evaluate_no_band" if missed else "evaluate_band_open", lang=lang)
    total = _points(sheet, sheet.next_band.at_least if sheet.next_band else None)
    said = sheet.band.label[lang] if sheet.band else band
    rows.append((sentence("evaluate_total", lang=lang), total, said, ""))
    widths = [max(_columns(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        cells = [cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=False)]
        yield f"  {'  '.join([*cells, row[3]])}".rstrip()


def _points(scored: ItemScore | ScoreSheet, mark: Fraction | None) -> str:
    """Return ``9/10``, or ``≥ 7/10`` while points are unknown; rounding never lifts it to the *mark*."""
    known = scored.points if isinstance(scored, ItemScore) else scored.total
    text = f"{number(scored.at_least, apart_from=mark)}/{number(scored.maximum)}"
    return f"≥ {text}" if known is None else text


def _outcome(outcome: str, lang: str) -> str:
    return sentence(f"outcome_{outcome}", lang=lang)


def _columns(text: str) -> int:
    """Return how many columns of a terminal *text* takes; Chinese characters take two."""
    return sum(2 if character > "\u2e7f" else 1 for character in text)
