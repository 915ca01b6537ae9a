"""What the package of a PowerPoint file may hold: looked at part by part before any library opens it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree as SafeTree
from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _

from prm.charts.svg import clean
from prm.common.uploads import MEGABYTE

MOST_ENTRIES = 4_000
MOST_UNPACKED = 300 * MEGABYTE
MOST_XML = 60 * MEGABYTE
MOST_TAGS = 2_000_000  # each takes a hundred bytes and more once it is read, however short it is
MOST_RATIO = 150  # XML packs 10 to 30 times
SMALL_ENTRY = MEGABYTE
MAIN = "ppt/presentation.xml"
_MACROS = re.compile(r"macroenabled|vba(project|data)|/activex|/ctrlprops/|macrosheets/", re.IGNORECASE)
_OBJECTS = re.compile(
    r"/(oleobject|control|activexcontrol\w*|activexcontrolbinary|attachedtemplate|externallink\w*)$", re.IGNORECASE
)
_DECLARED = tuple(
    text.encode(code) for text in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be")
)
_MARKUP = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!")
_TEMPLATE = b"presentationml.template.main+xml"
_PRESENTATION = b"presentationml.presentation.main+xml"
OLD_OFFICE = b"\xd0\xcf\x11\xe0"


class BadTemplate(ValueError):
    """The file can't be used; the message says why, for the person who gave it."""


def look_into(package: zipfile.ZipFile) -> None:
    """Raises BadTemplate for what is no presentation, could act, or is made to do harm."""
    entries = package.infolist()
    danger = BadTemplate(_("The file unpacks to far more than its size: that is refused as a danger."))
    too_much = BadTemplate(_("The file holds far more XML than a template needs: that is refused as a danger."))
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise danger
    if sum(entry.file_size for entry in entries if entry.filename.lower().endswith((".xml", ".rels"))) > MOST_XML:
        raise too_much
    names = {entry.filename for entry in entries}
    if not {"[Content_Types].xml", MAIN} <= names:
        raise BadTemplate(_("This isn’t a PowerPoint file (.pptx or .potx), whatever it is called."))
    if len(names) < len(entries):
        raise BadTemplate(_("The file is damaged: PowerPoint itself would have to repair it."))
    tags = 0
    for entry in entries:
        if entry.flag_bits & 1:
            raise BadTemplate(_("The file is locked with a password. Save it without one."))
        if entry.file_size > SMALL_ENTRY and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise danger
        if _MACROS.search("/" + entry.filename):
            raise _macros()
        tags += _look_at(package, entry, danger)
        if tags > MOST_TAGS:
            raise too_much


def _macros() -> BadTemplate:
    return BadTemplate(_("The file holds macros. Save it as .pptx or .potx, which can’t hold any."))


def _look_at(package: zipfile.ZipFile, entry: zipfile.ZipInfo, danger: BadTemplate) -> int:
    """By what each part holds; read no further than it said it goes. Gives how many tags are in it."""
    name = entry.filename.lower()
    try:
        with package.open(entry) as part:
            content = part.read(16)
            # What a part is read as goes by its type, not its name.
            head = content.lstrip()
            markup = name.endswith((".xml", ".rels", ".svg")) or not head or head.startswith(_MARKUP)
            if markup:
                content += part.read(max(entry.file_size - len(content), 0) + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BadTemplate(_("The file is damaged: PowerPoint itself would have to repair it.")) from error
    if len(content) > entry.file_size:
        raise danger
    if content.startswith(_PROGRAMS):
        raise BadTemplate(_("The file holds a program."))
    if content.startswith(OLD_OFFICE):
        raise _objects()
    if not markup:
        return 0
    if any(sign in content for sign in _DECLARED):
        raise BadTemplate(_("The file holds XML that PowerPoint never writes: that is refused as a danger."))
    if name.endswith(".svg") and re.search(rb"<\s*script|\son\w+\s*=|javascript:", content, re.IGNORECASE):
        raise BadTemplate(_("A drawing in the file holds a script."))
    if name == "[content_types].xml" and _MACROS.search(content.decode("utf-8", "replace")):
        raise _macros()
    if name.endswith(".rels"):
        _look_at_links(content, kept="/slidelayouts/" in name or "/slidemasters/" in name)
    return content.count(b"<")


def _objects() -> BadTemplate:
    return BadTemplate(_("The file holds another file or a program’s object (OLE). Put a picture in its place."))


def _look_at_links(content: bytes, *, kept: bool) -> None:
    """`kept`: the links of a part that gets into decks; the workbook behind a chart on a slide of its own does not."""
    try:
        root = SafeTree.fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise BadTemplate(_("The file is damaged: PowerPoint itself would have to repair it.")) from error
    for link in root:
        kind, target = link.get("Type", ""), link.get("Target", "")
        if _OBJECTS.search(kind) or (kept and kind.endswith("/package")):
            raise _objects()
        if link.get("TargetMode", "").lower() != "external":
            continue
        # An address people may follow is no danger; what a program fetches by itself when the file is opened is.
        if not kind.endswith("/hyperlink") or not re.match(r"(https?|mailto):", target, re.IGNORECASE):
            raise BadTemplate(
                _(
                    "The file fetches something from elsewhere when it is opened (%(what)s). Put it into the file itself."
                )
                % {"what": clean(target)[:120]}
            )


def as_presentation(package: zipfile.ZipFile) -> bytes:
    """A template (.potx) differs by one word only."""
    types = package.read("[Content_Types].xml")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as written:
        for entry in package.infolist():
            if entry.is_dir():
                continue
            same = entry.filename == "[Content_Types].xml"
            written.writestr(entry.filename, types.replace(_TEMPLATE, _PRESENTATION) if same else package.read(entry))
    return out.getvalue()
