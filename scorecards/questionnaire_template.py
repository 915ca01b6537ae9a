"""The file to begin with: a small questionnaire that shows every type of question, to write over in a spreadsheet."""

from decimal import Decimal

from django.utils.translation import gettext as _

from scorecards.definition import Category, Kind, Option, Question, Questionnaire, QuestionType, Topic, option_key


def example(stage: str) -> Questionnaire:
    """In the reader's language; one question is asked at the life stage `stage` (a key) only, where there is one."""

    def options(*pairs: tuple[str, int]) -> tuple[Option, ...]:
        return tuple(Option(option_key(label, ()), label, Decimal(score)) for label, score in pairs)

    people = (
        Question(
            "certified", QuestionType.GRADUATED, _("How many people are certified?"),
            options((_("None"), 0), (_("One"), 25), (_("Two"), 50), (_("Three or four"), 75), (_("Five or more"), 100)),
            required=True, help=_("Count valid certificates only."), best_practice=_("Five, one of them in presales."),
            action=_("Book the next certification course for two people."),
        ),
        Question(
            "roles", QuestionType.MULTI, _("Which roles do they cover?"),
            options((_("Sales"), 40), (_("Presales"), 30), (_("Delivery"), 30), (_("None of these"), 0)),
            allow_na=True, life_stages=frozenset({stage} if stage else ()),
        ),
    )  # fmt: skip
    profile = (
        Question("segment", QuestionType.CHOOSE_ONE, _("Which customers do they serve?"), options((_("Small"), 0), (_("Large"), 0))),
        Question("verticals", QuestionType.CHOOSE_ANY, _("Which verticals?"), options((_("Retail"), 0), (_("Health"), 0))),
        Question("staff", QuestionType.NUMBER, _("How many people work there?")),
        Question("plans", QuestionType.TEXT, _("What do they plan for next year?")),
    )  # fmt: skip
    trust = Question(
        "commitment", QuestionType.GRADUATED, _("How committed is their management?"),
        options((_("Not at all"), 0), (_("Somewhat"), 50), (_("Fully"), 100)),
    )  # fmt: skip
    return Questionnaire(
        _("Our questionnaire"),
        Kind.CAPABILITY,
        (
            Category(
                "skills", _("Skills"), (Topic("people", _("People"), people, Decimal(2), Decimal(80)),), Decimal(2)
            ),
            Category("profile", _("Profile"), (Topic("company", _("Company"), profile),)),
            Category("ours", _("Our view"), (Topic("trust", _("Trust"), (trust,)),), internal=True),
        ),
    )
