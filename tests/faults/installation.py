"""An installation of its own with a wave in the field: made for a server, looked into afterwards."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from nacl.public import PrivateKey
from sqlalchemy.orm import Session

from survey_app import db as database
from survey_app import migrating
from survey_app.config import SECRETS, Settings, load_settings
from survey_app.counties.models import CountyFile, Region
from survey_app.fieldwork import codes
from survey_app.fieldwork.models import Batch, Entry, EntryPoint, Invitation
from survey_app.respond.inbox import open_sealed
from survey_app.respond.models import SealedAnswer
from survey_app.surveys.models import QuestionnaireVersion, QuotaCell, Wave, WaveForm
from survey_app.surveys.questionnaire_loader import parse_questionnaire
from survey_app.surveys.rules import default_rules

ROOT = Path(__file__).resolve().parents[2]

#: Cards of one batch: about what a school gives out.
_BATCH = 45

#: Scale items of the questionnaire, which ends with one comment.
SCALE_ITEMS = 20

_LABELS = (
    ("5", "很满意"),
    ("4", "满意"),
    ("3", "一般"),
    ("2", "不满意"),
    ("1", "很不满意"),
    ("dk", "不了解"),
)


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Where it lies, how a server is told of it, and what the phones hold in their hands."""

    home: Path
    port: int
    settings: Settings
    #: Settings as a server's environment.
    environ: dict[str, str]
    wave_id: int
    private_key: bytes = field(repr=False)
    #: Codes of the personal cards, as they stand in an address.
    cards: list[str] = field(repr=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session beside the server, closed with its connection."""
        engine = connect(self.settings)
        try:
            with Session(engine) as session:
                yield session
        finally:
            engine.dispose()

    def inbox(self) -> list[dict]:
        """Every answer in the inbox, unsealed."""
        with self.session() as session:
            sealed = session.scalars(
                sa.select(SealedAnswer.sealed).where(SealedAnswer.wave_id == self.wave_id)
            )
            return [open_sealed(self.private_key, each) for each in sealed]

    def comments(self) -> list[str]:
        """The comments in the inbox; each phone writes one of its own, which names its answer."""
        return [each["answers"]["comment"] for each in self.inbox()]

    def counts(self) -> dict[str, int]:
        """What the entries and the quota cells say: spent entries, and spent, reserved and surplus places."""
        with self.session() as session:
            spent = session.scalar(
                sa.select(sa.func.count()).select_from(Entry).where(Entry.state == "spent")
            )
            cells = session.execute(
                sa.select(
                    sa.func.sum(QuotaCell.spent),
                    sa.func.sum(QuotaCell.reserved),
                    sa.func.sum(QuotaCell.surplus),
                )
            ).one()
        return {
            "spent": spent or 0,
            "counted": cells[0] or 0,
            "reserved": cells[1] or 0,
            "surplus": cells[2] or 0,
        }


def connect(settings: Settings) -> sa.Engine:
    """An engine on the installation's database, prepared as the server's own."""
    engine = sa.create_engine(**database.engine_options(settings))
    database.prepare_engine(engine)
    return engine


def install(
    home: Path, port: int, *, cards: int, database_url: str = "", posters: tuple[int, ...] = ()
) -> Installation:
    """Make an installation in *home* whose wave is open now.

    Args:
        home: an empty folder.
        port: where its server will listen.
        cards: personal cards to hand out.
        database_url: a PostgreSQL database of its own; SQLite in *home* otherwise.
        posters: quota of one cell and one open entry point for each.
    """
    home.mkdir(parents=True, exist_ok=True)
    environ = {
        "JUNHENG_HOME": str(home),
        "JUNHENG_ENV": "production",
        "JUNHENG_DATABASE_URL": database_url or f"sqlite:///{home / 'junheng.db'}",
        "JUNHENG_PUBLIC_URL": f"http://127.0.0.1:{port}",
        **{setting: secrets.token_hex(32) for setting in SECRETS.values()},
    }
    settings = load_settings(environ)
    engine = connect(settings)
    try:
        migrating.upgrade(engine)
        with Session(engine) as session:
            wave, private_key = _open_wave(session)
            _freeze(session, wave)
            codes_made = _hand_out(session, wave, settings.code_key, cards)
            _put_up(session, wave, settings.code_key, posters)
            session.commit()
            wave_id = wave.id
    finally:
        engine.dispose()
    return Installation(
        home=home,
        port=port,
        settings=settings,
        environ={**os.environ, **environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        wave_id=wave_id,
        private_key=private_key,
        cards=codes_made,
    )


def poster_code(installation: Installation, number: int = 0) -> str:
    """The code of a poster, as it stands in an address."""
    return _point_code(installation.settings.code_key, installation.wave_id, number + 1).in_address


def questionnaire_text() -> str:
    """The questionnaire: twenty scale items and a comment, on one page."""
    options = ",".join(f'{{code="{code}",zh="{label}",en="{code}"}}' for code, label in _LABELS)
    lines = [
        'form = "public"',
        'groups = ["parent", "deputy", "cppcc_member", "public"]',
        'title = { zh = "{county}调查", en = "Survey in {county}" }',
        'intro = { zh = "请按真实想法选择。", en = "Please choose what you think." }',
        f"[scales.satisfied]\noptions = [{options}]",
        '[[sections]]\nid = "all"\ntitle = { zh = "您的看法", en = "Your view" }',
    ]
    for number in range(1, SCALE_ITEMS + 1):
        overall = "overall = true" if number == SCALE_ITEMS else 'topic = "fairness"'
        lines.append(
            f'[[sections.items]]\nid = "q{number}"\nkind = "scale"\nscale = "satisfied"\n{overall}\n'
            f'text = {{ zh = "第{number}件事：您对孩子所在学校的公平和条件满意吗？", en = "Item {number}?" }}'
        )
    lines.append(
        '[[sections.items]]\nid = "comment"\nkind = "text"\nrequired = false\n'
        'text = { zh = "您还想说什么？", en = "Anything else?" }'
    )
    return "\n".join(lines)


def _open_wave(session: Session) -> tuple[Wave, bytes]:
    now = datetime.now(UTC)
    for code, name, level, parent in (
        ("000000", "全国", "nation", None),
        ("140000", "山西省", "province", "000000"),
        ("140500", "晋城市", "city", "140000"),
        ("140522", "阳城县", "county", "140500"),
    ):
        if session.get(Region, code) is None:
            session.add(Region(code=code, name=name, level=level, parent_code=parent))
            session.flush()
    file = CountyFile(
        county_code="140522",
        year=2026,
        version=1,
        content="{}",
        digest="0" * 64,
        provenance="{}",
        source="none",
        imported_at=now,
        imported_by="test",
    )
    session.add(file)
    session.flush()
    private = PrivateKey.generate()
    wave = Wave(
        county_code="140522",
        county_file_id=file.id,
        title="2026年阳城县义务教育社会认可度调查",
        scheme_id="shanxi-2022",
        scheme_digest="0" * 64,
        rules=default_rules().content,
        plan="{}",
        opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=4),
        contact="阳城县政府教育督导室 0356-0000001",
        pressure_contact="晋城市政府教育督导室 0356-0000002",
        created_at=now - timedelta(days=2),
        created_by="test",
        drawn_at=now - timedelta(days=2),
        opened_at=now - timedelta(days=1),
        opened_by="test",
        public_key=bytes(private.public_key),
    )
    session.add(wave)
    session.flush()
    return wave, bytes(private)


def _freeze(session: Session, wave: Wave) -> None:
    questionnaire = parse_questionnaire(questionnaire_text())
    version = QuestionnaireVersion(
        form="public",
        digest=questionnaire.digest,
        content=questionnaire.content,
        published_at=wave.opened_at,
    )
    session.add(version)
    session.flush()
    session.add(WaveForm(wave_id=wave.id, form="public", version_id=version.id))


def _hand_out(session: Session, wave: Wave, code_key: bytes, cards: int) -> list[str]:
    cell = QuotaCell(wave_id=wave.id, group="parent", grade_band="primary", locality="town", target=cards)
    session.add(cell)
    session.flush()
    made: list[str] = []
    rows = []
    for position in range(-(-cards // _BATCH)):
        batch = Batch(wave_id=wave.id, group="parent", place=f"第{position + 1}小学", position=position)
        session.add(batch)
        session.flush()
        for serial in range(1, min(_BATCH, cards - position * _BATCH) + 1):
            code = codes.derive(code_key, wave_id=wave.id, batch_id=batch.id, serial=serial, generation=1)
            made.append(code.in_address)
            rows.append(
                {
                    "wave_id": wave.id,
                    "batch_id": batch.id,
                    "serial": serial,
                    "quota_cell_id": cell.id,
                    "stratum": "全部",
                    "psu": f"S{position}",
                    "token_hash": codes.token_hash(code_key, code.token),
                    "typed_hash": codes.typed_hash(code_key, code.typed),
                }
            )
    if rows:
        session.execute(sa.insert(Invitation), rows)
    return made


def _point_code(code_key: bytes, wave_id: int, number: int) -> codes.Code:
    return codes.derive_open(code_key, wave_id=wave_id, number=number, generation=1)


def _put_up(session: Session, wave: Wave, code_key: bytes, quotas: tuple[int, ...]) -> None:
    for number, quota in enumerate(quotas, start=1):
        cell = QuotaCell(
            wave_id=wave.id, group="public", locality=f"{number}", way="poster", target=quota, cap=quota
        )
        session.add(cell)
        session.flush()
        code = _point_code(code_key, wave.id, number)
        session.add(
            EntryPoint(
                wave_id=wave.id,
                number=number,
                quota_cell_id=cell.id,
                kind="poster",
                place=f"海报{number}",
                token_hash=codes.token_hash(code_key, code.token),
                typed_hash=codes.typed_hash(code_key, code.typed),
                made_at=wave.opened_at,
                made_by="test",
            )
        )
