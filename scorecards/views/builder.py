"""The builder: a draft's categories, topics and questions beside the form of the one chosen. Every change is kept at once.

Two people may work on one draft: a form carries the fingerprint of the thing it shows, and is refused (with what was
typed) where that thing is another by now; all else that changed meanwhile is left as it is.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from scorecards import builder_forms, catalogue, drafts, editing
from scorecards.definition import InvalidQuestionnaire, Question
from scorecards.definition import Questionnaire as Content
from scorecards.editing import Gone, LastOne, Level, Node
from scorecards.models import Questionnaire
from scorecards.outline import outline
from scorecards.views.questionnaires import crumbs, find

Change = Callable[[Content], Content]


def find_draft(request: HttpRequest, pk: int) -> tuple[Questionnaire, Content]:
    found = find(request, pk)
    draft = catalogue.draft_of(found)
    if draft is None:
        raise Http404
    return found, draft.content


def _level(name: str) -> Level:
    if name not in set(Level):
        raise Http404
    return Level(name)


# ── Editing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.EDIT_QUESTIONNAIRES)
def builder(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft as a whole: its name, and how many questions are asked of whom."""
    found, content = find_draft(request, pk)
    form = builder_forms.NameForm(content, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _page(request, found, content, form)

    def change(now: Content) -> Content:
        _unchanged(request, now)
        made: Content = form.made(now)
        return made

    return _saved(request, found, content, form, change, "") or redirect("questionnaires:builder", pk)


@vendor(P.EDIT_QUESTIONNAIRES)
def thing(request: HttpRequest, pk: int, level: str, key: str) -> HttpResponse:
    """One category, topic or question: its form, and what else can be done with it."""
    found, content = find_draft(request, pk)
    at = _level(level)
    data = request.POST if request.method == "POST" else None
    try:
        node = editing.find(content, at, key)
    except Gone as gone:
        if data is None:
            raise Http404 from gone
        return _gone(request, found, content, at)
    form = _form(found, content, at, node, data)
    if data is None:
        return _page(request, found, content, form, at, node)

    def change(now: Content) -> Content:
        there = editing.find(now, at, key)
        _unchanged(request, there)
        return editing.put(now, at, key, form.made(there))

    refused = _saved(request, found, content, form, change, editing.path_of(content, at, key), at, node)
    if refused is not None:
        return refused
    if isinstance(node, Question) and node.options and not form.made(node).options:
        messages.info(request, _("A number or a text has no options; those that were there are gone."))
    address = reverse("questionnaires:thing", args=[pk, at, form.made_key()])
    return redirect(f"{address}#options" if getattr(form, "moves", False) else address)


@vendor(P.EDIT_QUESTIONNAIRES)
def add(request: HttpRequest, pk: int, level: str) -> HttpResponse:
    """A new category, or a topic or question in the one that the address names (`?in=key`), as its last."""
    found, content = find_draft(request, pk)
    at, to = _level(level), request.GET.get("in", "")
    holder = next((each for each in editing.holders(content, at) if editing.key_of(each) == to), None)
    if holder is None:
        raise Http404
    form = _form(found, content, at, None, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _page(request, found, content, form, at, to=to)
    above = editing.path_of(content, editing.level_of(holder), to) + "." if not isinstance(holder, Content) else ""
    held = {Level.CATEGORY: "categories", Level.TOPIC: "topics", Level.QUESTION: "questions"}[at]
    path = f"{above}{held}[{len(editing.children(holder))}]"
    refused = _saved(
        request, found, content, form, lambda now: editing.add(now, at, to, form.made(None)), path, at, to=to
    )
    return refused or redirect("questionnaires:thing", pk, at, form.made_key())


def _form(found: Questionnaire, content: Content, at: Level, node: Node | None, data: QueryDict | None) -> Any:
    taken = {level: set(editing.keys(content, level)) for level in Level}
    fixed = False
    if node is not None:
        taken[at].discard(node.key)
        fixed = node.key in catalogue.fixed_keys(found)[at]
    more = {"known": catalogue.conditions()} if at is Level.QUESTION else {}
    kinds = builder_forms.FORMS if node is not None else builder_forms.NEW_FORMS
    return kinds[at](node, data, taken=taken, fixed=fixed, **more)


def _unchanged(request: HttpRequest, now: Content | Node) -> None:
    """Raises Stale where the thing is no longer the one that the form was made of."""
    if request.POST.get("seen", "") != editing.fingerprint(now, whole=False):
        raise drafts.Stale


def _saved(
    request: HttpRequest, found: Questionnaire, content: Content, form: Any, change: Change, path: str,
    at: Level | None = None, node: Node | None = None, to: str = "",
) -> HttpResponse | None:  # fmt: skip
    """Keeps the change; what was refused is the page once more, with the form as it was typed."""
    if form.is_valid():
        try:
            drafts.change_draft(by=request.user, questionnaire=found, change=change)
        except InvalidQuestionnaire as error:
            form.refuse(error.problems, path)
        except drafts.Stale:
            form.add_error(
                None, _("Somebody else changed this meanwhile. What you typed is not saved; save again to keep yours.")
            )
            form.differ(node or content)
        except (Gone, drafts.NothingToPublish):
            return _gone(request, found, content, at)
        else:
            messages.success(request, _("Saved."))
            return None
    return _page(request, found, content, form, at, node, to=to, status=422)


def _gone(request: HttpRequest, found: Questionnaire, content: Content, at: Level | None) -> HttpResponse:
    """What was typed for something that is no longer there, so that it can be taken elsewhere."""
    form: Any = builder_forms.NameForm(content, request.POST)
    if at is Level.QUESTION:
        form = builder_forms.QuestionForm(None, request.POST, known=catalogue.conditions())
    elif at is not None:
        form = builder_forms.FORMS[at](None, request.POST)
    form.is_valid()
    form.add_error(None, _("Somebody deleted this meanwhile. What you typed is below: add it anew where it belongs."))
    return _page(request, found, content, form, at, gone=True, status=422)


def _page(
    request: HttpRequest, found: Questionnaire, content: Content, form: Any, at: Level | None = None,
    node: Node | None = None, to: str = "", status: int = 200, gone: bool = False,
) -> HttpResponse:  # fmt: skip
    draft = catalogue.draft_of(found)
    context = {
        "questionnaire": found,
        "draft": draft,
        "content": content,
        "lines": outline(content, at, node.key if node else ""),
        "form": form,
        "level": at,
        "node": node,
        "to": to,
        "place": next((each.name for each in editing.holders(content, at) if editing.key_of(each) == to), "")
        if at and to
        else "",
        "gone": gone,
        "new": at is not None and node is None,
        "name": editing.name_of(node) if node else "",
        "seen": editing.fingerprint(node or content, whole=False),
        "seen_whole": editing.fingerprint(node or content),
        "holder": editing.holder_key(content, at, node.key) if at and node else to,
        "places": _places(content, at, node) if at and node else [],
        "crumbs": crumbs(found),
        **(_overview(content) if at is None else {}),
    }
    return render(request, "scorecards/questionnaires/builder.html", context, status=status)


def _overview(content: Content) -> dict[str, Any]:
    known = catalogue.conditions()
    return {
        "known": known,
        "asked": catalogue.asked(content, known),
        "total": sum(1 for _question in content.questions()),
        "many": catalogue.MANY,
    }


def _places(content: Content, at: Level, node: Node) -> list[tuple[str, str]]:
    """Where else it may go, as (key, name)."""
    here = editing.holder_key(content, at, node.key)
    return [
        (holder.key, holder.name)
        for holder in editing.holders(content, at)
        if not isinstance(holder, Content) and holder.key != here
    ]


# ── Order, copies, ends ──────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.EDIT_QUESTIONNAIRES)
@require_POST
def move(request: HttpRequest, pk: int, level: str, key: str) -> HttpResponse:
    """`step`: up or down by one; else into `to`, before the one named by `before` or as its last."""
    step, to, before = (request.POST.get(name, "") for name in ("step", "to", "before"))

    def change(now: Content) -> Content:
        if step in ("up", "down"):
            return editing.step(now, _level(level), key, up=step == "up")
        return editing.move(now, _level(level), key, to, before)

    _done(request, find(request, pk), change)
    return _back(pk, level, key, request)


@vendor(P.EDIT_QUESTIONNAIRES)
@require_POST
def copy(request: HttpRequest, pk: int, level: str, key: str) -> HttpResponse:
    """A copy right after it, with keys of its own; opened to be changed."""
    made = key

    def change(now: Content) -> Content:
        nonlocal made
        new, made = editing.duplicate(now, _level(level), key, _("%s (copy)"))
        return new

    if _done(request, find(request, pk), change):
        messages.success(request, _("This is the copy."))
    return _back(pk, level, made, request)


@vendor(P.EDIT_QUESTIONNAIRES)
@require_POST
def delete(request: HttpRequest, pk: int, level: str, key: str) -> HttpResponse:
    """Deletes it with all it holds, unless somebody changed any of that since the page was shown."""
    found = find(request, pk)
    at, holder = _level(level), ""

    def change(now: Content) -> Content:
        nonlocal holder
        if request.POST.get("seen", "") != editing.fingerprint(editing.find(now, at, key)):
            raise drafts.Stale
        holder = editing.holder_key(now, at, key)
        return editing.remove(now, at, key)

    if not _done(request, found, change):
        return _back(pk, level, key, request)
    messages.success(request, _("Deleted from the draft."))
    if at is Level.CATEGORY:
        return redirect("questionnaires:builder", pk)
    return redirect("questionnaires:thing", pk, list(Level)[at.depth - 1], holder)


def _done(request: HttpRequest, found: Questionnaire, change: Change) -> bool:
    """Whether the change is kept; if not, the next page says why."""
    try:
        drafts.change_draft(by=request.user, questionnaire=found, change=change)
    except LastOne:
        messages.error(
            request, _("It is the only one there, and nothing may be left empty. Move or add another one first.")
        )
    except Gone:
        messages.error(request, _("Somebody deleted this, or where it was to go, meanwhile."))
    except drafts.Stale:
        messages.error(request, _("Somebody else changed this meanwhile. Look at it, and delete it then."))
    except drafts.NothingToPublish:
        messages.error(request, _("There is no draft any more: somebody published or discarded it."))
    except InvalidQuestionnaire as error:
        messages.error(request, " ".join(problem.message.translated(_) for problem in error.problems))
    else:
        return True
    return False


def _back(pk: int, level: str, key: str, request: HttpRequest) -> HttpResponse:
    """The page of the thing; where it is gone, that of the draft, and of the questionnaire where that is gone too."""
    draft = catalogue.draft_of(find(request, pk))
    if draft is None:
        return redirect("questionnaires:questionnaire", pk)
    if key in editing.keys(draft.content, _level(level)):
        return redirect("questionnaires:thing", pk, level, key)
    return redirect("questionnaires:builder", pk)
