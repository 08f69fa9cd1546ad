"""Read the sheet of an Excel workbook; rows have the numbers that Excel shows."""

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from stages.command.errors import UserError
from stages.command.faults import Faults
from stages.corpus.content import check_content
from stages.corpus.tables import Cells, SourceTable
from stages.corpus.values import text_of

SheetRow = tuple[int, Sequence[Any]]


def xlsx_table(path: Path, file: BinaryIO, faults: Faults) -> SourceTable:
    """Return the header and the rows of the one sheet that has cells; of formulas their values.

    Raises `UserError` where there is no such sheet, or more than one.
    """
    check_content(path, file, "xlsx")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations, which are not read
            book = load_workbook(file, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise UserError(
            f"{path} is a ZIP file, or damaged, and no Excel workbook ({error}); "
            "save the table as .xlsx, or as CSV"
        ) from None
    filled = {sheet.title: _filled(sheet) for sheet in book.worksheets}
    first = {title: next(rows, None) for title, rows in filled.items()}
    titles = [title for title, row in first.items() if row]
    if not titles:
        raise UserError(f"{path} is empty; it needs a header, fname, dialogue, …, and rows below")
    if len(titles) > 1:
        raise UserError(
            f"{path} has cells in {len(titles)} sheets, {', '.join(titles)}; leave one of them"
        )
    row = first[titles[0]]
    header = [text_of(cell).strip() for cell in (row or (0, ()))[1]]
    while header and not header[-1]:
        header.pop()
    return SourceTable(header, _rows(path, header, filled[titles[0]], faults))


def _filled(sheet: Any) -> Iterator[SheetRow]:
    """Yield the rows that have a cell with more than blanks, with their numbers."""
    sheet.reset_dimensions()  # which some programs write wrong, and then rows are cut
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if any(cell is not None and str(cell).strip() for cell in cells):
            yield number, cells


def _rows(
    path: Path, header: list[str], rows: Iterator[SheetRow], faults: Faults
) -> Iterator[Cells]:
    size = path.stat().st_size
    for number, cells in rows:
        place = f"{path}, row {number}"
        if any(cell is not None and str(cell).strip() for cell in cells[len(header) :]):
            faults.add(f"{place} has a cell beyond the header's {len(header)}; take it out")
            continue
        filled = [*cells[: len(header)], *[None] * (len(header) - len(cells))]
        if [str(cell).strip() for cell in filled] == header:
            faults.add(f"{place} is the header once more; take the row out")
            continue
        yield Cells(place, dict(zip(header, filled, strict=True)), size)
