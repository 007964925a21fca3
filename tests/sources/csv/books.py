"""Excel workbooks, written part by part, as programs other than Excel write them and as nobody should."""

import io
import zipfile
from collections.abc import Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
WORKBOOK = '<workbook xmlns:r="r"><sheets><sheet name="Users" sheetId="1" r:id="rId1"/></sheets></workbook>'
RELATIONS = '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>'
TYPES = "<Types/>"


def book(
    rows: str, texts: str = "", *, workbook: str = WORKBOOK, relations: str = RELATIONS, more: Mapping[str, str] = {}
) -> bytes:
    """A workbook with these rows and shared texts, as XML."""
    parts = {
        "[Content_Types].xml": TYPES,
        "xl/workbook.xml": workbook,
        "xl/_rels/workbook.xml.rels": relations,
        "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>",
        **({"xl/sharedStrings.xml": f"<sst>{texts}</sst>"} if texts else {}),
        **more,
    }
    return packed(parts)


def packed(parts: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def inline(*cells: str) -> str:
    """A row of texts that stand in their cells."""
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells) + "</row>"
