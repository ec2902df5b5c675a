"""Workbooks for tests, written by hand as zip and XML: what no library would write, too."""

import base64
import io
import struct
import zipfile
import zlib
from html import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
STYLES = {"date": 1, "datetime": 2, "time": 3, "duration": 4, "percent": 5}  # to their place below
_FORMATS = 0, 14, 22, 21, 46, 10  # as the standard numbers them
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


class Raw(str):
    """A cell as XML, {} where its place belongs."""


def styled(value: float, style: str) -> Raw:
    """Return a cell that holds a number and shows it as a date, a time or a percentage."""
    return Raw(f'<c r="{{}}" s="{STYLES[style]}"><v>{value!r}</v></c>')


def error(text: str) -> Raw:
    """Return a cell that holds an error."""
    return Raw(f'<c r="{{}}" t="e"><v>{text}</v></c>')


def letters(column: int) -> str:
    """Return a column, counted from 0, as a spreadsheet names it."""
    text = ""
    while column >= 0:
        text, column = chr(65 + column % 26) + text, column // 26 - 1
    return text


def _cell(value, place: str) -> str:
    if value is None:
        return ""
    if isinstance(value, Raw):
        return value.format(place)
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        return (
            f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
        )
    return f'<c r="{place}"><v>{value!r}</v></c>'


def sheet(rows, row: int = 1, column: int = 0, more: str = "") -> str:
    """Return a sheet as XML.

    Args:
        rows: Of cells: None, text, numbers, booleans or `Raw`.
        row: Of the first of them, counted from 1.
        column: Likewise, counted from 0.
        more: XML behind the rows, as of merged cells.
    """
    lines = (
        f'<row r="{number}">'
        + "".join(_cell(cell, f"{letters(k)}{number}") for k, cell in enumerate(cells, column))
        + "</row>"
        for number, cells in enumerate(rows, row)
    )
    return (
        f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData>{more}</worksheet>'
    )


def members(sheets: dict[str, object], hidden=(), since_1904=False) -> dict[str, str]:
    """Return the parts of a workbook.

    Args:
        sheets: XML of `sheet`, or rows, by name; None is a chart.
        hidden: Names of those that are.
        since_1904: Whether days count from 1904.
    """
    parts, listed, related = {}, "", ""
    for number, (name, content) in enumerate(sheets.items(), 1):
        kind = "worksheet" if content is not None else "chartsheet"
        path = f"{kind}s/sheet{number}.xml"
        if content is None:
            content = f'{HEAD}<chartsheet xmlns="{MAIN}"/>'
        parts[f"xl/{path}"] = content if isinstance(content, str) else sheet(content)
        listed += f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"'
        listed += ' state="hidden"/>' if name in hidden else "/>"
        related += f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{path}"/>'
    formats = "".join(f'<xf numFmtId="{number}"/>' for number in _FORMATS)
    date1904 = '<workbookPr date1904="1"/>' if since_1904 else ""
    return {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{date1904}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{related}'
        "</Relationships>",
        "xl/styles.xml": f'{HEAD}<styleSheet xmlns="{MAIN}"><cellXfs count="6">{formats}</cellXfs>'
        "</styleSheet>",
        **parts,
    }


def packed(parts: dict[str, str | bytes]) -> bytes:
    """Return an archive of parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def xlsx(sheets: dict[str, object], **more) -> bytes:
    """Return a workbook, as `members` takes it."""
    return packed(members(sheets, **more))


def ods(sheets: dict[str, list], manifest: str = "") -> bytes:
    """Return an OpenDocument spreadsheet: numbers, and text."""

    def cell(value) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, str):
            return (
                '<table:table-cell office:value-type="string">'
                f"<text:p>{escape(value)}</text:p></table:table-cell>"
            )
        return f'<table:table-cell office:value-type="float" office:value="{value!r}"/>'

    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    files = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    return packed(
        {
            "mimetype": kind,
            "META-INF/manifest.xml": f'{HEAD}<manifest:manifest xmlns:manifest="{files}">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>{manifest}'
            "</manifest:manifest>",
            "content.xml": f"{HEAD}<office:document-content {spaces}><office:body>"
            f"<office:spreadsheet>{tables}</office:spreadsheet></office:body>"
            "</office:document-content>",
        }
    )


def saying(data: bytes, size: int) -> bytes:
    """Return an archive whose members are said to unpack to this many bytes each."""
    changed = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.find(signature)
        while place >= 0:
            changed[place + offset : place + offset + 4] = struct.pack("<I", size)
            place = data.find(signature, place + 1)
    return bytes(changed)


# Written by xlwt 1.3.0: a sheet "Notes", and "Prices" with a day, a price and a rate in three rows.
_XLS = (
    "c-rk)Pe>F|82`PQUELL3*G(l2%ml6cbBH?B!KQ-plvtN6f?C~yL|tW-Vmp*(OQ#^{RCE#a(8c}`R#eiTi-*9lLl6X7"
    "$4+5^2X*?sZ)Qq20~bu#nBVZe_ult!zIpF^@6F7+siK+T2j#O!!+z*kvVzE2##2;+ZYK<qTNXFnIzYwpkW~l<Xd-j`"
    "cvkQ>m*<e@dlnk*`(6<RK2tf3UNrZ_&B_hLA&DWXIEF^$qukSQhe`-#5?4fMyU<NS?}_enp$CL>U1%fe&ZtwEGMa1m"
    "I(gixRf#M_RN=AMd=$<ulwgwc`0@>9>-upp(Gl&+GC_qeA0wbCZ8GC#g8PLSMIMkOG<0`2#9}ijrs*ER533UR?yl>X"
    "l^%a%`3l6JU&+t?3qL@Un9jec`G5gfXB8)N3I*8aV~L*@ZNJ%<qAb7Qx7T({qNCmHTR=5f!zW5OXLfb<=s+x*q+Tzp"
    "kR%c9H}iPImklDkVuL7<Ws^@dhC*o<$>Ir9d<%EKO&@J*G0q5QKn?}_=&0s6VPTLh$T;*%V$)i&s1tfcyl#<pxzJ(?"
    "mFk+75~p!wNOZ1>w1)1pTkzi4zO222+NrO{o>Zj17(1yw)--#uc<h5Qj4C?HVr0+P5b9OEx_yiB)NpI%Y%-sOmi@8e"
    "1hlXdyXBmZg;?YzMkulmQ7wXTR;3N;H#TBaB?0IN&)!khR~=P;V!P*#j@{F!r#sdv&H4p43on9)Z&<HRJYCb-iuJWL"
    "{YzS&bHt33zOIFwx!B`8z0F}yC+Fs0Z;g)*vKM_7FS>Y{aJ=Z^rFGw<$@3F)hAn3=rEaERwM_Bg!Gi}69z1whXDE4j"
    "vR@UQ?*Vxk&2|3kEK*tWev|ySIF25=`stJMFyd4vkjyB5O5s<oFSSM+_kSVd1l>J>PP9oJof+pZeN3q3&$DL3@cJ#G"
    "Oz*#xNu2-q{yzajT@&O"
)
XLS_PRICES = [0.1, 0.30000000000000004, 1.234]
XLS_RATES = [2.25, -1e-300, 5.0]  # beside 1, 2 and 4 January 2024


def xls() -> bytes:
    """Return an old Excel workbook."""
    return zlib.decompress(base64.b85decode(_XLS))
