"""What a stranger's archive holds and how large that really is, before a workbook is read of it."""

import io
import struct
import zipfile
import zlib

PIECE = 100_000  # bytes
DAMAGED = (
    "The file must be a whole workbook, got something else, or one that is damaged or cut off ({}). Save it "
    "again, or save the sheet as CSV."
)
PASSWORD = "The workbook must be without a password, got one with. Save a copy without it."
_OTHER_KINDS = {  # what a ZIP archive holds that is no workbook for us
    "xl/workbook.bin": "a binary workbook. Save it as .xlsx",
    "word/document.xml": "a word processor's document. Save its table as CSV",
    "ppt/presentation.xml": "a presentation. Save its table as CSV",
}
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = "META-INF/manifest.xml"


class Refused(Exception):
    """The workbook cannot be read; the message says why, for the reader."""


def check(data: bytes, most: int) -> None:
    """Raise Refused if it is no workbook, or would unpack to more bytes than this."""
    if not data.startswith(b"PK"):  # the older kind of container
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Refused(PASSWORD)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            names = {one.filename.replace("\\", "/").lower() for one in members}
            is_workbook = "xl/workbook.xml" in names
            if "mimetype" in names and not is_workbook:
                is_workbook = _first(archive, "mimetype", len(_ODS)) == _ODS
            is_locked = any(one.flag_bits & 1 for one in members)
            if _MANIFEST.lower() in names and not is_locked:
                is_locked = b":encryption-data" in _first(archive, _MANIFEST, PIECE)
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, RuntimeError, EOFError, zlib.error):
        raise Refused(DAMAGED.format("its archive has no whole list of what it holds")) from None
    if not is_workbook:
        kind = next((kind for name, kind in _OTHER_KINDS.items() if name in names), None)
        kind = kind or "a ZIP archive of something else. Unpack it first"
        raise Refused(f"The file must be a table or a workbook, got {kind}.")
    if is_locked:
        raise Refused(PASSWORD)
    told = sum(one.file_size for one in members)
    if told <= most:
        told = sum(_unpacked(data, one) for one in members)
    if told > most:
        raise Refused(
            f"The workbook must unpack to at most {most // 1_000_000:,} MB, got more. Save the sheet as CSV."
        )


def _first(archive: zipfile.ZipFile, name: str, size: int) -> bytes:
    with archive.open(name) as member:
        return member.read(size)


def _unpacked(data: bytes, member: zipfile.ZipInfo) -> int:
    """Return how many bytes a member really unpacks to; more than it says are never looked at."""
    if member.compress_type == zipfile.ZIP_STORED:
        return member.compress_size
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise Refused(DAMAGED.format("packed in a way that no spreadsheet program uses"))
    head = data[member.header_offset : member.header_offset + 30]
    if len(head) < 30:
        raise Refused(DAMAGED.format("a part of it lies outside"))
    begin = member.header_offset + 30 + sum(struct.unpack("<HH", head[26:]))
    end, count, one = begin + member.compress_size, 0, zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for place in range(begin, end, PIECE):
            left = data[place : min(place + PIECE, end)]
            while left and not one.eof and count <= member.file_size:
                count += len(one.decompress(left, 10 * PIECE))
                left = one.unconsumed_tail
    except zlib.error:
        raise Refused(DAMAGED.format("a part of it cannot be unpacked")) from None
    if count > member.file_size:
        raise Refused(DAMAGED.format("a part of it is larger than it says"))
    return count
