"""How long the page of a wave in the field takes with 100 000 invitations and 60 000 questionnaires.

    python benchmarks/progress.py                        SQLite
    python benchmarks/progress.py --postgresql URL       in an empty database

The page is asked through the application itself, signed in, rendering included; the first request, which
reads templates and schemes, is not counted. The statements are counted beside it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

SCHOOLS, CARDS, CAME, ROUNDS = 600, 100_000, 60_000, 20


def main() -> None:
    """Fill a wave and ask for its page again and again."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--postgresql", help="URL of an empty database")
    given = parser.parse_args()
    from survey_app import create_app, migrating
    from survey_app.config import load_settings
    from survey_app.db import db
    from tests import factories

    with tempfile.TemporaryDirectory() as home:
        os.environ["JUNHENG_HOME"] = home
        os.environ.pop("JUNHENG_DATABASE_URL", None)
        if given.postgresql:
            os.environ["JUNHENG_DATABASE_URL"] = given.postgresql
        app = create_app(load_settings())
        with app.app_context():
            migrating.upgrade(db.engine)
            wave_id = fill()
            statements: list[str] = []
            sa.event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        client = factories.sign_in(app, "county", "140522")
        print(f"{'page':<24}{'median ms':>10}{'worst ms':>10}{'kB':>8}{'statements':>12}")
        for path in ("progress", "progress?part=live", "progress.json"):
            client.get(f"/fieldwork/{wave_id}/{path}")
            times = []
            for _ in range(ROUNDS):
                statements.clear()
                begun = time.perf_counter()
                answer = client.get(f"/fieldwork/{wave_id}/{path}")
                times.append(1000 * (time.perf_counter() - begun))
                assert answer.status_code == 200
            print(
                f"{path:<24}{statistics.median(times):>10.1f}{max(times):>10.1f}"
                f"{len(answer.data) / 1000:>8.0f}{len(statements):>12}"
            )
        with app.app_context():
            db.engine.dispose()


def fill() -> int:
    """An open wave of parents in 600 schools, three days old, and its number."""
    from survey_app.clock import now as clock
    from survey_app.db import db
    from survey_app.fieldwork.models import Batch, Burst, Entry, Invitation
    from survey_app.surveys.models import QuotaCell
    from tests import factories

    now = clock()
    wave = factories.make_wave(closes_at=now + timedelta(days=7))
    cell = QuotaCell(
        wave_id=wave.id, group="parent", grade_band="primary", locality="town", target=CARDS, spent=CAME
    )
    batches = [
        Batch(wave_id=wave.id, group="parent", place=f"第{n}小学", school_code=f"S{n:04}", position=n)
        for n in range(SCHOOLS)
    ]
    db.session.add_all([cell, *batches])
    wave.drawn_at = wave.opened_at = wave.opens_at = now - timedelta(days=3)
    db.session.flush()
    places = [
        {
            "id": number + 1, "wave_id": wave.id, "batch_id": batches[number % SCHOOLS].id,
            "serial": number // SCHOOLS + 1, "quota_cell_id": cell.id, "stratum": "all", "psu": "s",
            "token_hash": number.to_bytes(32, "big"), "typed_hash": number.to_bytes(32, "big"),
            "generation": 1,
        }
        for number in range(CARDS)
    ]  # fmt: skip
    db.session.execute(sa.insert(Invitation), places)
    spent = [
        {
            "wave_id": wave.id, "quota_cell_id": cell.id, "kind": "personal", "invitation_id": number + 1,
            "state": "spent", "nonce_hash": number.to_bytes(32, "big"), "surplus": False, "mode": "web",
        }
        for number in range(CAME)
    ]  # fmt: skip
    db.session.execute(sa.insert(Entry), spent)
    buckets = [
        {
            "batch_id": batches[number % SCHOOLS].id,
            "bucket": now - timedelta(minutes=10 * (1 + number // SCHOOLS)),
            "n": CAME // (SCHOOLS * 50),
        }
        for number in range(SCHOOLS * 50)
    ]
    db.session.execute(sa.insert(Burst), buckets)
    db.session.commit()
    db.session.execute(sa.text("ANALYZE"))
    db.session.commit()
    return wave.id


if __name__ == "__main__":
    main()
