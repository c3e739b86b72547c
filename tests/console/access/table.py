"""The reviewed table: a line for each door, a column for each role.

Cells: ``yes`` the door opened, ``form`` it opened and then refused what was sent (400, 409, 422), which for most is an
empty form, ``no`` refused (401, 403, a handshake refused, an action not offered), ``login`` sent to sign in, ``none``
does not exist for this role (404, or sent home as where there is no such object).
"""

import csv
import os
from pathlib import Path

ROLES = (
    *("anonymous", "customer", "staff", "consultant", "team_lead"),
    *("knowledge_editor", "analyst", "admin", "superuser"),
)
FILE = Path(__file__).with_name("matrix.csv")
WRITE = "OMNICQM_TEST_ACCESS_WRITE"


def table_read() -> dict[str, dict[str, str]]:
    if not FILE.exists():
        return {}
    with FILE.open(newline="") as file:
        return {row.pop("door"): row for row in csv.DictReader(file)}


def differences(found: dict[str, dict[str, str]], doors: str) -> list[str]:
    """What `found` and the table say differently of doors whose kind is in `doors`, as sentences. With the variable
    set they are printed and the table is brought up to what was found."""
    table = {door: cells for door, cells in table_read().items() if door.split()[0] in doors.split()}
    told = [*_new(found, table), *_gone(found, table), *_changed(found, table)]
    if told and WRITE in os.environ:
        print("\n".join(["", *told, "Written. Review the difference of matrix.csv."]))
        others = {door: cells for door, cells in table_read().items() if door not in table}
        _table_write(others | found)
        return []
    return told


def _new(found: dict[str, dict[str, str]], table: dict[str, dict[str, str]]) -> list[str]:
    how = "Decide who may, run 'python -m tests.console.access --write' and review its line"
    return [f"{door} is new: {_line(found[door])}. {how}." for door in found if door not in table]


def _gone(found: dict[str, dict[str, str]], table: dict[str, dict[str, str]]) -> list[str]:
    return [f"{door} is gone. Take its line out of matrix.csv, or '--write'." for door in table if door not in found]


def _changed(found: dict[str, dict[str, str]], table: dict[str, dict[str, str]]) -> list[str]:
    return [
        f"{door}: {role} finds '{cell}', the table says '{table[door][role]}'."
        for door, cells in found.items()
        if door in table
        for role, cell in cells.items()
        if cell != table[door][role]
    ]


def _line(cells: dict[str, str]) -> str:
    return ", ".join(f"{role} {cell}" for role, cell in cells.items())


def _table_write(rows: dict[str, dict[str, str]]) -> None:
    with FILE.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["door", *ROLES], lineterminator="\n")
        writer.writeheader()
        writer.writerows({"door": door, **rows[door]} for door in sorted(rows, key=_order))


def _order(door: str) -> tuple[str, str]:
    kind, _, name = door.partition(" ")
    return name, kind
