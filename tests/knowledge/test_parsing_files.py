"""PDF and Word files, which are read in a process of their own, and what is said about broken ones."""

import io
import zipfile

import pytest

from knowledge.errors import FileTooLarge, FileUnreadable
from knowledge.parsing import MAX_BYTES, Block, Format, Kind, Parsed, file_parse, format_sniff, sandbox
from tests.knowledge.files import (
    LONG_SENTENCE,
    docx_bomb,
    docx_of,
    docx_without_properties,
    pdf_locked,
    pdf_of,
    pdf_scanned,
    pdf_typeset,
)


def parse(data: bytes, name: str = "") -> Parsed:
    return file_parse(data, format_sniff(data, name))


class TestPdf:
    def test_headings_paragraphs_and_lists_are_read_from_size_and_place(self):
        parsed = parse(
            pdf_of(
                ("Title", "Fees and charges"),
                ("BodyText", LONG_SENTENCE * 2),
                ("Heading1", "1. Cards"),
                ("Heading2", "Travel"),
                ("BodyText", "The annual fee is $450."),
                ("BodyText", "It is due in March."),
                ("Bullets", "Lounge access|Two free bags"),
            )
        )
        assert parsed.title == "Fees and charges"
        assert parsed.blocks == [
            Block(LONG_SENTENCE * 2, ("Fees and charges",)),
            Block("The annual fee is $450.", ("Cards", "Travel")),
            Block("It is due in March.", ("Cards", "Travel")),
            Block("• Lounge access\n• Two free bags", ("Cards", "Travel"), Kind.LIST),
        ]

    def test_running_heads_and_page_numbers_are_not_text(self):
        data = pdf_of(("BodyText", "Only this is said."), running_head="The Bank, confidential", pages=4)
        assert {block.text for block in parse(data).blocks} == {"Only this is said."}

    def test_ligatures_are_letters_again(self):
        assert parse(pdf_typeset("The ﬁve ﬂat fees")).blocks == [Block("The five flat fees")]

    def test_the_file_s_own_title_serves_when_no_heading_stands_out(self):
        assert parse(pdf_of(("BodyText", "Nine to five."), title="Opening hours")).title == "Opening hours"

    def test_a_password_is_named(self):
        with pytest.raises(FileUnreadable, match="protected by a password"):
            parse(pdf_locked())

    def test_a_scan_is_told_apart_from_a_broken_file(self):
        with pytest.raises(FileUnreadable, match="seems to be a scan"):
            parse(pdf_scanned())

    @pytest.mark.parametrize("data", [b"%PDF-1.7\nnothing more", pdf_of(("BodyText", "x"))[:400]])
    def test_a_broken_file_is_named(self, data):
        with pytest.raises(FileUnreadable, match="broken"):
            parse(data)


class TestWord:
    def test_a_file_without_properties_has_no_title_of_its_own(self):
        written = docx_of(lambda document: document.add_paragraph("Nine to five."))
        assert parse(docx_without_properties(written)) == Parsed("", [Block("Nine to five.")])

    def test_the_title_among_the_properties_serves_when_no_heading_does(self):
        def fill(document):
            document.core_properties.title = "Opening hours"
            document.add_paragraph("Nine to five.")

        assert parse(docx_of(fill)).title == "Opening hours"

    def test_headings_lists_and_tables_are_read_in_order(self):
        def fill(document):
            document.add_heading("Fees", 0)
            document.add_paragraph("All fees.")
            document.add_heading("Cards", 1)
            document.add_paragraph("Travel", style="List Bullet")
            document.add_paragraph("Student", style="List Bullet")
            table = document.add_table(rows=3, cols=2)
            for row, cells in enumerate([("Card", "Fee"), ("Travel", "$450"), ("Student", "$0")]):
                for column, text in enumerate(cells):
                    table.cell(row, column).text = text
            document.add_paragraph().add_run("Limits").bold = True
            document.add_paragraph("None.")

        parsed = parse(docx_of(fill))
        assert parsed.title == "Fees"
        assert parsed.blocks == [
            Block("All fees.", ("Fees",)),
            Block("- Travel\n- Student", ("Fees", "Cards"), Kind.LIST),
            Block("Card: Travel; Fee: $450\nCard: Student; Fee: $0", ("Fees", "Cards"), Kind.TABLE),
            Block("None.", ("Fees", "Cards", "Limits")),
        ]

    def test_a_zip_bomb_is_refused_before_it_unpacks(self):
        data = docx_bomb(megabytes=100)
        assert len(data) < 500_000
        with pytest.raises(FileTooLarge, match="unpacks"):
            parse(data)

    def test_a_truncated_file_is_broken(self):
        with pytest.raises(FileUnreadable, match="broken"):
            parse(docx_of(lambda document: document.add_paragraph("Hello"))[:-200])

    def test_an_old_word_file_gets_the_remedy(self):
        with pytest.raises(FileUnreadable, match="Save it as docx"):
            parse(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "letter.doc")

    def test_another_archive_is_refused(self):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("xl/workbook.xml", "<x/>")
        with pytest.raises(FileUnreadable, match="another kind"):
            parse(buffer.getvalue(), "fees.docx")


class TestNames:
    """The content tells the kind; a name that says otherwise is a mistake or a disguise."""

    PDF = pdf_of(("BodyText", "Hello"))
    WORD = docx_of(lambda document: document.add_paragraph("Hello"))

    @pytest.mark.parametrize(
        ("data", "name", "found"),
        [
            (PDF, "fees.pdf", Format.PDF),
            (PDF, "Fees.PDF", Format.PDF),
            (PDF, "", Format.PDF),
            (WORD, "fees.docx", Format.DOCX),
            (b"Hello", "fees", Format.TEXT),
            (b"Hello", "Fees 1.2", Format.TEXT),
            (b"<html><p>Hello", "fees.txt", Format.HTML),
            (b"Hello", "fees.html", Format.TEXT),
        ],
    )
    def test_a_name_that_fits_or_says_nothing_is_fine(self, data, name, found):
        assert format_sniff(data, name) is found

    @pytest.mark.parametrize(
        ("data", "name", "complaint"),
        [
            (b"<html><p>Hello", "fees.pdf", "ends in .pdf, but the content is HTML"),
            (PDF, "fees.txt", "ends in .txt, but the content is PDF"),
            (WORD, "fees.pdf", "ends in .pdf, but the content is a Word document"),
            (b"Hello", "fees.docx", "ends in .docx, but the content is plain text"),
            (b"echo hello", "run.sh", "Files of the kind .sh are not read. PDF, Word"),
            (PDF, "fees.exe", "Files of the kind .exe are not read"),
            (b"{\\rtf1 Hello}", "fees.rtf", "Files of the kind .rtf are not read"),
        ],
    )
    def test_one_that_does_not_is_told(self, data, name, complaint):
        with pytest.raises(FileUnreadable) as refused:
            format_sniff(data, name)
        assert complaint in refused.value.message

    @pytest.mark.parametrize(
        "data", [b"MZ\x90", b"\x7fELF\x01", b"\x1f\x8b\x08\x00", b"GIF89a\x01\x00", bytes(range(256))]
    )
    @pytest.mark.parametrize("name", ["", "fees.txt", "virus.exe"])
    def test_what_never_was_text_is_no_document_under_any_name(self, data, name):
        with pytest.raises(FileUnreadable, match="not a document that can be read"):
            format_sniff(data, name)


class TestLimits:
    def test_a_file_over_the_limit_is_not_even_looked_at(self):
        with pytest.raises(FileTooLarge, match="25 MB"):
            format_sniff(b"x" * (MAX_BYTES + 1))

    def test_a_parser_that_does_not_end_is_stopped(self, monkeypatch):
        monkeypatch.setattr(sandbox, "SECONDS", 0.05)
        with pytest.raises(FileTooLarge, match=r"within 0\.05 seconds"):
            parse(pdf_of(("BodyText", "Hello")))

    def test_a_large_text_is_read_apart_with_the_same_result(self):
        text = "# Fees\n\n" + "\n\n".join(f"Fee number {number} is due." for number in range(12_000))
        data = text.encode()
        assert len(data) > 256 * 1024
        parsed = file_parse(data, Format.MARKDOWN)
        assert parsed.title == "Fees"
        assert len(parsed.blocks) == 12_000
        assert parsed.blocks[-1] == Block("Fee number 11999 is due.", ("Fees",))
