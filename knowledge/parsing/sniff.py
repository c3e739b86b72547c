"""Which kind of file this is, by its content. The name must not say otherwise; it decides between kinds of text."""

import io
import json
import re
import zipfile
from pathlib import PurePath

from knowledge.errors import FileTooLarge, FileUnreadable
from knowledge.parsing.types import MAX_BYTES, Format
from omnicqm.common.text import is_binary, text_clean

KNOWN = "PDF, Word (docx), HTML, Markdown, text, CSV and JSONL"

_NO_DOCUMENT = f"The file is not a document that can be read. {KNOWN} can; save text as UTF-8."
_SPOKEN = {
    Format.PDF: "PDF",
    Format.DOCX: "a Word document",
    Format.HTML: "HTML",
    Format.MARKDOWN: "Markdown",
    Format.TEXT: "plain text",
    Format.CSV: "CSV",
    Format.JSONL: "JSONL",
}
_TEXT_SUFFIXES = {".html", ".htm", ".md", ".markdown", ".txt", ".text", ".csv", ".tsv", ".jsonl", ".ndjson"}
_BINARY_SUFFIXES = {Format.PDF: ".pdf", Format.DOCX: ".docx"}
SUFFIXES = frozenset(_TEXT_SUFFIXES | set(_BINARY_SUFFIXES.values()))
_SUFFIX = re.compile(r"\.[a-z][a-z0-9]{0,9}")  # "Fees 1.2" has none

_HTML = re.compile(r"^\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)\b", re.I | re.S)
# Marks that no plain text has by chance.
_MARKDOWN = re.compile(
    r"^#{1,6} +\S|^ {0,3}\|.*\|\s*\n\|?\s*:?-{1,}|\*\*[^\s*][^*\n]*\*\*|^```|\[[^\]\n]+\]\(\S+\)", re.M
)
_TAGS = re.compile(r"</(?:p|div|h[1-6]|li|table|ul|ol|span|td)>", re.I)


def format_sniff(data: bytes, name: str = "") -> Format:
    """The format of a file. Raises `FileUnreadable` with the remedy when it is empty, of a kind we do not read, or of
    another kind than its `name` says, and `FileTooLarge`."""
    suffix = PurePath(name).suffix.lower()
    found = _content_sniff(data, suffix)
    if _SUFFIX.fullmatch(suffix):
        _suffix_check(suffix, found)
    return found


def _suffix_check(suffix: str, found: Format) -> None:
    """Somebody who renamed a file, or hides one, should hear of it."""
    if suffix not in SUFFIXES:
        raise FileUnreadable(f"Files of the kind {suffix} are not read. {KNOWN} are.")
    fits = suffix == _BINARY_SUFFIXES[found] if found in _BINARY_SUFFIXES else suffix in _TEXT_SUFFIXES
    if not fits:
        raise FileUnreadable(f"The name ends in {suffix}, but the content is {_SPOKEN[found]}. Correct one of them.")


def _content_sniff(data: bytes, suffix: str) -> Format:
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
    return text_sniff(text_decode(data), suffix)


def _is_pdf(data: bytes) -> bool:
    """A PDF may have up to a kilobyte of something else before it; then its end tells."""
    return data.startswith(b"%PDF-") or (b"%PDF-" in data[:1024] and b"%%EOF" in data[-1024:])


def text_decode(data: bytes) -> str:
    """The cleaned text of a text file in UTF-8, UTF-16 or Windows-1252. Raises `FileUnreadable` for anything else."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return text_clean(data.decode("utf-16", "replace"))
    if is_binary(data):
        raise FileUnreadable(_NO_DOCUMENT)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = _windows_decode(data)
    return text_clean(text)


def _windows_decode(data: bytes) -> str:
    """Windows-1252 has five bytes without meaning, which tell what was never text from what was."""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise FileUnreadable(_NO_DOCUMENT) from error


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
