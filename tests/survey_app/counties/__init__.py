"""Counties: regions, the workbook, the demo county."""
