"""What a file is by its first bytes, whatever its name says."""

import re
from pathlib import Path
from typing import BinaryIO

from stages.command.errors import UserError

BOM = b"\xef\xbb\xbf"
_START = 512
"""Bytes that tell."""
_SIGNATURES = {
    b"PAR1": ("parquet", "Parquet"),
    b"PK\x03\x04": ("xlsx", "an Excel workbook or a ZIP file"),
    b"PK\x05\x06": ("zip", "an empty ZIP file"),
    b"\xd0\xcf\x11\xe0": ("xls", "an old Excel workbook (.xls)"),
    b"\x1f\x8b": ("gzip", "compressed by gzip"),
    b"BZh": ("bzip2", "compressed by bzip2"),
    b"\x28\xb5\x2f\xfd": ("zstd", "compressed by zstd"),
    b"\xfd7zXZ\x00": ("xz", "compressed by xz"),
    b"7z\xbc\xaf": ("7z", "a 7-Zip file"),
    b"Rar!": ("rar", "a RAR file"),
    b"%PDF": ("pdf", "a PDF file"),
    b"SQLite format 3": ("sqlite", "an SQLite database"),
    b"ARROW1": ("arrow", "an Arrow file"),
    b"\x80\x04\x95": ("pickle", "a pickle of Python"),
    b"\xff\xfe": ("utf-16", "UTF-16, not UTF-8"),
    b"\xfe\xff": ("utf-16", "UTF-16, not UTF-8"),
    b"version https://git-lfs": ("lfs", "a Git LFS pointer, not the data"),
    b"outs:\n- md5": ("dvc", "a DVC pointer, not the data"),
}
_PAGE = re.compile(rb"\s*<(?:!doctype|html|head|\?xml)", re.IGNORECASE)
_JSON = re.compile(rb'\s*(?:\{\s*["}]|\[\s*[\[{\]"])')
_UNPACK = "unpack it, and put what is in it in its place"
_ADVICE = {
    "parquet": "name it .parquet",
    "json": "name it .json, or .jsonl where each line is a row",
    "xlsx": 'name it .xlsx if it is a workbook, or save it as "CSV UTF-8 (comma delimited)"',
    "xls": 'save it as .xlsx, or as "CSV UTF-8 (comma delimited)"',
    "zip": _UNPACK,
    "gzip": _UNPACK,
    "bzip2": _UNPACK,
    "zstd": _UNPACK,
    "xz": _UNPACK,
    "7z": _UNPACK,
    "rar": _UNPACK,
    "page": "a download has gone wrong: get the file itself, not the page about it",
    "utf-16": 'save it as "CSV UTF-8 (comma delimited)"',
    "lfs": "get the data by: git lfs pull",
    "dvc": "get the data by: dvc pull",
}
_NAMES = {
    "csv": "CSV",
    "json": "JSON",
    "parquet": "Parquet",
    "xlsx": "an Excel workbook",
}


def check_content(path: Path, file: BinaryIO, expected: str) -> None:
    """Raise `UserError` where a file is not what it is read as; go behind a byte order mark.

    `expected` is `csv`, `json`, `parquet` or `xlsx`.
    """
    start = file.read(_START)
    kind, name = _kind(start)
    file.seek(len(BOM) if start.startswith(BOM) else 0)
    if kind == expected or (kind == "text" and expected in {"csv", "json"}) or not start:
        return
    advice = _ADVICE.get(kind, "save the table in one of the formats of docs/data.md")
    if kind == "text":
        name, advice = "a text", "name it .csv if it is a table"
    raise UserError(f"{path} is {name}, not {_NAMES[expected]}; {advice}")


def _kind(start: bytes) -> tuple[str, str]:
    """Return a file's kind and how a message calls it."""
    for signature, known in _SIGNATURES.items():
        if start.startswith(signature):
            return known
    text = start.removeprefix(BOM)
    if _PAGE.match(text):
        return "page", "an HTML or XML page"
    return ("json", "JSON") if _JSON.match(text) else ("text", "")
