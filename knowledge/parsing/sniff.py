"""Which kind of file this is, by its content. The name only decides between kinds of text."""

import io
import json
import re
import zipfile
from pathlib import PurePath

from knowledge.errors import FileTooLarge, FileUnreadable
from knowledge.parsing.types import MAX_BYTES, Format
from omnicqm.common.text import text_clean

KNOWN = "PDF, Word (docx), HTML, Markdown, text, CSV and JSONL"

_HTML = re.compile(r"^\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)\b", re.I | re.S)
# Marks that no plain text has by chance.
_MARKDOWN = re.compile(
    r"^#{1,6} +\S|^ {0,3}\|.*\|\s*\n\|?\s*:?-{1,}|\*\*[^\s*][^*\n]*\*\*|^```|\[[^\]\n]+\]\(\S+\)", re.M
)
_TAGS = re.compile(r"</(?:p|div|h[1-6]|li|table|ul|ol|span|td)>", re.I)


def format_sniff(data: bytes, name: str = "") -> Format:
    """The format of a file. Raises `FileUnreadable` with the remedy when we do not read its kind, or it is empty."""
    if len(data) > MAX_BYTES:
        raise FileTooLarge(f"The file is larger than {MAX_BYTES // 2**20} MB. Split it into several files.")
    if not data.strip():
        raise FileUnreadable("The file is empty.")
    if _is_pdf(data):
        return Format.PDF
    if data.startswith(b"PK\x03\x04"):
        return _zip_sniff(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileUnreadable(
            "This is an old or a password-protected Office file. Save it as docx, without a password, or as PDF."
        )
    return text_sniff(text_decode(data), PurePath(name).suffix.lower())


def _is_pdf(data: bytes) -> bool:
    """A PDF may have up to a kilobyte of something else before it; then its end tells."""
    return data.startswith(b"%PDF-") or (b"%PDF-" in data[:1024] and b"%%EOF" in data[-1024:])


def text_decode(data: bytes) -> str:
    """The cleaned text of a text file in UTF-8, UTF-16 or Windows-1252. Raises `FileUnreadable` for anything else."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return text_clean(data.decode("utf-16", "replace"))
    if b"\0" in data[:8192]:
        raise FileUnreadable(f"The file is not a document that can be read. {KNOWN} can.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return text_clean(text)


def _zip_sniff(data: bytes) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise FileUnreadable("The file is broken. Save it again and upload the copy.") from error
    if "word/document.xml" in names:
        return Format.DOCX
    raise FileUnreadable(f"The file is an archive or an Office file of another kind. {KNOWN} can be read.")


def text_sniff(text: str, suffix: str = "") -> Format:
    """Which kind of text this is. The suffix of its name decides where the text itself may be several kinds."""
    if suffix in (".jsonl", ".ndjson") or _is_jsonl(text):
        return Format.JSONL
    if _HTML.match(text[:4096]) or (suffix in (".html", ".htm") and "<" in text):
        return Format.HTML
    if suffix in (".csv", ".tsv"):
        return Format.CSV
    if suffix in (".md", ".markdown") or _MARKDOWN.search(text):
        return Format.MARKDOWN
    return Format.HTML if len(_TAGS.findall(text)) >= 3 else Format.TEXT


def _is_jsonl(text: str) -> bool:
    first = text.lstrip().split("\n", 1)[0]
    if not first.startswith("{"):
        return False
    try:
        record = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return isinstance(record, dict) and {"id", "text"} <= record.keys()
