"""Answer cards on A4 sheets, ready to be cut, with the list of who gets which card."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.config import Settings
from survey_app.counties.models import School
from survey_app.errors import ConflictError
from survey_app.fieldwork import codes, drawing
from survey_app.fieldwork.drawing import Recipient
from survey_app.fieldwork.models import Batch, Invitation, StoredDraw
from survey_app.formatting import deadline, in_fours
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave

_TEMPLATE = Path(__file__).with_name("cards.typ")

#: Cards on one sheet, as the template lays them out.
CARDS_PER_SHEET = 24

#: One fixed pattern: choosing the best one for each picture takes ten times as long and reads no better.
_MASK = 3


class SheetError(Exception):
    """The sheets could not be set without a warning; *said* is what the typesetter complained of."""

    code = "sheet"

    def __init__(self, said: Sequence[str]):
        super().__init__("; ".join(said))
        self.said = tuple(said)


def card_sheets(session: Session, wave: Wave, *, settings: Settings) -> bytes:
    """The PDF with every card of *wave*: each batch on sheets of its own, the hand-out list in front.

    Raises:
        ConflictError: the wave is not drawn.
        SheetError: the typesetter warned, so the sheets may not be as they should.
    """
    draw = drawing.draw_of(session, wave)
    if draw is None:
        raise ConflictError("not_drawn")
    document = {
        "title": f"{wave.county.name} {wave.title} 答题卡",
        "footer": f"{wave.county.name} · {wave.title} · 沿角线剪开，每人一张；答卷匿名，任何人不得代填或查看",
        "instruction": "扫码作答，或打开网址输入此码",
        "address": _shown_address(settings.public_url),
        "deadline": f"{deadline(wave.closes_at)}截止",
        "batches": list(_batches(session, wave, settings)),
        "list": _hand_out_list(session, wave, draw),
    }
    return typeset(document)


def typeset(document: dict[str, Any]) -> bytes:
    """Set *document* with the template of this room.

    Raises:
        SheetError: the typesetter warned or failed.
    """
    import pylopdf_fonts_zh_cn
    import typst

    try:
        made, warnings = typst.compile_with_warnings(
            str(_TEMPLATE),
            font_paths=[str(pylopdf_fonts_zh_cn.sans_path().parent)],
            ignore_system_fonts=True,
            sys_inputs={"document": json.dumps(document, ensure_ascii=False)},
            format="pdf",
            timestamp=0,
        )
    except typst.TypstError as error:
        raise SheetError([str(error)]) from error
    if warnings:
        raise SheetError([str(warning.message) for warning in warnings])
    return made


def qr_picture(text: str) -> str:
    """The QR code of *text* as an SVG drawing without a quiet zone: one path, a run of modules a stroke."""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=_MASK)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(
        f"M{start} {y}h{length}v1h-{length}z" for y, row in enumerate(rows) for start, length in _runs(row)
    )
    side = len(rows)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path d="{path}"/></svg>'


def card_address(public_url: str, code: codes.Code) -> str:
    """What the QR picture says."""
    return f"{public_url}/c/{code.in_address}"


def _shown_address(public_url: str) -> str:
    """Where a code is typed, as short as a person can type it."""
    return f"{public_url.partition('://')[2]}/code"


def _batches(session: Session, wave: Wave, settings: Settings) -> Iterator[dict[str, Any]]:
    batches = session.scalars(sa.select(Batch).where(Batch.wave_id == wave.id).order_by(Batch.position)).all()
    invitations = session.scalars(
        sa.select(Invitation)
        .where(Invitation.wave_id == wave.id, Invitation.revoked_at.is_(None))
        .order_by(Invitation.batch_id, Invitation.serial)
    )
    by_batch = {key: list(members) for key, members in groupby(invitations, key=lambda one: one.batch_id)}
    for batch in batches:
        members = by_batch.get(batch.id, [])
        group = GROUPS[batch.group].label.zh
        sheets = -(-len(members) // CARDS_PER_SHEET)
        yield {
            "name": f"{group} · {batch.place}",
            "sheets": [
                f"第 {number + 1} 张，共 {sheets} 张 · 本批 {len(members)} 张卡" for number in range(sheets)
            ],
            "cards": [_card(one, batch, group, settings) for one in members],
        }


def _card(invitation: Invitation, batch: Batch, group: str, settings: Settings) -> dict[str, str]:
    code = codes.derive(
        settings.code_key,
        wave_id=invitation.wave_id,
        batch_id=batch.id,
        serial=invitation.serial,
        generation=invitation.generation,
    )
    return {
        "group": group,
        "place": batch.place,
        "number": card_number(batch.position, invitation.serial),
        "typed": in_fours(code.typed),
        "qr": qr_picture(card_address(settings.public_url, code)),
    }


def card_number(batch_position: int, serial: int) -> str:
    """What a card is called on the hand-out list: the batch's number and its own."""
    return f"{batch_position + 1}-{serial}"


def _hand_out_list(session: Session, wave: Wave, draw: StoredDraw) -> dict[str, Any]:
    names = {
        school.code: school.name
        for school in session.scalars(sa.select(School).where(School.county_file_id == wave.county_file_id))
    }
    batches = session.execute(sa.select(Batch.position, Batch.place).where(Batch.wave_id == wave.id))
    places = {position: place for position, place in batches}  # noqa: C416  rows are no pairs to the type checker
    return {
        "title": f"{wave.county.name} 答题卡发放清单",
        "explanation": [
            f"{wave.title}，{deadline(wave.closes_at)}截止。按名册的自然顺序数到所列序号，把对应的卡发给这个人。",
            "家长名册按学生顺序排列，每名学生一位家长；学生名册只列三至九年级。不得换人、代填或查看答卷。",
            f"样本由公开的种子抽出，任何人都可以核对。抽样凭证：{draw.digest[:16]}。本清单不随卡发放。",
        ],
        "footer": f"{wave.county.name} · {wave.title} · 发放清单",
        "header": ["对象", "名册", "卡号", "名册序号"],
        "rows": list(_rows(drawing.recipients(session, draw), places, names)),
    }


def _rows(
    found: Iterable[Recipient], places: Mapping[int, str], schools: Mapping[str, str]
) -> Iterator[list[str]]:
    """A row for each list of people: the group, whose list it is, its cards, their places on it."""

    def list_of(one: Recipient) -> tuple[int, str | None]:
        return one.batch, one.school_code

    ordered = sorted(found, key=lambda one: (one.batch, one.serial))
    for (batch, school), members in groupby(ordered, key=list_of):
        cards = list(members)
        first, last = (card_number(batch, one.serial) for one in (cards[0], cards[-1]))
        of_one_school = school is None or cards[0].band
        yield [
            GROUPS[cards[0].group].label.zh,
            places[batch] if of_one_school else schools[str(school)],
            first if first == last else f"{first} 至 {last}",
            "、".join(str(one.number) for one in cards),
        ]


def _runs(row: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Start and length of each run of dark modules."""
    position = 0
    for dark, members in groupby(row):
        length = len(list(members))
        if dark:
            yield position, length
        position += length
