"""Compile the translations while the wheel is built, so that the installed package is whole."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):
    """Adds a compiled catalogue beside every .po file."""

    def initialize(self, version, build_data):
        """Write the .mo files and take them into the wheel."""
        root = Path(self.root)
        for po in root.glob("survey_app/translations/*/LC_MESSAGES/*.po"):
            mo = po.with_suffix(".mo")
            with po.open("rb") as source, mo.open("wb") as target:
                write_mo(target, read_po(source, po.parents[1].name))
            build_data["artifacts"].append(str(mo.relative_to(root)))
