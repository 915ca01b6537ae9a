"""Charts as values: build one, show it with `{% chart c %}`, or take its `svg()` and `table()`."""

from prm.charts.bars import Bar, Bars
from prm.charts.base import Cell, Chart, DataTable, Tone
from prm.charts.columns import Columns, ColumnSeries
from prm.charts.dial import Dial
from prm.charts.distribution import Distribution, Mix, Part
from prm.charts.figures import Missing, percent, whole
from prm.charts.heatmap import HeatCell, HeatMap, HeatRow
from prm.charts.lines import Lines, Mark, Series, Sparkline
from prm.charts.pareto import Pareto
from prm.charts.stacked import Stacked
from prm.charts.svg import Palette
from prm.charts.tornado import Swing, Tornado
from prm.charts.waterfall import Step, StepKind, Waterfall

__all__ = [
    "Bar",
    "Bars",
    "Cell",
    "Chart",
    "ColumnSeries",
    "Columns",
    "DataTable",
    "Dial",
    "Distribution",
    "HeatCell",
    "HeatMap",
    "HeatRow",
    "Lines",
    "Mark",
    "Missing",
    "Mix",
    "Palette",
    "Pareto",
    "Part",
    "Series",
    "Sparkline",
    "Stacked",
    "Step",
    "StepKind",
    "Swing",
    "Tone",
    "Tornado",
    "Waterfall",
    "percent",
    "whole",
]
