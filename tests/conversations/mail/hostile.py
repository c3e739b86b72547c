"""Texts and HTML that a careless reader would take very long over: short pieces said over and over."""

LENGTH = 100_000
TEXT_PIECES = [
    "On 3 Nov 2026 at 10:15 ",
    "On 3 Nov 2026 at 10:15, a@b.example\n",
    "> ",
    ">\n",
    "> a\nb\n",
    "a" * 50,
    "\n",
    " ",
    "-",
    "From: a\n",
    "From: a@b.example\nSubject: x\n",
    "wrote: ",
    "1",
    "<a@b.example> ",
    "Best regards,\n",
    "--\n",
    "Ada\n\n",
    "Thanks,\nAda\n\n",
    "[cid:",
    "Order 1 ",
    "+1 (",
    "-----Original Message----- ",
    "a.a@",
    "This e-mail ",
    "_\n",
    "(\n",
    "-Ada\n\n",
    "Ada Winter\na@b.example\n\n",
]
MARKUP_PIECES = [
    "<div>",
    "<div>a",
    "<blockquote>a",
    "<p>a",
    "<table><tr><td>a",
    "<a b ",
    "<",
    "<!--",
    "a<br>",
    "&nbsp;",
    "&",
    '<span style="display:none">',
    '<div style="border-top:solid 1px">',
    "<font>x</font>",
    "</div>",
    "<pre>\n",
    "<li>",
    '<blockquote type="cite">On 3 Nov 2026, a@b.example wrote:<br>',
    "<div class=gmail_signature>a",
]
LONG_LINE = "a" * (LENGTH // 2)
LONG_LINES = f"Hi\n\nFrom: x\n{LONG_LINE}\n\nBest regards,\nAda\n{LONG_LINE}"


def repeated(piece: str) -> str:
    """`piece` over and over, `LENGTH` characters."""
    return (piece * (LENGTH // len(piece) + 1))[:LENGTH]
