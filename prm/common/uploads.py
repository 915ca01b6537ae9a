"""Files that people upload as evidence: taken by what they hold, never by what they are called; given out as downloads only.

Each kind is opened by the library that reads it. What can act (macros, scripts, programs), holds other files, or unpacks to more
than its size promises is refused, with words for the person who tried.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from django.core.exceptions import ValidationError
from django.http import FileResponse
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError
from pypdf import PdfReader
from pypdf.errors import DependencyError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile
    from django.db.models.fields.files import FieldFile

MEGABYTE = 1024 * 1024
MOST_BYTES = 20 * MEGABYTE
LONGEST_NAME = 120
MOST_PIXELS = 60_000_000  # a photograph has 12 to 50 million
MOST_ENTRIES = 3_000
MOST_UNPACKED = 100 * MEGABYTE
MOST_RATIO = 150  # XML packs 10 to 30 times, a bomb a thousand times
SMALL_ENTRY = MEGABYTE  # what stays below this is no bomb, however well it packs
MOST_OBJECTS = 50_000  # of a PDF
CHUNK = 64 * 1024

# What no document begins with, wherever it is found: programs, archives, and what a browser runs.
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xfe\xed\xfa", b"#!")
_ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"Rar!",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"\xd0\xcf\x11\xe0",
)
_ACTIVE = frozenset(["/JavaScript", "/JS", "/Launch", "/RichMedia", "/XFA"])
_MARKUP = re.compile(r"<\s*(!doctype|html|svg|script|\?xml|head|body|iframe|object|embed|math|!--)", re.IGNORECASE)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Refused(ValidationError):
    """The file isn't taken; the message says why, and what to do."""


@dataclass(frozen=True)
class Kind:
    """A kind of file: what people call it, how it is sent out, and the ending its name gets."""

    label: str
    ending: str
    content_type: str
    check: Callable[[BinaryIO], None]


@dataclass(frozen=True)
class Checked:
    """A file that may be kept. `name`: the uploader's, made harmless; `digest`: SHA-256 in hex."""

    name: str
    content_type: str
    size: int
    digest: str


def check(upload: UploadedFile[Any], *, most: int = MOST_BYTES) -> Checked:
    """Looks into an upload of at most `most` bytes. Refused otherwise; the file is left at its beginning."""
    size = upload.size or 0
    name = clean_name(upload.name or "")
    if size > most:
        raise Refused(
            _("%(name)s has %(size)s MB; %(most)s MB is the most. Send a smaller scan, or the pages that count.")
            % {"name": name, "size": -(-size // MEGABYTE), "most": most // MEGABYTE}
        )
    if size == 0:
        raise Refused(_("%(name)s is empty.") % {"name": name})
    kind = KINDS.get(PurePath(name).suffix.lower())
    if kind is None:
        raise Refused(
            _("%(name)s can’t be taken. Send one of these: %(kinds)s.") % {"name": name, "kinds": ", ".join(labels())}
        )
    assert upload.file is not None
    file = cast("BinaryIO", upload.file)
    try:
        _refuse_programs(file)
        kind.check(file)
    except _Wrong as wrong:
        raise Refused(
            _("%(name)s isn’t taken: %(why)s") % {"name": name, "why": wrong.words or _not_a(kind)}
        ) from wrong
    finally:
        file.seek(0)
    stem = PurePath(name).stem[: LONGEST_NAME - len(kind.ending)]
    return Checked(stem + kind.ending, kind.content_type, size, _digest(file))


def labels() -> list[str]:
    """The kinds that are taken, for a hint beside the field."""
    return list(dict.fromkeys(kind.label for kind in KINDS.values()))


def accept() -> str:
    """For the `accept` attribute of a file field."""
    return ",".join(KINDS)


def random_name(folder: str, ending: str) -> str:
    """Where a file is kept: nothing of its name, so that none can be guessed."""
    return f"{folder}/{secrets.token_hex(16)}{ending}"


def download(file: FieldFile, *, name: str, content_type: str) -> FileResponse:
    """The file as a download: never shown in the page, whatever it holds. The caller has checked that the reader may have it."""
    response = FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    # In place of the pages' policy: nothing in this file may do anything, should a browser open it all the same.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def clean_name(name: str) -> str:
    """The last part of a name, without what can't be seen or misleads (a right-to-left mark turns "exe.pdf" round)."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    seen = "".join(letter for letter in last if unicodedata.category(letter) not in _INVISIBLE)
    tidy = " ".join(re.sub(r'[<>:"|?*]', " ", seen).split()).strip(". ")
    if len(tidy) > LONGEST_NAME:
        path = PurePath(tidy)
        tidy = path.stem[: LONGEST_NAME - len(path.suffix)] + path.suffix[:LONGEST_NAME]
    return tidy or _("The file")


# ── What each kind must be ───────────────────────────────────────────────────────────────────────────────────────────


class _Wrong(Exception):
    """`words`: why; "" for: it isn't of this kind at all."""

    def __init__(self, words: str = "") -> None:
        super().__init__(words)
        self.words = words


def _not_a(kind: Kind) -> str:
    return _("by its content it is no %(kind)s, whatever it is called.") % {"kind": kind.label}


def _refuse_programs(file: BinaryIO) -> None:
    file.seek(0)
    head = file.read(16)
    if head.startswith(_PROGRAMS):
        raise _Wrong(_("it is a program, whatever it is called."))


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _pdf(file: BinaryIO) -> None:
    file.seek(0)
    if not file.read(5) == b"%PDF-":
        raise _Wrong
    try:
        reader = PdfReader(file)
        if reader.is_encrypted:
            raise _Wrong(_locked())
        if not len(reader.pages):
            raise _Wrong
        if _acts(reader.trailer):
            raise _Wrong(_("it holds a script or another file. Print it to a PDF and send that."))
    except _Wrong:
        raise
    except DependencyError as error:  # AES with 256 bits: the reader can't even look at what is encrypted so
        raise _Wrong(_locked()) from error
    except Exception as error:  # a broken file breaks the reader in more ways than it names
        raise _Wrong from error


def _locked() -> str:
    return _("it is locked with a password. Save it without one.")


def _acts(trailer: DictionaryObject) -> bool:
    """Whether anything reachable in a PDF can act or carries a file. Its streams (text, pictures) aren't unpacked."""
    seen: set[tuple[int, int]] = set()
    waiting: list[object] = [trailer]
    while waiting:
        found = waiting.pop()
        if isinstance(found, IndirectObject):
            place = (found.idnum, found.generation)
            if place in seen:
                continue
            seen.add(place)
            if len(seen) > MOST_OBJECTS:
                raise _Wrong(_("it has too many parts. Print it to a PDF and send that."))
            found = found.get_object()
        if isinstance(found, DictionaryObject):
            kinds = {str(found[key]) for key in ("/S", "/Type", "/Subtype") if key in found}
            if _ACTIVE & (set(found) | kinds):
                return True
            # An electronic invoice (ZUGFeRD, Factur-X) carries its figures as XML; nothing else has a reason to be inside.
            names = [str(found[key]) for key in ("/UF", "/F") if key in found]
            if "/EF" in found and not (names and all(name.lower().endswith(".xml") for name in names)):
                return True
            waiting += [found.raw_get(key) for key in found]
        elif isinstance(found, ArrayObject):
            waiting += list(found)
    return False


def _picture(format: str) -> Callable[[BinaryIO], None]:
    def look(file: BinaryIO) -> None:
        file.seek(0)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                with Image.open(file, formats=[format]) as image:
                    if image.width * image.height > MOST_PIXELS:
                        raise Image.DecompressionBombError
                    image.load()
        except Image.DecompressionBombError as error:
            raise _Wrong(_("it has too many pixels. Send a smaller picture.")) from error
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
            raise _Wrong from error

    return look


def _office(main: str) -> Callable[[BinaryIO], None]:
    """A package of XML (ECMA-376) whose main part is `main`."""

    def look(file: BinaryIO) -> None:
        file.seek(0)
        if file.read(4) != b"PK\x03\x04":
            raise _Wrong
        try:
            with zipfile.ZipFile(file) as package:
                _unpacks(package.infolist())
                names = {entry.filename for entry in package.infolist()}
                if not {"[Content_Types].xml", main} <= names:
                    raise _Wrong
                for entry in package.infolist():
                    _look_into(package, entry)
        except (
            zipfile.BadZipFile,
            OSError,
            ValueError,
            EOFError,
            RuntimeError,
            NotImplementedError,
            zlib.error,
        ) as error:
            raise _Wrong from error

    return look


def _unpacks(entries: list[zipfile.ZipInfo]) -> None:
    """By what the package says of itself, before anything of it is unpacked."""
    too_large = _Wrong(_("it unpacks to far more than its size: that is refused as a danger."))
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise too_large
    for entry in entries:
        if entry.flag_bits & 1:
            raise _Wrong(_locked())
        if entry.file_size > SMALL_ENTRY and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise too_large


def _look_into(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    name = entry.filename.lower()
    if name.endswith(("vbaproject.bin", "vbadata.xml")) or "/activex/" in name or "macrosheets/" in name:
        raise _Wrong(_("it holds a macro. Save it without macros, or as PDF."))
    holds = _Wrong(_("it holds another file inside. Save it as PDF and send that."))
    if name.endswith(
        (".zip", ".exe", ".dll", ".js", ".vbs", ".bat", ".cmd", ".ps1", ".scr", ".jar", ".svg", ".html", ".htm")
    ):
        raise holds
    unpacked = 0
    with package.open(entry) as part:
        start = part.read(CHUNK)
        if start.startswith(_PROGRAMS) or start.startswith(_ARCHIVES):
            raise holds
        if b"macroEnabled" in start and name == "[content_types].xml":
            raise _Wrong(_("it holds a macro. Save it without macros, or as PDF."))
        if name.endswith((".xml", ".rels")) and (b"<!DOCTYPE" in start or b"<!ENTITY" in start):
            raise _Wrong
        unpacked += len(start)
        while chunk := part.read(CHUNK):
            unpacked += len(chunk)
            if unpacked > entry.file_size:
                raise _Wrong


def _text(file: BinaryIO) -> None:
    file.seek(0)
    content = file.read()
    try:
        text = content.decode("utf-16") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if any(unicodedata.category(letter) == "Cc" and letter not in "\t\n\r\f" for letter in set(text)):
        raise _Wrong
    if _MARKUP.search(text):
        raise _Wrong(_("it holds a web page or a drawing. Save it as PDF and send that."))


_PDF = Kind("PDF", ".pdf", "application/pdf", _pdf)
_JPEG = Kind("JPEG", ".jpg", "image/jpeg", _picture("JPEG"))
_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS = {
    ".pdf": _PDF,
    ".png": Kind("PNG", ".png", "image/png", _picture("PNG")),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".xlsx": Kind("XLSX", ".xlsx", f"{_OFFICE}.spreadsheetml.sheet", _office("xl/workbook.xml")),
    ".docx": Kind("DOCX", ".docx", f"{_OFFICE}.wordprocessingml.document", _office("word/document.xml")),
    ".pptx": Kind("PPTX", ".pptx", f"{_OFFICE}.presentationml.presentation", _office("ppt/presentation.xml")),
    ".csv": Kind("CSV", ".csv", "text/csv", _text),
    ".txt": Kind("TXT", ".txt", "text/plain", _text),
}
