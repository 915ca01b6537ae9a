"""A plan as a workbook that computes: change an assumption or the scenario in it, and it comes to what the page would say."""

from planning.workbook.book import workbook

__all__ = ["workbook"]
