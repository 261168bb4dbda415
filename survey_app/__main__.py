"""Let ``python -m survey_app`` be the ``junheng`` command."""

from survey_app.cli import main

main(prog_name="junheng")
