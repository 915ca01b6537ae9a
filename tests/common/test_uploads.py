"""What is taken as a file, by what it holds, and how it goes out again."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
import xlsxwriter
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from PIL import Image

from prm.common import uploads
from tests.mdf.asking import a_pdf

TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 200


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(out, kind)
    return out.getvalue()


def workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write_row(0, 0, ["Came", 40])
    return out.getvalue()


def package(main: str = "word/document.xml", **more: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr(main, '<?xml version="1.0"?><w:document/>')
        for name, content in more.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def sent(name: str, content: bytes) -> uploads.Checked:
    return uploads.check(SimpleUploadedFile(name, content))


def refused(name: str, content: bytes) -> str:
    with pytest.raises(ValidationError) as error:
        sent(name, content)
    return str(error.value.messages[0])


@pytest.mark.parametrize(
    ('name', 'content', 'content_type'),
    [
        ("Invoice 7.PDF", a_pdf(), "application/pdf"),
        ("shot.png", picture("PNG"), "image/png"),
        ("photo.jpeg", picture("JPEG"), "image/jpeg"),
        ("list.xlsx", workbook(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("report.docx", package(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("deck.pptx", package("ppt/presentation.xml"), "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("leads.csv", "Name;Größe\nA & B;<5\n".encode(), "text/csv"),
        ("notes.txt", "Größe".encode("cp1252"), "text/plain"),
    ],
)  # fmt: skip
def test_real_files_are_taken(name, content, content_type):
    found = sent(name, content)
    assert (found.content_type, found.size) == (content_type, len(content))
    assert found.name.rpartition(".")[0] == name.rpartition(".")[0]


@pytest.mark.parametrize("name", ["invoice.pdf", "shot.png", "photo.jpg", "list.xlsx", "leads.csv", "notes.txt"])
@pytest.mark.parametrize("content", [PROGRAM, b"\x7fELF\x02\x01\x01" + b"\x00" * 90, b"#!/bin/sh\nrm -rf /\n"])
def test_a_disguised_program_is_refused_whatever_it_is_called(name, content):
    assert "it is a program" in refused(name, content)


@pytest.mark.parametrize(
    "name", ["run.exe", "page.html", "drawing.svg", "macro.xlsm", "all.zip", "invoice", ".pdf", "a.pdf.js"]
)
def test_other_kinds_are_refused_with_those_that_are_taken(name):
    assert "Send one of these: PDF, PNG, JPEG, XLSX, DOCX, PPTX, CSV, TXT" in refused(name, a_pdf())


@pytest.mark.parametrize("name", ["drawing.png", "drawing.pdf", "drawing.jpg", "drawing.docx"])
def test_a_drawing_with_a_script_is_no_picture(name):
    assert "by its content it is no" in refused(name, SVG)


@pytest.mark.parametrize(
    "content",
    [SVG, b"\xef\xbb\xbf  <!DOCTYPE html><p>", b"a;b\n<script>alert(1)</script>", SVG.decode().encode("utf-16")],
)
def test_a_page_called_a_text_is_refused(content):
    for name in ("leads.csv", "notes.txt"):
        assert "web page or a drawing" in refused(name, content)


@pytest.mark.parametrize("name", ["invoice.pdf", "shot.png", "photo.jpg", "list.xlsx", "deck.pptx"])
def test_what_is_only_called_so_is_refused(name):
    assert "by its content it is no" in refused(name, b"just some words")


def test_each_kind_is_taken_under_its_own_name_only():
    real = {
        "a.pdf": a_pdf(),
        "a.png": picture("PNG"),
        "a.jpg": picture("JPEG"),
        "a.xlsx": workbook(),
        "a.docx": package(),
    }
    for name in real:
        for other, content in real.items():
            if other == name:
                sent(name, content)
            else:
                assert "by its content it is no" in refused(name, content)


def test_a_text_with_other_bytes_is_none():
    assert "by its content it is no TXT" in refused("notes.txt", b"abc\x00def")


def test_more_than_twenty_megabytes_are_refused_without_a_look_inside():
    class Unread(io.BytesIO):
        def read(self, *args: int) -> bytes:
            raise AssertionError("it was read")

    upload = UploadedFile(Unread(), "video.pdf", size=50 * uploads.MEGABYTE)
    with pytest.raises(ValidationError, match="has 50 MB; 20 MB is the most"):
        uploads.check(upload)


def test_an_empty_file_is_refused():
    assert "is empty" in refused("invoice.pdf", b"")


# ── Bombs ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    bomb = package(word__media__big_dot_xml=b"\0" * (30 * uploads.MEGABYTE))
    assert len(bomb) < uploads.MEGABYTE
    assert "unpacks to far more" in refused("report.docx", bomb)


def test_a_zip_bomb_of_many_parts_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(uploads.MOST_ENTRIES + 1):
            archive.writestr(f"{number}.xml", "")
    assert "unpacks to far more" in refused("report.docx", out.getvalue())


def test_a_zip_that_lies_about_its_size_is_refused():
    content = bytearray(package(word__big_dot_xml=b"x" * 500_000))
    real, told = struct.pack("<I", 500_000), struct.pack("<I", 5)
    assert content.count(real) == 2  # in the part's own header and in the directory
    assert "by its content it is no DOCX" in refused("report.docx", bytes(content).replace(real, told))


def test_a_picture_of_too_many_pixels_is_refused_by_its_header():
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    )
    assert "too many pixels" in refused("shot.png", bomb)


# ── What acts or carries ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("more", [{"word__vbaProject_dot_bin": b"macro"}, {"word__activeX__one_dot_bin": b"x"}])
def test_macros_are_refused(more):
    assert "it holds a macro" in refused("report.docx", package(**more))


def test_a_document_that_says_it_has_macros_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", TYPES.replace("Types ", 'Types a="macroEnabled" '))
        archive.writestr("word/document.xml", "<a/>")
    assert "it holds a macro" in refused("report.docx", out.getvalue())


@pytest.mark.parametrize(
    "more",
    [
        {"word__embeddings__one_dot_bin": PROGRAM},
        {"word__embeddings__one_dot_xlsx": workbook()},
        {"word__media__one_dot_svg": SVG},
        {"word__one_dot_bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"},
    ],
)
def test_files_inside_of_files_are_refused(more):
    assert "it holds another file inside" in refused("report.docx", package(**more))


def test_xml_that_declares_entities_is_refused():
    content = package(word__more_dot_xml=b'<!DOCTYPE a [<!ENTITY b "bbbbbbb">]><a>&b;</a>')
    assert "by its content it is no DOCX" in refused("report.docx", content)


@pytest.mark.parametrize(
    "more",
    [
        b"/OpenAction << /S /JavaScript /JS (app.alert) >>",
        b"/Names << /EmbeddedFiles << /Names [(a) << /Type /Filespec /F (a.exe) /EF << >> >>] >> >>",
        b"/AA << /O << /S /Launch >> >>",
    ],
)
def test_a_pdf_that_acts_is_refused(more):
    content = a_pdf().replace(b"/Type /Catalog", b"/Type /Catalog " + more)
    assert "it holds a script or another file" in refused("invoice.pdf", content)


def test_an_electronic_invoice_with_its_figures_as_xml_is_taken():
    spec = b"/Names << /EmbeddedFiles << /Names [(a) << /Type /Filespec /F (factur-x.xml) /UF (factur-x.xml) /EF << >> >>] >> >>"
    assert (
        sent("invoice.pdf", a_pdf().replace(b"/Type /Catalog", b"/Type /Catalog " + spec)).content_type
        == "application/pdf"
    )


def test_a_broken_pdf_is_none():
    for content in (
        b"%PDF-1.7\n",
        b"%PDF-1.7\n" + b"\x00" * 999,
        a_pdf().replace(b"/Count 1", b"/Count 0").replace(b"[3 0 R]", b"[]"),
    ):
        assert "by its content it is no PDF" in refused("invoice.pdf", content)


# ── Names, and the way out ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\me\\Invoice.pdf", "Invoice.pdf"),
        ("fdp\u202egpj.pdf", "fdpgpj.pdf"),
        ("a\r\nb.pdf", "ab.pdf"),
        ('x"<y>.pdf', "x y .pdf"),
        ("", "The file"),
        ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
    ],
)
def test_names_are_made_harmless(name, kept):
    assert uploads.clean_name(name) == kept


def test_a_file_goes_out_as_a_download_that_can_do_nothing():
    storage = InMemoryStorage()
    name = storage.save(uploads.random_name("proofs", ".pdf"), ContentFile(a_pdf()))

    class Field:
        def open(self, mode: str) -> object:
            return storage.open(name, mode)

    answer = uploads.download(Field(), name="Größe.pdf", content_type="application/pdf")  # type: ignore[arg-type]
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Content-Type"] == "application/pdf"
    assert uploads.random_name("a", ".pdf") != uploads.random_name("a", ".pdf")


def test_a_pdf_locked_with_256_bits_is_refused_in_words():
    secret = b"/O <" + b"00" * 48 + b"> /U <" + b"00" * 48 + b"> /OE <" + b"00" * 32 + b"> /UE <" + b"00" * 32 + b">"
    crypt = b"/CF << /StdCF << /CFM /AESV3 /AuthEvent /DocOpen /Length 32 >> >> /StmF /StdCF /StrF /StdCF"
    how = b"/Filter /Standard /V 5 /R 6 /Length 256 /P -4 /Perms <" + b"00" * 16 + b"> " + secret + b" " + crypt
    locked = a_pdf().replace(b"/Root 1 0 R", b"/Root 1 0 R /ID [<00> <00>] /Encrypt << " + how + b" >>")
    assert "locked with a password" in refused("invoice.pdf", locked)


@pytest.mark.parametrize("error", [IndexError, AssertionError, NotImplementedError, OverflowError])
def test_a_pdf_that_breaks_its_reader_is_refused(monkeypatch, error):
    def broken(*_given):
        raise error

    monkeypatch.setattr(uploads, "PdfReader", broken)
    assert "by its content it is no PDF" in refused("invoice.pdf", a_pdf())
