"""What the developers' page of UI components shows: every part, in every state, on made-up content."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.utils import timezone


class DemoForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Partner name", help_text="As on the contract.", max_length=80)
    email = forms.EmailField(label="E-mail")
    region = forms.ChoiceField(label="Region", choices=[("", "Choose one"), ("west", "West"), ("east", "East")])
    signed = forms.DateField(label="Contract signed", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(
        label="Partner type",
        choices=[("reseller", "Reseller"), ("msp", "Managed service provider")],
        widget=forms.RadioSelect,
        help_text="Decides which questions and targets apply.",
    )
    verticals = forms.MultipleChoiceField(
        label="Verticals",
        required=False,
        choices=[("retail", "Retail"), ("health", "Health care"), ("public", "Public sector")],
        widget=forms.CheckboxSelectMultiple,
    )
    active = forms.BooleanField(label="Transacts", required=False, help_text="Sells, rather than only referring.")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    file = forms.FileField(label="Logo", required=False, help_text="PNG or SVG, at most 1 MB.")


class DemoFilter(forms.Form):
    """A filter bar as lists have it."""

    q = forms.CharField(label="Name", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    region = forms.ChoiceField(
        label="Region", required=False, choices=[("", "All"), ("west", "West"), ("east", "East")]
    )
    tier = forms.ChoiceField(
        label="Tier", required=False, choices=[("", "All"), ("gold", "Gold"), ("silver", "Silver")]
    )
    stage = forms.ChoiceField(label="Stage", required=False, choices=[("", "All"), ("mature", "Mature")])


PARTNERS = [
    ("Northwind Systems", "Gold", "Accelerate", "West", "Dana Whitfield", 61, "amber", 1_204_500),
    ("Fabrikam", "Platinum", "Mature", "East", "Dana Whitfield", 84, "green", 3_870_250),
    ("Contoso Managed Services and Consulting", "Silver", "Activate", "West", "Luis Ortega", 32, "red", 96_400),
    ("Tailspin", "Silver", "Onboard", "North", "Luis Ortega", None, None, None),
    ("Adatum", "Gold", "Accelerate", "South", "Priya Raman", 77, "amber", 742_000),
]


def icon_names() -> list[str]:
    """The signs there are, in the order of the file."""
    return re.findall(r'<symbol id="([\w-]+)"', Path(str(finders.find("img/icons.svg"))).read_text())


def context() -> dict[str, Any]:
    """The context of components.html."""
    now = timezone.now()
    names = ("name", "tier", "stage", "region", "cam", "score", "rag", "revenue")
    wrong = DemoForm(
        {"name": "Northwind Systems", "email": "ana@northwind", "region": "", "kind": ""}, auto_id="wrong_%s"
    )
    return {
        "partners": [{"pk": pk, **dict(zip(names, row, strict=True))} for pk, row in enumerate(PARTNERS, 1001)],
        "form": DemoForm(initial={"name": "Northwind Systems", "kind": "reseller", "active": True}),
        "wrong": wrong,
        "filter": DemoFilter({"region": "west", "tier": "gold"}, auto_id="filter_%s"),
        "chips": [
            {"label": "Region", "value": "West", "url": "?tier=gold"},
            {"label": "Tier", "value": "Gold", "url": "?region=west"},
        ],
        "page": Paginator(range(400), 50).page(3),
        "only_page": Paginator(range(12), 50).page(1),
        "crumbs": [("Partners", "#"), ("West", "#")],
        "tabs": [
            {"label": "Overview", "url": "#", "current": True},
            {"label": "Performance", "url": "#"},
            {"label": "Capabilities", "url": "#"},
            {"label": "Plan", "url": "#"},
            {"label": "Accounts & deals", "url": "#", "count": 7},
            {"label": "Actions", "url": "#", "count": 0},
            {"label": "People", "url": "#"},
        ],
        "steps": [
            {"label": "Upload", "state": "done", "url": "#"},
            {"label": "Match columns", "state": "done", "url": "#"},
            {"label": "Check", "state": "current", "url": "#"},
            {"label": "Import", "state": "ahead"},
        ],
        "topics": [
            {"label": "Philosophy", "state": "done", "url": "#", "note": 80},
            {"label": "Verticals", "state": "done", "url": "#", "note": 55},
            {"label": "Technical sales", "state": "current", "url": "#"},
            {"label": "Deployment", "state": "ahead", "url": "#"},
        ],
        "facts": [("Tier", "Gold"), ("Stage", "Accelerate"), ("CAM", "Dana Whitfield"), ("Parent", None)],
        "entries": [
            {
                "text": "Capabilities scorecard submitted",
                "when": now - timedelta(minutes=12),
                "who": "Ana Torres",
                "icon": "scorecard",
                "url": "#",
            },
            {
                "text": "Stage changed",
                "when": now - timedelta(days=3),
                "who": "Dana Whitfield",
                "detail": "Activate → Accelerate: four consecutive quarters with won revenue.",
            },
            {"text": "Call", "when": now - timedelta(days=41), "who": "Dana Whitfield", "icon": "phone"},
        ],
        "now": now,
        "soon": now + timedelta(days=6),
        "icons": icon_names(),
    }
