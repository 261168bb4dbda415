"""Answer cards on A4 sheets, ready to be cut: each batch with its cover, and the list of who gets a card."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app import qr
from survey_app.config import Settings
from survey_app.counties.models import School
from survey_app.errors import ConflictError
from survey_app.fieldwork import codes
from survey_app.fieldwork.draws import drawing
from survey_app.fieldwork.draws.drawing import Recipient
from survey_app.fieldwork.materials.typesetting import typeset
from survey_app.fieldwork.materials.words import facts_of, shown_address, words
from survey_app.fieldwork.models import Batch, Handover, Invitation, StoredDraw
from survey_app.formatting import deadline, in_fours
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave

#: Cards on one sheet, as the template lays them out.
CARDS_PER_SHEET = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card as it is printed. Holds a code: print and forget."""

    number: str
    typed: str
    #: What its QR picture says.
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOfCards:
    """A batch as it is printed: what its cover says and every card."""

    id: int
    #: Position among the sheets, from 0.
    position: int
    group: str
    place: str
    school_code: str | None
    #: How often it was given new codes.
    replacements: int
    cards: tuple[Card, ...]

    @property
    def number(self) -> int:
        """What the batch is called on lists and cards, from 1."""
        return self.position + 1

    @property
    def sheets(self) -> int:
        """Sheets of cards, without the cover."""
        return -(-len(self.cards) // CARDS_PER_SHEET)


def card_sheets(session: Session, wave: Wave, *, settings: Settings) -> bytes:
    """The PDF with every card of *wave*: each batch on sheets of its own, the hand-out list in front.

    Raises:
        ConflictError: the wave is not drawn.
        SheetError: the typesetter warned, so the sheets may not be as they should.
    """
    draw = drawn(session, wave)
    frame = frame_of(wave, settings.public_url)
    batches = [batch_sheets(wave, each, settings.public_url) for each in batches_of(session, wave, settings)]
    found = hand_out_list(wave, draw, hand_out_rows(session, wave, draw))
    return typeset("cards", frame | {"batches": batches, "list": found})


def drawn(session: Session, wave: Wave) -> StoredDraw:
    """The draw of *wave*.

    Raises:
        ConflictError: it is not drawn.
    """
    draw = drawing.draw_of(session, wave)
    if draw is None:
        raise ConflictError("not_drawn")
    return draw


def frame_of(wave: Wave, public_url: str) -> dict[str, Any]:
    """What stands on every sheet and card of *wave*."""
    return {
        "title": f"{wave.county.name} {wave.title} 答题卡",
        "footer": f"{wave.county.name} · {wave.title} · 沿角线剪开，每人一张；答卷匿名，任何人不得代填或查看",
        "instruction": "扫码作答，或打开网址输入此码",
        "address": shown_address(public_url),
        "deadline": f"{deadline(wave.closes_at)}截止",
        "batches": [],
        "list": None,
    }


def batches_of(session: Session, wave: Wave, settings: Settings) -> list[BatchOfCards]:
    """The batches of *wave* in the order of their sheets, with every code that is valid."""
    batches = session.scalars(sa.select(Batch).where(Batch.wave_id == wave.id).order_by(Batch.position)).all()
    invitations = session.scalars(
        sa.select(Invitation)
        .where(Invitation.wave_id == wave.id, Invitation.revoked_at.is_(None))
        .order_by(Invitation.batch_id, Invitation.serial)
    )
    by_batch = {key: list(members) for key, members in groupby(invitations, key=lambda one: one.batch_id)}
    counted = (
        sa.select(Handover.batch_id, sa.func.count().label("n"))
        .join(Batch, Batch.id == Handover.batch_id)
        .where(Batch.wave_id == wave.id, Handover.deed == "replaced")
        .group_by(Handover.batch_id)
    )
    replaced = {row.batch_id: row.n for row in session.execute(counted)}
    return [
        BatchOfCards(
            id=batch.id,
            position=batch.position,
            group=batch.group,
            place=batch.place,
            school_code=batch.school_code,
            replacements=replaced.get(batch.id, 0),
            cards=tuple(_card(one, batch, settings) for one in by_batch.get(batch.id, [])),
        )
        for batch in batches
    ]


def batch_sheets(wave: Wave, batch: BatchOfCards, public_url: str) -> dict[str, Any]:
    """A batch as the template takes it: its cover, then its sheets. One without cards has no sheets."""
    group = GROUPS[batch.group].label.zh
    return {
        "name": f"{group} · {batch.place}",
        "cover": _cover(wave, batch, group, public_url) if batch.cards else None,
        "sheets": [
            f"第 {number + 1} 张，共 {batch.sheets} 张 · 本批 {len(batch.cards)} 张卡"
            for number in range(batch.sheets)
        ],
        "cards": [
            {
                "group": group,
                "place": batch.place,
                "number": card.number,
                "typed": in_fours(card.typed),
                "qr": qr.picture(card.address),
            }
            for card in batch.cards
        ],
    }


def card_address(public_url: str, code: codes.Code) -> str:
    """What the QR picture says."""
    return f"{public_url}/c/{code.in_address}"


def card_number(batch_position: int, serial: int) -> str:
    """What a card is called on the hand-out list: the batch's number and its own."""
    return f"{batch_position + 1}-{serial}"


def hand_out_rows(session: Session, wave: Wave, draw: StoredDraw) -> dict[int, list[list[str]]]:
    """By batch (its position): a row for each list of people, with their numbers on it."""
    names = {
        school.code: school.name
        for school in session.scalars(sa.select(School).where(School.county_file_id == wave.county_file_id))
    }
    batches = session.execute(sa.select(Batch.position, Batch.place).where(Batch.wave_id == wave.id))
    places = {position: place for position, place in batches}  # noqa: C416  rows are no pairs to the type checker
    found: dict[int, list[list[str]]] = {}
    for position, row in _rows(drawing.recipients(session, draw), places, names):
        found.setdefault(position, []).append(row)
    return found


def hand_out_list(wave: Wave, draw: StoredDraw, rows: Mapping[int, Sequence[list[str]]]) -> dict[str, Any]:
    """The list of who gets a card, for the batches in *rows*, as the template takes it."""
    return {
        "title": f"{wave.county.name} 答题卡发放清单",
        "explanation": [
            f"{wave.title}，{deadline(wave.closes_at)}截止。按名册的自然顺序数到所列序号，请这些人来抽卡。",
            "同一行的卡打乱以后字面朝下，由本人任意抽取一张；不登记谁拿了哪一张，不得换人、代填或查看答卷。",
            "写明年级或班级的，在那里的名册里数。家长名册按学生排列，每名学生一位家长；学生名册只列三至九年级。",
            f"样本由公开的种子抽出，任何人都可以核对。抽样凭证：{draw.digest[:16]}。本清单单独保管，不随卡发放。",
        ],
        "footer": f"{wave.county.name} · {wave.title} · 发放清单",
        "header": ["对象", "名册", "卡号", "名册序号"],
        "rows": [row for position in sorted(rows) for row in rows[position]],
    }


def _card(invitation: Invitation, batch: Batch, settings: Settings) -> Card:
    code = codes.derive(
        settings.code_key,
        wave_id=invitation.wave_id,
        batch_id=batch.id,
        serial=invitation.serial,
        generation=invitation.generation,
    )
    return Card(
        number=card_number(batch.position, invitation.serial),
        typed=code.typed,
        address=card_address(settings.public_url, code),
    )


def _cover(wave: Wave, batch: BatchOfCards, group: str, public_url: str) -> dict[str, Any]:
    """The cover sheet that is sealed with the batch."""
    said, facts = words().cover, facts_of(wave, public_url)
    numbers = [card.number for card in batch.cards]
    renewed = said.renewed.format(**facts, renewed=batch.replacements) if batch.replacements else ""
    return {
        "title": said.title,
        "lead": said.lead.format(**facts),
        "facts": [
            ["批号", str(batch.number)],
            ["对象", group],
            ["地点", batch.place],
            ["卡号", numbers[0] if len(numbers) == 1 else f"{numbers[0]} 至 {numbers[-1]}"],
            ["张数", f"{len(numbers)} 张卡（{batch.sheets} 页）"],
            ["截止", deadline(wave.closes_at)],
        ],
        "renewed": renewed,
        "handing_heading": "怎样发卡",
        "handing": [step.format(**facts) for step in said.handing],
        "left_over_heading": said.left_over_heading,
        "left_over": [said.left_over.format(**facts), said.lost.format(**facts)],
        "signing": [
            ["交卡", "交出人签字", "接收人签字", "日期", f"点清张数（应为 {len(numbers)}）"],
            ["退回", "交出人签字", "接收人签字", "日期", "退回张数"],
        ],
        "footer": f"{wave.county.name} · {wave.title} · 第 {batch.number} 批封面",
    }


def _rows(
    found: Iterable[Recipient], places: Mapping[int, str], schools: Mapping[str, str]
) -> Iterator[tuple[int, list[str]]]:
    """A row for each list of people: the group, whose list it is, its cards, their places on it."""

    def list_of(one: Recipient) -> tuple[int, str | None]:
        return one.batch, one.school_code

    wanted = (one for one in found if not one.given_up)
    ordered = sorted(wanted, key=lambda one: (one.batch, one.school_code or "", one.serial))
    for (batch, school), members in groupby(ordered, key=list_of):
        cards = list(members)
        of_one_school = school is None or cards[0].band
        yield (
            batch,
            [
                GROUPS[cards[0].group].label.zh,
                places[batch] if of_one_school else schools[str(school)],
                "、".join(_ranges(batch, [one.serial for one in cards])),
                _on_list(cards),
            ],
        )


def _ranges(batch: int, serials: Sequence[int]) -> Iterator[str]:
    """The cards with these numbers, in their order, those that follow one another as a range."""
    for _, members in groupby(enumerate(serials), key=lambda pair: pair[1] - pair[0]):
        run = [serial for _, serial in members]
        first, last = card_number(batch, run[0]), card_number(batch, run[-1])
        yield first if len(run) == 1 else f"{first} 至 {last}"


def _on_list(cards: Iterable[Recipient]) -> str:
    """The people's numbers on their list; by class or grade, where the list names them."""
    ordered = sorted(cards, key=lambda one: one.number)
    parts = []
    for section, members in groupby(ordered, key=lambda one: one.section):
        people = list(members)
        numbers = "、".join(str(one.section_number if section else one.number) for one in people)
        parts.append(f"{section}：{numbers}" if section else numbers)
    return "；".join(parts)
