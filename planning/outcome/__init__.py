"""What a business plan comes to, as page, PDF, workbook and API show it: one order of rows, one set of figures and charts.

found = outcome(plan, chosen="base", first_month=date(2027, 1, 1), currency="USD", as_of=today, for_vendor=True)
found.figures            # key figures, each with its explanation
found.statement(Span.QUARTER)
found.cumulative_chart()
"""

from planning.outcome.figures import KeyFigure
from planning.outcome.statement import Column, Level, Row, Span, Statement
from planning.outcome.whole import Outcome, outcome

__all__ = ["Column", "KeyFigure", "Level", "Outcome", "Row", "Span", "Statement", "outcome"]
