"""{% load charts %}: `{% chart c %}` shows a chart with its table, `{% chart_svg c 340 %}` the drawing alone."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from prm.charts.base import Chart
from prm.charts.svg import Palette

register = template.Library()

SIZES = ("small", "medium", "large")


@register.simple_tag
def chart(chart: Chart, width: int = 0, table: bool = True) -> SafeString:
    """A figure with its title, drawing and data table.

    On a page the drawing comes in three widths, of which the stylesheet shows the one that fits the room; with `width`
    it comes in that one only, as PDF needs it. `table` False leaves the data table out, for where the page has one.
    """
    widths = chart.widths if not width or len(chart.widths) <= 1 else (width,)
    sizes = SIZES if len(widths) == len(SIZES) else ("only",) * len(widths)
    drawings = [(size, chart.svg(each)) for size, each in zip(sizes, widths, strict=True)]
    return render_to_string(
        chart.template_name, {"chart": chart, "drawings": drawings, "table": chart.table() if table else None}
    )


@register.simple_tag
def chart_svg(chart: Chart, width: int = 0, accent: str = "") -> SafeString:
    """The drawing alone, in one width; `accent` is the colour where no stylesheet reaches (PDF)."""
    palette = Palette(accent=accent) if accent else Palette()
    return chart.svg(width or chart.widths[0], palette)
