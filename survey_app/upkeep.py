"""The operator's commands: upgrade, check, back up and restore the database; ask the doctor."""

import json
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import click
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from survey_app import audit, db, evidence, migrating
from survey_app.clock import now
from survey_app.config import Settings
from survey_app.serving import at_work, settings_or_exit
from survey_app.serving import upgrade as upgrade_database


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the doctor found about one thing."""

    about: str
    well: bool
    said: str


#: What is wrong with a step of an application.
_BROKEN = {
    "number": "步骤不连续",
    "seal": "与封存值不符",
    "run": "签署的评估与校验值不符",
    "trail": "与审计记录不符",
}

#: What is wrong with a file of evidence, and how many of them are named.
_RULES = {"lost": "文件不在", "altered": "内容被改动"}
_NAMED = 5


@click.group()
def database() -> None:
    """数据库：升级、检查、备份、恢复。Upgrade, check, back up, restore."""


@database.command()
def upgrade() -> None:
    """升级到最新版本。Bring the database to the newest revision."""
    settings = settings_or_exit()
    upgrade_database(settings)
    click.echo(f"数据库已是最新版本（{migrating.newest()}）。")


@database.command()
def check() -> None:
    """检查版本、完整性和引用。Check revision, integrity and references."""
    settings = settings_or_exit()
    findings = list(_database_findings(settings))
    _show(findings)
    raise SystemExit(0 if all(each.well for each in findings) else 1)


@database.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """在线备份到一个新文件。Write a backup while the service runs."""
    settings = settings_or_exit()
    if file.exists():
        _stop(f"“{file}”已存在。请换一个文件名，备份不会覆盖旧文件。")
    partial = file.with_name(file.name + ".partial")
    try:
        if settings.is_sqlite:
            if not settings.database_file.exists():
                _stop(f"还没有数据库：{settings.database_file}。")
            _copy_sqlite(settings.database_file, partial)
        else:
            _run_postgresql(settings, "pg_dump", "--format=custom", f"--file={partial}")
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    click.echo(
        f"已备份到 {file}（{file.stat().st_size:,} 字节）。"
        "备份里没有调查的私钥；请按运维指南另行保管密钥文件夹。"
        f"备份里也没有佐证材料的文件；请一并复制文件夹 {evidence.folder_of(settings)}。"
    )


@database.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace the database that is there.")
def restore(file: Path, replace: bool) -> None:
    """从备份恢复。Restore a backup; stop the service first."""
    settings = settings_or_exit()
    with at_work(settings, alone=True) as alone:
        if not alone:
            _stop("服务正在运行。请先停止 junheng serve（和 junheng work），再恢复。")
        if settings.is_sqlite:
            _restore_sqlite(file, settings.database_file, replace=replace)
        else:
            options = ["--clean", "--if-exists"] if replace else []
            _run_postgresql(
                settings, "pg_restore", "--exit-on-error", "--single-transaction", *options, str(file)
            )
    upgrade_database(settings)
    click.echo(f"已从 {file} 恢复。")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def doctor(as_json: bool) -> None:
    """检查这套系统是否健康。Say whether this installation is well, and what to do if not."""
    settings = settings_or_exit()
    findings = [*_installation_findings(settings), *_database_findings(settings)]
    if as_json:
        click.echo(
            json.dumps(
                [{"about": f.about, "well": f.well, "said": f.said} for f in findings], ensure_ascii=False
            )
        )
    else:
        _show(findings)
    raise SystemExit(0 if all(each.well for each in findings) else 1)


def _show(findings: list[Finding]) -> None:
    for each in findings:
        click.echo(f"{'✓' if each.well else '✗'} {each.about}：{each.said}")


def _stop(said: str) -> NoReturn:
    click.echo(said, err=True)
    raise SystemExit(1)


def _installation_findings(settings: Settings) -> Iterator[Finding]:
    private_things = (("数据文件夹", settings.home, 700), ("密钥文件", settings.home / "secrets.json", 600))
    for about, path, mode in private_things:
        if path.exists():
            private = stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
            said = "只有本账号可读" if private else f"其他用户可以读取，请执行 chmod {mode} {path}"
            yield Finding(about=about, well=private or os.name == "nt", said=said)
    driver = db.sqlite_driver()

    safe = db.wal_is_safe(driver.sqlite_version_info)
    said = f"{driver.sqlite_version}，{'使用 WAL 日志' if safe else '使用回滚日志（该版本的 WAL 有缺陷）'}"
    yield Finding(about="SQLite", well=True, said=said)
    free = shutil.disk_usage(settings.home).free // 2**20
    yield Finding(
        about="磁盘", well=free > 500, said=f"剩余 {free:,} MB" + ("" if free > 500 else "，请清理磁盘")
    )
    from importlib.util import find_spec

    fonts = find_spec("pylopdf_fonts_zh_cn") is not None
    yield Finding(about="中文字体", well=fonts, said="已安装" if fonts else "缺少，请重新安装依赖")


def _database_findings(settings: Settings) -> Iterator[Finding]:
    engine = sa.create_engine(**db.engine_options(settings))
    db.prepare_engine(engine)
    try:
        revision, newest = migrating.current(engine), migrating.newest()
        current = revision == newest
        said = f"版本 {revision or '（空）'}" + (
            "" if current else f"，最新为 {newest}，请执行 junheng database upgrade"
        )
        yield Finding(about="数据库", well=current, said=said)
        if not current:
            return
        with Session(engine) as session:
            yield from _integrity(session)
            altered = audit.first_altered(session)
            said = "连续完整" if altered is None else f"第 {altered} 条被改动或缺失，请立即保全现场并报告"
            yield Finding(about="审计记录", well=altered is None, said=said)
            yield from _keys(session, settings)
            yield _evidence(session, settings)
            yield _applications(session)
    except OperationalError as error:
        yield Finding(about="数据库", well=False, said=f"无法连接：{error.orig}")
    finally:
        engine.dispose()


def _integrity(session: Session) -> Iterator[Finding]:
    if session.get_bind().dialect.name != "sqlite":
        return
    answers = [row[0] for row in session.execute(sa.text("PRAGMA integrity_check"))]
    broken = session.execute(sa.text("PRAGMA foreign_key_check")).all()
    well = answers == ["ok"] and not broken
    said = "完好" if well else f"发现 {len(broken)} 处失效引用；{answers[0]}。请从备份恢复"
    yield Finding(about="数据完整性", well=well, said=said)


def _keys(session: Session, settings: Settings) -> Iterator[Finding]:
    from survey_app.fieldwork.opening import key_file
    from survey_app.surveys.models import Wave

    waiting = session.scalars(
        sa.select(Wave).where(Wave.opened_at.is_not(None), Wave.mixed_at.is_(None))
    ).all()
    for wave in waiting:
        there = key_file(settings.keys, wave.id).exists()
        said = "在" if there else f"不在 {settings.keys}：没有它就无法读取答卷，请立即从保管处恢复"
        yield Finding(about=f"调查“{wave.title}”的私钥", well=there, said=said)


def _applications(session: Session) -> Finding:
    """Whether every step of every application, and every run it sealed, is as it was sealed."""
    from survey_app.assessments.applications.models import Application
    from survey_app.assessments.applications.seal_checks import broken_step

    found = session.scalars(sa.select(Application).order_by(Application.id)).all()
    broken = [(each, first) for each in found if (first := broken_step(session, each)) is not None]
    if not broken:
        return Finding(about="认定申请", well=True, said=f"{len(found)} 份，签署与封存值一致")
    named = "、".join(
        f"第 {each.id} 份（{each.county_code}，{each.year} 年）"
        f"的第 {first.number} 步（{_BROKEN[first.rule]}）"
        for each, first in broken[:_NAMED]
    )
    more = "" if len(broken) <= _NAMED else f"等 {len(broken)} 份"
    return Finding(about="认定申请", well=False, said=f"{named}{more}被改动或缺失，请立即保全现场并报告")


def _evidence(session: Session, settings: Settings) -> Finding:
    """Whether every file handed in as proof is there and is what its digest says."""
    folder = evidence.folder_of(settings)
    wrong = list(evidence.faults(session, settings))
    if wrong:
        named = "、".join(f"第 {each.evidence.id} 号（{_RULES[each.rule]}）" for each in wrong[:_NAMED])
        more = "" if len(wrong) <= _NAMED else f"等 {len(wrong)} 份"
        said = f"{named}{more}。请保全 {folder}，并从备份恢复"
        return Finding(about="佐证材料", well=False, said=said)
    count = session.scalar(sa.select(sa.func.count()).select_from(evidence.Evidence)) or 0
    said = f"{count} 份，与登记的校验值一致"
    if left := len(evidence.strays(session, settings, now=now())):
        said += f"；{folder} 里另有 {left} 个没有登记的文件，是中断的上传留下的，可以删除"
    return Finding(about="佐证材料", well=True, said=said)


def _copy_sqlite(source: Path, target: Path) -> None:
    driver = db.sqlite_driver()

    reading, writing = driver.connect(str(source)), driver.connect(str(target))
    try:
        reading.backup(writing)
        verdict = writing.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        reading.close()
        writing.close()
    if verdict != "ok":
        target.unlink(missing_ok=True)
        _stop(f"备份没有通过完整性检查：{verdict}。请先执行 junheng doctor。")


def _restore_sqlite(backup_file: Path, target: Path, *, replace: bool) -> None:
    driver = db.sqlite_driver()

    if target.exists() and not replace:
        _stop(f"{target} 已有数据库。确认要替换时，请停止服务后加上 --replace。")
    try:
        probe = driver.connect(f"file:{backup_file}?mode=ro", uri=True)
        verdict = probe.execute("PRAGMA integrity_check").fetchone()[0]
        probe.execute("SELECT version_num FROM alembic_version").fetchone()
        probe.close()
    except driver.DatabaseError as error:
        _stop(f"“{backup_file}”不是本系统的备份：{error}。")
    if verdict != "ok":
        _stop(f"备份文件已损坏：{verdict}。")
    if target.exists():
        kept = target.with_name(f"{target.name}.{now():%Y%m%d%H%M%S}")
        _copy_sqlite(target, kept)
        click.echo(f"原数据库已另存为 {kept}。")
    partial = target.with_name(target.name + ".partial")
    _copy_sqlite(backup_file, partial)
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    partial.replace(target)


def _run_postgresql(settings: Settings, program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL: it knows no drivers, and its command line is no place for a password."""
    url = sa.make_url(settings.database_url).set(drivername="postgresql")
    environment = {**os.environ, "PGPASSWORD": str(url.password)} if url.password else None
    address = url.set(password=None).render_as_string()
    path = shutil.which(program)
    if path is None:
        _stop(f"找不到 {program}。请在装有 PostgreSQL 客户端的机器上执行，或安装 postgresql-client。")
        return
    finished = subprocess.run(  # noqa: S603
        [path, f"--dbname={address}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        _stop(f"{program} 失败：{finished.stderr.strip()}")
