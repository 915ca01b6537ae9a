"""The template tags of UI parts: what they show is escaped, named for screen readers, and keeps the address."""

import re
from datetime import UTC, datetime

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

NASTY = "<script>alert(1)</script>&\"'"


def render(source, address="/partners/", **values):
    request = RequestFactory().get(address)
    return Template("{% load ui %}" + source).render(Context({"request": request, "csrf_token": "token-1", **values}))


@pytest.mark.parametrize(
    "source",
    [
        '{% rag "green" word=nasty reason=nasty %}{% rag "red" compact=True word=nasty %}{% rag None reason=nasty %}',
        '{% score 61 "amber" reason=nasty %}{% score None reason=nasty %}{% avatar nasty %}{% progress 1 2 nasty nasty %}',
        '{% icon "home" nasty %}{% banner nasty "error" dismiss=True %}{% busy nasty %}',
        "{% page_header title=nasty lead=nasty crumbs=pairs %}{{ nasty }}{% endpage_header %}{% tabs items nasty %}",
        "{% panel title=nasty %}{{ nasty }}{% endpanel %}{% stat nasty nasty nasty url=nasty %}",
        "{% empty title=nasty text=nasty %}{{ nasty }}{% endempty %}{% error title=nasty text=nasty %}{{ nasty }}{% enderror %}",
        "{% stepper items nasty %}{% result title=nasty %}{{ nasty }}{% endresult %}{% facts pairs %}{% timeline items %}",
        '{% confirm id="x" title=nasty action=nasty button=nasty %}{{ nasty }}{% endconfirm %}',
        "{% data_table label=nasty %}<tr>{% check_row nasty nasty %}</tr>{% enddata_table %}",
        "{% sort_th nasty nasty %}{% bulk_bar action=nasty %}{{ nasty }}{% endbulk_bar %}",
    ],
)
def test_what_people_typed_is_never_markup(source):
    item = {
        "label": NASTY,
        "url": NASTY,
        "state": "done",
        "note": NASTY,
        "count": NASTY,
        "current": True,
        "icon": "home",
    }
    item |= {"text": NASTY, "when": datetime(2026, 11, 21, tzinfo=UTC), "who": NASTY, "detail": NASTY}
    html = render(source, nasty=NASTY, pairs=[(NASTY, NASTY)], items=[item])
    assert "<script" not in html
    assert "&lt;script&gt;" in html or "%3Cscript" in html
    assert 'alert(1)"' not in html.replace("&quot;", "")


def test_address_of_the_reader_is_never_markup():
    page = Paginator(range(100), 10).page(2)
    html = render("{% sort_th 'Name' 'name' %}{% pager page %}", f'/?q="><script>{NASTY}', page=page)
    assert "<script" not in html


@pytest.mark.parametrize(("value", "word"), [("green", "On track"), ("amber", "Watch"), ("red", "At risk")])
def test_status_is_a_word_even_where_only_its_shape_is_seen(value, word):
    assert word in re.sub(r"<[^>]+>", "", render("{% rag value %}", value=value))
    assert word in re.sub(r"<[^>]+>", "", render("{% rag value compact=True %}", value=value))
    assert len({render("{% rag v compact=True %}", v=v)[-60:] for v in ("green", "amber", "red")}) == 3


def test_what_cannot_be_said_is_a_dash_with_its_reason():
    for source in ("{% rag None reason=why %}", "{% score None reason=why %}"):
        html = render(source, why="Nothing answered yet")
        assert "–" in html
        assert "Nothing answered yet</span>" in html
        assert ">0" not in html


def test_sorting_turns_round_keeps_the_filter_and_starts_at_the_first_page():
    source = "{% sort_th 'Name' 'name' default='name' %}"
    by_default = render(source, "/?region=west&page=3")
    assert 'href="?region=west&amp;sort=-name"' in by_default
    assert 'aria-sort="ascending"' in by_default
    backwards = render(source, "/?sort=-name")
    assert 'href="?sort=name"' in backwards
    assert 'aria-sort="descending"' in backwards
    assert "aria-sort" not in render(source, "/?sort=tier")


def test_pager_keeps_filter_and_order():
    html = render("{% pager page %}", "/?region=west&sort=-name&page=2", page=Paginator(range(400), 50).page(2))
    assert "51–100 of 400" in html
    assert 'href="?region=west&amp;sort=-name&amp;page=3"' in html
    assert html.count('aria-current="page"') == 1
    assert "<ul" not in render("{% pager page %}", page=Paginator(range(12), 50).page(1))


def test_values_for_machines_are_not_written_in_the_reader_s_way():
    """A thousands separator in a checkbox or a decimal comma in a bar would be another value."""
    with translation.override("de"):
        assert 'value="12345"' in render("{% check_row 12345 'Northwind' %}")
        assert 'value="0.5" max="1.5"' in render("{% progress 0.5 1.5 'Answered' %}")


def test_bulk_bar_sends_token_and_the_filter_for_all_that_match():
    html = render('{% bulk_bar action="/x/" total=1400 %}<button>Go</button>{% endbulk_bar %}', "/?region=west")
    assert 'name="csrfmiddlewaretoken" value="token-1"' in html
    assert 'name="query" value="region=west"' in html
    assert "All 1,400 that match" in html


class PartnerForm(forms.Form):
    name = forms.CharField(help_text="As on the contract.")
    kind = forms.ChoiceField(
        choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect, help_text="Decides the targets."
    )
    active = forms.BooleanField(required=False)
    secret = forms.CharField(widget=forms.HiddenInput)


def test_a_field_is_joined_to_its_label_help_and_error():
    html = render("{% fields form %}", form=PartnerForm({"kind": "c"}))
    assert '<label for="id_name">' in html
    name = re.search(r'<input type="text" name="name"[^>]*>', html).group()
    assert 'aria-invalid="true"' in name
    for part in re.search(r'aria-describedby="([^"]+)"', name).group(1).split():
        assert html.count(f'id="{part}"') == 1
    group = re.search(r"<fieldset[^>]*>", html).group()
    for part in re.search(r'aria-describedby="([^"]+)"', group).group(1).split():
        assert html.count(f'id="{part}"') == 1
    assert re.search(r'<label class="choice" for="id_active">\s*<input type="checkbox"', html)


def test_the_summary_of_errors_links_each_to_its_field_and_tells_hidden_ones():
    html = render("{% form_errors form %}", form=PartnerForm({"kind": "c"}))
    assert "3 things need your attention" in html
    assert 'href="#id_name"' in html
    assert "Secret: This field is required." in html
    fine = PartnerForm({"name": "Northwind", "kind": "a", "secret": "x"})
    assert not render("{% form_errors form %}", form=fine).strip()


def test_saved_says_the_time_to_the_second():
    moment = datetime(2026, 11, 21, 10, 42, 7, tzinfo=UTC)
    assert "Saved 10:42:07" in render("{% saved_at moment %}", moment=moment)
    assert "Not saved" in render('{% saved_at moment state="failed" %}', moment=moment)
