"""An answer of a card in one statement: its entry spent and counted, and the answer stored, or nothing of it.

What `entries.burn` looks at first is here the condition of a statement that changes several tables: an
answer takes a single journey to the database. PostgreSQL has such statements; SQLite needs no journeys.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from survey_app.db import Instant
from survey_app.fieldwork.entries import bucket_of
from survey_app.fieldwork.models import Burst, Entry, Invitation, PhoneCase
from survey_app.surveys.models import QuotaCell, Wave, takes_answers_at
from survey_app.wire.statement import Statement


def with_answer(store: Callable[[sa.CTE], sa.Insert]) -> Statement:
    """The statement that spends a card's entry and does what *store* makes of the entry that was spent.

    The entry must be one that was begun with the card and not sent, in a wave that takes answers sealed to
    the key. *store* is given it with its ``wave_id``, as no row or one, and must insert nothing for none.
    """
    # Until the transaction ends the wave cannot be closed; answers of one wave do not wait for one another.
    asking = (
        sa.select(Wave.id)
        .where(
            Wave.id == sa.bindparam("wave"),
            Wave.public_key == sa.bindparam("public_key"),
            takes_answers_at(sa.bindparam("now", type_=Instant)),
        )
        .with_for_update(read=True)
        .cte("asking")
    )
    spent = (
        sa.update(Entry)
        .where(
            Entry.id == sa.bindparam("entry"),
            Entry.wave_id == asking.c.id,
            Entry.invitation_id == sa.bindparam("invitation"),
            Entry.state == "begun",
        )
        .values(state="spent", nonce_hash=sa.bindparam("nonce_hash"), mode="web", reserved_until=None)
        .returning(Entry.wave_id, Entry.quota_cell_id, Entry.invitation_id)
        .cte("spent_now")
    )
    # Rows are taken in the order of `entries.burn`. PostgreSQL does the parts of a statement in no order but
    # that of what each reads of another.
    counted = _counted(spent)
    bursting = _burst(spent, counted)
    return Statement({"postgresql": store(spent).add_cte(_let_off(spent, bursting))})


def values(
    entry_id: int,
    *,
    invitation_id: int | None,
    wave_id: int,
    public_key: bytes,
    nonce_hash: bytes,
    now: datetime,
) -> dict[str, Any]:
    """What the statement must be told of the entry that is spent at *now*."""
    return {
        "entry": entry_id,
        "invitation": invitation_id,
        "wave": wave_id,
        "public_key": public_key,
        "nonce_hash": nonce_hash,
        "now": now,
        "bucket": bucket_of(now),
    }


def _counted(spent: sa.CTE) -> sa.CTE:
    return (
        sa.update(QuotaCell)
        .where(QuotaCell.id == spent.c.quota_cell_id)
        .values(spent=QuotaCell.spent + 1)
        .returning(QuotaCell.id)
        .cte("counted")
    )


def _burst(spent: sa.CTE, counted: sa.CTE) -> sa.CTE:
    of_card = (
        sa.select(Invitation.batch_id, sa.bindparam("bucket", type_=Instant), sa.literal_column("1"))
        .join_from(spent, Invitation, Invitation.id == spent.c.invitation_id)
        .join(counted, counted.c.id == spent.c.quota_cell_id)
    )
    return (
        postgresql.insert(Burst)
        .from_select(["batch_id", "bucket", "n"], of_card)
        .on_conflict_do_update(index_elements=["batch_id", "bucket"], set_={"n": Burst.n + 1})
        .returning(Burst.batch_id)
        .cte("bursting")
    )


def _let_off(spent: sa.CTE, bursting: sa.CTE) -> sa.CTE:
    """Nobody calls a person whose answer came in online; nothing says when it came."""
    return (
        sa.update(PhoneCase)
        .where(
            PhoneCase.invitation_id == spent.c.invitation_id,
            PhoneCase.finished_at.is_(None),
            sa.exists(bursting.select()),
        )
        .values(withdrawn=True)
        .cte("let_off")
    )
