"""The demo: Yangcheng's published figures, simulated schools and people, the whole path walked once.

One wave is finished (answered by simulated respondents, closed, mixed, released) and judged; a second
one is open, so that a visitor can scan a card and answer.
"""

import json
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
from sqlalchemy.orm import Session

from survey_app.clock import now as clock
from survey_app.config import Settings, write_private
from survey_app.jobs import Jobs, jobs_of
from survey_app.security import Held

if TYPE_CHECKING:
    from survey_app.counties.models import CountyFile
    from survey_app.surveys.models import Wave

#: Roles of the demo: login, name, what is held.
_PEOPLE = (
    ("yangcheng", "阳城县教育局", Held("county", "140522")),
    ("school", "城关第一初级中学联络员", Held("school", "140522", "YC-C01")),
    ("interviewer", "电话访问员", Held("interviewer", "140522")),
    ("jincheng", "晋城市督导室", Held("city", "140500")),
    ("shanxi", "山西省督导室", Held("province", "140000")),
    ("assessor", "评估专家", Held("assessor", "140000")),
    ("auditor", "审计员", Held("auditor", "140000")),
    ("admin", "系统管理员", Held("administrator", "000000")),
)

#: Files that say: this folder is a demo's; its accounts, written when it is complete.
_MARK = ".demo"
_KEPT = "demo.json"

_BY = "demo"
_CONTACT = "阳城县教育局督导室（演示，无真实电话）"
_PRESSURE = "晋城市教育督导室（演示，无真实电话）"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of the demo, shown on the terminal."""

    login: str
    name: str
    password: str


def home() -> Path:
    """Folder of the demo's data, apart from a real installation's."""
    given = os.environ.get("JUNHENG_HOME")
    return Path(given) if given else Path(platformdirs.user_data_path("junheng-demo"))


class NotADemoError(Exception):
    """The folder holds an installation that is no demo; nothing in it was touched."""

    code = "not_a_demo"

    def __init__(self, folder: Path):
        super().__init__(str(folder))
        self.folder = folder


def prepare(folder: Path, *, fresh: bool) -> None:
    """Make *folder* ready: a finished demo stays unless *fresh*, a half-built one is thrown away.

    Raises:
        NotADemoError: something else lies there.
    """
    mark, kept = folder / _MARK, folder / _KEPT
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise NotADemoError(folder)
    if mark.exists() and (fresh or not kept.exists()):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    mark.touch()


def build(settings: Settings, *, say: Callable[[str], None]) -> list[Account]:
    """Build the demo unless it is there; give its accounts."""
    kept = settings.home / _KEPT
    if kept.exists():
        return [Account(**each) for each in json.loads(kept.read_text("utf-8"))]
    from survey_app import create_app
    from survey_app.db import db

    app = create_app(replace(settings, inline_jobs=True))
    accounts = [Account(login=login, name=name, password=_password()) for login, name, *_ in _PEOPLE]
    with app.app_context():
        session = db.session
        say("导入阳城县数据（公开数字 + 模拟学校）……")
        county_file = _add_county(session, accounts)
        say("抽样、模拟答卷、汇总（已结束的一轮）……")
        _finished_wave(session, settings, county_file, jobs_of(app), say)
        say("准备一轮正在进行的调查……")
        _open_wave(session, settings, county_file)
        session.commit()
        db.engine.dispose()
    write_private(kept, json.dumps([asdict(account) for account in accounts]).encode("utf-8"))
    return accounts


def welcome(settings: Settings, accounts: list[Account]) -> str:
    """What the terminal says: the address, the accounts, what to try."""
    width = max(len(account.login) for account in accounts)
    lines = [
        "",
        f"  均衡演示已就绪： {settings.public_url}",
        "",
        "  工作人员登录（账号 / 密码）：",
        *(f"    {each.login:<{width}}  {each.password}  {each.name}" for each in accounts),
        "",
        "  试一试：用 yangcheng 登录 → 实施 → 印刷材料 → 下载答题卡，用同一网络的手机扫码作答；",
        "  结果与评估里有一轮已完成的（模拟）调查和结论。按 Ctrl+C 结束。",
        "",
    ]
    return "\n".join(lines)


def _password() -> str:
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))


def _add_county(session: Session, accounts: list[Account]) -> "CountyFile":
    from survey_app.accounts import service as people
    from survey_app.counties import service as counties
    from survey_app.counties import yangcheng

    document, provenance = yangcheng.build()
    moment = clock() - timedelta(days=30)
    county_file = counties.import_county_file(
        session,
        document,
        source="阳城县优质均衡创建工作规划（2021—2025年）",
        by=_BY,
        now=moment,
        provenance=provenance,
    )
    for account, (_, _, held) in zip(accounts, _PEOPLE, strict=True):
        counties.ensure_region(session, held.region_code)
        people.add_user(
            session,
            login=account.login,
            name=account.name,
            password=account.password,
            appointments=[held],
            by=_BY,
            now=moment,
        )
    session.commit()
    return county_file


def _make_wave(
    session: Session, settings: Settings, county_file: "CountyFile", *, title: str, opens: datetime, seed: str
) -> "Wave":
    from survey_app.fieldwork import opening
    from survey_app.fieldwork.draws import drawing
    from survey_app.fieldwork.frames import framing
    from survey_app.surveys import rules, service

    wave = service.create_wave(
        session,
        county_file=county_file,
        title=title,
        scheme_id="shanxi-2022",
        rules=rules.default_rules(),
        opens_at=opens,
        closes_at=opens + timedelta(days=5),
        contact=_CONTACT,
        pressure_contact=_PRESSURE,
        group_sizes=service.counted_lists(county_file),
        by=_BY,
        now=opens - timedelta(days=3),
    )
    framing.build_frame(session, wave, by=_BY, now=opens - timedelta(days=2))
    drawing.draw_wave(
        session, wave, seed=seed, code_key=settings.code_key, by=_BY, now=opens - timedelta(days=2)
    )
    opening.open_wave(session, wave, keys=settings.keys, by=_BY, now=opens - timedelta(hours=1))
    session.commit()
    return wave


def _finished_wave(
    session: Session,
    settings: Settings,
    county_file: "CountyFile",
    jobs: Jobs,
    say: Callable[[str], None],
) -> None:
    from survey_app import simulation
    from survey_app.assessments import runs
    from survey_app.results import closing, releasing

    opens = clock() - timedelta(days=20)
    wave = _make_wave(
        session,
        settings,
        county_file,
        title="2021年社会认可度调查（模拟答卷）",
        opens=opens,
        seed="yangcheng-2021",
    )
    _hand_over(session, settings, wave, now=opens - timedelta(minutes=30))
    answered = 0
    for _ in simulation.answer_wave(session, wave, now=opens + timedelta(days=1)):
        answered += 1
        session.commit()
    say(f"  {answered} 份模拟答卷")
    closing.close_wave(session, wave, by="yangcheng", now=opens + timedelta(days=5))
    _take_back(session, settings, wave, now=opens + timedelta(days=5, hours=2))
    wave_id = wave.id
    session.commit()
    jobs.enqueue("mix_wave", str(wave_id), wave_id=wave_id)
    releasing.release_wave(session, wave, by="jincheng", now=opens + timedelta(days=6))
    runs.make_run(
        session,
        county_file=county_file,
        scheme_id="shanxi-2022",
        wave=wave,
        level="self_evaluation",
        by="yangcheng",
        now=opens + timedelta(days=7),
    )
    session.commit()


def _hand_over(session: Session, settings: Settings, wave: "Wave", *, now: datetime) -> None:
    """Print the cards of *wave* and give every batch to somebody of its place."""
    from survey_app.fieldwork.materials import bundle, ledger

    printed = bundle.batches_in(session, {"wave": wave.id, "scope": bundle.COUNTY})
    ledger.note_printing(session, wave, printed, key="", by="yangcheng", now=now - timedelta(hours=4))
    for each in ledger.standings(session, wave):
        ledger.record(
            session,
            wave,
            each.batch.id,
            "handed",
            code_key=settings.code_key,
            receiver=f"联络员（{each.batch.place}）",
            by="yangcheng",
            now=now,
        )
    session.commit()


def _take_back(session: Session, settings: Settings, wave: "Wave", *, now: datetime) -> None:
    """Let the cards that nobody used come back."""
    from survey_app.fieldwork.materials import ledger

    for each in ledger.standings(session, wave):
        if each.cards > each.spent:
            ledger.record(
                session,
                wave,
                each.batch.id,
                "returned",
                code_key=settings.code_key,
                cards=each.cards - each.spent,
                receiver=each.where.holders[0][0],
                by="yangcheng",
                now=now,
            )
    session.commit()


def _open_wave(session: Session, settings: Settings, county_file: "CountyFile") -> None:
    opens = clock() - timedelta(minutes=5)
    _make_wave(
        session,
        settings,
        county_file,
        title="社会认可度调查（演示，可作答）",
        opens=opens,
        seed=secrets.token_hex(16),
    )
