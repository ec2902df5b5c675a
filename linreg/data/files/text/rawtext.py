"""A stranger's bytes as text: what is no table, and in which encoding it is.

A file of any size goes through the same checks, whole or in blocks of whole rows.
"""

import codecs
import re
from collections.abc import Iterable
from typing import NamedTuple

from linreg.data.files.text import quotes

MAX_BYTES = 50_000_000
PIECE = 1_000_000  # bytes to look at at a time
MARK = b"\xef\xbb\xbf"  # a byte order mark in UTF-8
_MARKED = {  # in this order: UTF-32-LE begins as UTF-16-LE does
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SIGNATURES = {  # of files that are no text
    b"PK\x03\x04": "a ZIP archive or an Excel workbook. Save the sheet as CSV",
    b"PK\x05\x06": "a ZIP archive with nothing in it. Save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook. Save the sheet as CSV",
    b"PAR1\x15": "a Parquet file. Read it in the terminal: python -m linreg --data FILE",
    b"\x1f\x8b": "compressed with gzip. Unpack it first",
    b"BZh91AY": "compressed with bzip2. Unpack it first",
    b"\xfd7zXZ": "compressed with xz. Unpack it first",
    b"\x28\xb5\x2f\xfd": "compressed with zstd. Unpack it first",
    b"\x04\x22\x4d\x18": "compressed with lz4. Unpack it first",
    b"7z\xbc\xaf": "a 7z archive. Unpack it first",
    b"Rar!\x1a": "a RAR archive. Unpack it first",
    b"\x89PNG": "an image. Choose a table",
    b"\xff\xd8\xff": "an image. Choose a table",
    b"GIF8": "an image. Choose a table",
    b"%PDF": "a PDF document. Save its table as CSV",
    b"SQLite format 3": "a database. Export the table as CSV",
    b"\x89HDF": "an HDF5 file. Export the table as CSV",
    b"{\\rtf": "a word processor's document. Save its table as CSV",
}
_WEB = b"<!doctype", b"<html", b"<?xml", b"<svg", b"<table"
_JSON = re.compile(  # records, not lists
    rb"""\s*(?:\[\s*\{\s*["']|\{\s*["'][^{}\[\]]*(?:\}\s*,?\s*\{|:\s*\{))"""
)
_OLD_TAR = re.compile(rb"(?s).{99}\0[0-7]{6,7}[ \0]{1,2}")  # a name in 100 bytes, and its mode

GUESSED = (
    "The file is not in UTF-8. It is read as Windows-1252, for Western European languages; if names or "
    "words look wrong, save it as UTF-8."
)


class Opened(NamedTuple):
    """A file's text, and what a reader should know of its encoding where it had to be guessed."""

    text: bytes
    notes: tuple[str, ...] = ()


def opened(data: bytes) -> Opened:
    """Return a file's text as UTF-8 without a byte order mark, and without blank lines at its end.

    Raises:
        ValueError: If the file is empty, or is no text.

    Example:
        >>> opened("größe".encode())
        Opened(text=b'gr\xc3\xb6\xc3\x9fe', notes=())
        >>> opened("größe".encode("cp1252")).notes == (GUESSED,)
        True
    """
    if len(data) > MAX_BYTES:
        raise ValueError(
            f"The file must be at most {MAX_BYTES // 1_000_000} MB, got {len(data) / 1e6:.0f} MB. "
            "Larger ones are read in the terminal: python -m linreg --data FILE"
        )
    refuse_what_is_no_table(data[:1_000])
    encoding = _unicode(data)
    notes: tuple[str, ...] = ()
    if encoding:
        if not data.startswith(tuple(_MARKED)):
            notes = (
                f"The file is read as {encoding[:6].upper()}, though it does not say so itself.",
            )
        try:
            data = data.decode(encoding).encode()
        except UnicodeError:
            raise ValueError(
                f"The file must be {encoding.upper()} throughout, as it begins, got other bytes. Save "
                "it as UTF-8."
            ) from None
    while data.startswith(MARK):
        data = data.removeprefix(MARK)
    data = data.rstrip(b"\r\n ")
    if not data.strip():
        raise ValueError("The file must hold a table, got an empty file.")
    if (nul := data.find(b"\0")) >= 0:
        raise ValueError(
            f"The file must be text, got a NUL byte in row {quotes.row_at(data, nul)}. If it is "
            "UTF-16, save it as UTF-8."
        )
    is_unicode = is_utf8(data[k : k + PIECE] for k in range(0, len(data), PIECE))
    data = block_of(data, "utf-8" if is_unicode else "cp1252")
    quotes.refuse_broken(data)
    return Opened(data, notes if is_unicode else (GUESSED,))


def block_of(data: bytes, encoding: str) -> bytes:
    """Return whole rows as UTF-8, every quoted cell right behind its delimiter.

    In cp1252, the other encoding, a few bytes stand for nothing.

    Example:
        >>> block_of(b'1, "2"', "utf-8")
        b'1,"2"'
    """
    if encoding != "utf-8":
        data = data.decode(encoding, errors="replace").encode()
    return quotes.without_blanks(data)


def is_utf8(blocks: Iterable[bytes]) -> bool:
    """Return whether bytes that come in blocks are UTF-8 together."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in blocks:
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def refuse_what_is_no_table(head: bytes) -> None:
    """Raise ValueError if the first bytes of a file are those of something else."""
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            raise ValueError(f"The file must be text, got {kind}.")
    if head.startswith(b"RIFF") and b"\0" in head:
        raise ValueError("The file must be text, got an image, a sound or a film. Choose a table.")
    if head[257:262] == b"ustar" or _OLD_TAR.match(head):
        raise ValueError("The file must be text, got a tar archive. Unpack it first.")
    if head.lstrip().lower().startswith(_WEB):
        raise ValueError("The file must be a table, got a web page. Save the table itself.")
    if _JSON.match(head):
        raise ValueError(
            "The file must be a table, got JSON. Save it as CSV, as with pandas: "
            "pd.read_json(FILE).to_csv(NEW_FILE)."
        )


def _unicode(data: bytes) -> str | None:
    """Return the Unicode encoding that a file shows in its first bytes, other than UTF-8."""
    head = data[:1000]
    even, odd = head[::2], head[1::2]
    told = [encoding for mark, encoding in _MARKED.items() if data.startswith(mark)]
    for encoding, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if len(head) >= 4 and zeros.count(0) > 0.7 * len(zeros) and 0 not in others:
            told.append(encoding)
    return told[0] if told else None
