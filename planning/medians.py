"""Documents of plans put together: the median of many, one currency into another, and one laid over the other. Pure rules on
documents as `planning.document.write` gives them; a benchmark's may lack some of its parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from statistics import median
from typing import Any

from planning.document import CHOICES, DECIMALS, GROUPS, ROWS
from planning.forecast.assumptions import Kind, Services
from prm.common.numbers import round_half_away

FEWEST = 5  # partners that must have a row, so that no single one's numbers show
WHOLE = (Kind.START, Kind.MONTHS)
Row = dict[str, Any]
Path = tuple[str, ...]


def _kinds(kind: type, at: Path = ()) -> dict[Path, Kind]:
    """Where the numbers of a row stand, and of which kind each is."""
    found: dict[Path, Kind] = {}
    for each in fields(kind):
        here = (*at, each.name)
        if "kind" in each.metadata:
            found[here] = each.metadata["kind"]
        elif each.name in CHOICES:
            for choice in CHOICES[each.name].values():
                found |= _kinds(choice, here)
        elif each.name == "services":
            found |= _kinds(Services, here)
    return found


NUMBERS: dict[str, dict[Path, Kind]] = {group: _kinds(kind) for group, kind in GROUPS.items()}


# ── Currencies ───────────────────────────────────────────────────────────────────────────────────────────────────────


def converted(content: Mapping[str, Any], rate: Decimal, places: int | None) -> dict[str, Any]:
    """The document with every amount × `rate`, rounded to `places` (None: as they are)."""
    result = {name: value for name, value in content.items() if name in (*GROUPS, "terms", "scenarios")}
    for group in GROUPS:
        if group in result:
            result[group] = [_row_converted(row, group, rate, places) for row in result[group]]
    return result


def _row_converted(row: Mapping[str, Any], group: str, rate: Decimal, places: int | None) -> Row:
    copy = _copied(row)
    if places is not None:
        for path, kind in NUMBERS[group].items():
            value = _at(copy, path)
            if kind is Kind.MONEY and value is not None:
                _put(copy, path, f"{round_half_away(Decimal(value) * rate, places):f}")
    return copy


# ── Medians ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def of_plans(
    contents: Sequence[Mapping[str, Any]], places: int, products: Mapping[int, str] | None = None
) -> dict[str, Any] | None:
    """What is usual in these plans, all in one currency; None where they are fewer than FEWEST. `products`: the vendor's product
    lines by id, which give a line its name.

    A row belongs to it that half of them have, and FEWEST at least: product lines are the same by the vendor's product line, or
    else by name, as other rows. Where they differ in how a line sells, or in whether a cost comes once, the more usual way counts,
    and the medians of those. FEWEST are behind each number and each name that somebody typed: a row with fewer is left out, and
    a number that may be empty is. Money is rounded to `places`, whole months halves up. A group without rows is left out.
    """
    if len(contents) < FEWEST:
        return None
    found: dict[str, Any] = {}
    keys = _new_keys(set())
    for group in GROUPS:
        rows = [row for same in _usual(contents, group) if (row := _median_row(same, group, places, products or {}))]
        if rows:
            found[group] = [row | {"key": next(keys)} for row in rows]
    found["terms"] = int(round_half_away(Decimal(median(int(each.get("terms", 1)) for each in contents))))
    return found


def identity(row: Mapping[str, Any]) -> tuple[str, Any]:
    """What makes rows of two plans the same one."""
    product = row.get("product")
    return ("product", product) if product else ("name", " ".join(str(row.get("name", "")).split()).casefold())


def _usual(contents: Sequence[Mapping[str, Any]], group: str) -> list[list[Row]]:
    """The rows that many plans have, each as a list of how it is in those plans, in the order they mostly come in."""
    found: dict[tuple[str, Any], list[Row]] = {}
    places: dict[tuple[str, Any], list[int]] = {}
    for content in contents:
        seen = set()
        for i, row in enumerate(content.get(group, [])):
            which = identity(row)
            if which not in seen:
                seen.add(which)
                found.setdefault(which, []).append(row)
                places.setdefault(which, []).append(i)
    usual = [which for which, rows in found.items() if len(rows) >= max(FEWEST, (len(contents) + 1) // 2)]
    return [found[which] for which in sorted(usual, key=lambda which: median(places[which]))][:ROWS]


def _median_row(rows: Sequence[Row], group: str, places: int, products: Mapping[int, str]) -> Row | None:
    """One row out of the same row of several plans; None where fewer than FEWEST are behind a part of it."""
    if group == "other":  # an amount that comes every month is nothing like one that comes once
        every = _most_usual([row.get("month") is None for row in rows])
        rows = [row for row in rows if (row.get("month") is None) is every]
    name = products.get(rows[0].get("product") or 0) or _shared_name(rows)
    if len(rows) < FEWEST or name is None:
        return None
    ways = {name: _most_usual([row[name].get("kind") for row in rows if name in row]) for name in CHOICES}
    result: Row = {"name": name}
    if group == "lines":
        result |= {"product": rows[0].get("product"), "services": {}}
        result |= {name: {"kind": way} for name, way in ways.items()}
    for path, kind in NUMBERS[group].items():
        of_way = [row for row in rows if len(path) == 1 or path[0] not in ways or row[path[0]]["kind"] == ways[path[0]]]
        if len(of_way) < FEWEST:
            return None
        if all(_has(row, path) for row in of_way):
            _put(result, path, _median([_at(row, path) for row in of_way], kind, places))
    return result


def _shared_name(rows: Sequence[Row]) -> str | None:
    """The name that FEWEST of them have at least, however they write it."""
    name = _most_usual([identity({"name": row["name"]}) for row in rows])
    written = [str(row["name"]) for row in rows if identity({"name": row["name"]}) == name]
    return str(_most_usual(written)) if len(written) >= FEWEST else None


def _median(values: Sequence[Any], kind: Kind, places: int) -> Any:
    """The median of a number; empty where it mostly is (no cap), and where fewer than FEWEST have it."""
    given = [Decimal(value) for value in values if value is not None]
    if 2 * len(given) < len(values) or len(given) < FEWEST:
        return None
    middle = median(given)
    if kind in WHOLE:
        return int(round_half_away(middle))
    return f"{round_half_away(middle, places if kind is Kind.MONEY else DECIMALS).normalize():f}"


def _most_usual(values: Sequence[Any]) -> Any:
    return Counter(values).most_common(1)[0][0] if values else None


# ── One over the other ───────────────────────────────────────────────────────────────────────────────────────────────


def merged(layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The first of these documents that has a part decides it; product lines that only later ones have are added.

    Rows get keys of their own, and shares of the capacity that come to more than 100 % together are cut from the end.
    """
    result: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.items():
            result.setdefault(name, [_copied(row) for row in value] if name in GROUPS else value)
    lines = result.get("lines", [])
    for layer in layers:
        known = {identity(row) for row in lines}
        lines += [_copied(row) for row in layer.get("lines", []) if identity(row) not in known]
    if lines:
        result["lines"] = _within_capacity(lines[:ROWS])
    used: set[str] = set()
    new = _new_keys({row.get("key", "") for group in GROUPS for row in result.get(group, [])})
    for group in GROUPS:
        for row in result.get(group, []):
            if not row.get("key") or row["key"] in used:
                row["key"] = next(new)
            used.add(row["key"])
    return result


def _within_capacity(lines: list[Row]) -> list[Row]:
    left = Decimal(100)
    for row in lines:
        deals = row.get("deals", {})
        if deals.get("kind") == "capacity":
            share = min(Decimal(deals.get("share", 0)), left)
            row["deals"] = {**deals, "share": f"{share:f}"}
            left -= share
    return lines


def _new_keys(taken: set[str]) -> Iterator[str]:
    n = 0
    while True:
        n += 1
        if f"r{n}" not in taken:
            yield f"r{n}"


# ── Rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _copied(row: Mapping[str, Any]) -> Row:
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in row.items()}


def _has(row: Mapping[str, Any], path: Path) -> bool:
    node: Any = row
    for name in path:
        if not isinstance(node, Mapping) or name not in node:
            return False
        node = node[name]
    return True


def _at(row: Mapping[str, Any], path: Path) -> Any:
    return _get(row, path) if _has(row, path) else None


def _get(row: Mapping[str, Any], path: Path) -> Any:
    node: Any = row
    for name in path:
        node = node[name]
    return node


def _put(row: Row, path: Path, value: Any) -> None:
    node = row
    for name in path[:-1]:
        node = node.setdefault(name, {})
    node[path[-1]] = value
