"""Small real files, made on the spot."""

import io
import re
import zipfile
from collections.abc import Callable

import docx
import pypdf
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import ListFlowable, ListItem, PageBreak, Paragraph, SimpleDocTemplate

_STYLES = getSampleStyleSheet()
LONG_SENTENCE = "This overview of our fees replaces the earlier ones and is long enough to be broken by the margin."


def pdf_of(*parts: tuple[str, str], title: str = "", running_head: str = "", pages: int = 1) -> bytes:
    """A PDF of (style, text) parts, e.g. ("Heading1", "Fees"), on each page; "Bullets" are split at ``|``."""
    buffer = io.BytesIO()
    flow = [flowable for page in range(pages) for flowable in [*map(_flowable, parts), PageBreak()]]

    def decorate(canvas: Canvas, document: SimpleDocTemplate) -> None:
        canvas.drawString(60, 810, running_head)
        canvas.drawString(280, 20, f"{document.page}")

    template = SimpleDocTemplate(buffer, title=title, pagesize=A4)
    template.build(flow[:-1], onFirstPage=decorate, onLaterPages=decorate)
    return buffer.getvalue()


def _flowable(part: tuple[str, str]):
    style, text = part
    if style == "Bullets":
        items = [ListItem(Paragraph(item, _STYLES["BodyText"])) for item in text.split("|")]
        return ListFlowable(items, bulletType="bullet")
    return Paragraph(text, _STYLES[style])


def pdf_locked() -> bytes:
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(pdf_of(("BodyText", "Secret.")))))
    writer.encrypt("a password", algorithm="AES-256")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def pdf_typeset(text: str) -> bytes:
    """One line in a font that has ligatures."""
    pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.setFont("Vera", 11)
    canvas.drawString(60, 700, text)
    canvas.save()
    return buffer.getvalue()


def pdf_scanned() -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.rect(50, 50, 200, 200, fill=1)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def docx_of(fill: Callable[[docx.document.Document], None]) -> bytes:
    """A Word file with what `fill` puts into it."""
    document = docx.Document()
    fill(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def docx_without_properties(data: bytes) -> bytes:
    """The Word file `data` as some programs write it: without a title, an author and their like."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w") as bare:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "_rels/.rels":
                content = re.sub(rb"<Relationship [^>]*core-properties[^>]*/>", b"", content)
            if entry.filename != "docProps/core.xml":
                bare.writestr(entry, content)
    return buffer.getvalue()


def docx_bomb(megabytes: int) -> bytes:
    """A Word file whose text unpacks to `megabytes` of nothing."""
    original = docx_of(lambda document: document.add_paragraph("x"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(original)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bomb:
        for entry in source.infolist():
            bomb.writestr(entry, source.read(entry))
        bomb.writestr("word/footnotes.xml", b" " * (megabytes * 1024 * 1024))
    return buffer.getvalue()
