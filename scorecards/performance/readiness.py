"""Training and certifications, required tasks.

training = Σ over required certificates of min(valid, required) ÷ Σ required by the assigned tier
tasks    = done ÷ required
"""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from prm.common.explain import Explanation
from scorecards.performance.inputs import Inputs
from scorecards.performance.telling import PERCENT, Formula, plus, ratio


def training(inputs: Inputs, day: date) -> Explanation:
    """In percent; "–" where the tier asks for no certificate."""
    formula = Formula()
    url = inputs.link("certifications")
    tops, below, held, asked = [], [], 0, 0
    for need in inputs.required:
        valid = need.valid(inputs.holdings, day)
        name = {"name": need.name}
        have = formula.put(_("%(name)s, valid") % name, valid, url=url)
        required = formula.put(_("%(name)s, required") % name, need.count, url=url)
        tops.append(f"min({have}, {required})")
        below.append(required)
        held += min(valid, need.count)
        asked += need.count
    if tops:
        formula.text = f"{plus(tops)} ÷ {plus(below)} × 100"
    value = ratio(held, asked)
    return formula.told(
        _("Training and certifications"), day, None if value is None else value * 100, PERCENT,
        why=_("The assigned tier requires no certificate."), url=url,
    )  # fmt: skip


def tasks(inputs: Inputs, day: date) -> Explanation:
    """In percent; "–" where nothing is required."""
    done = [task for task in inputs.tasks if task.done(day)]
    formula = Formula()
    url = inputs.link("tasks")
    top = formula.put(_("done"), len(done), url=url)
    formula.text = f"{top} ÷ {formula.put(_('required'), len(inputs.tasks), url=url)} × 100"
    for task in inputs.tasks:
        if not task.done(day):
            formula.note(_("still to do"), task.name)
    value = ratio(len(done), len(inputs.tasks))
    return formula.told(
        _("Required tasks"), day, None if value is None else value * 100, PERCENT,
        why=_("No task is required."), url=url,
    )  # fmt: skip
