"""Run revisions on the connection that `survey_app.migrating` hands over; it owns the transaction."""

from alembic import context

from survey_app.db import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
