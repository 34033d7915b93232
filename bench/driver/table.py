# SPDX-License-Identifier: BSD-2-Clause
"""Numbers as text."""
import statistics


def number(value, digits=2):
    """With a suffix that keeps it short."""
    for limit, suffix in ((1e9, " G"), (1e6, " M"), (1e4, " k")):
        if abs(value) >= limit:
            return f"{value / (limit if suffix != ' k' else 1e3):.{digits}f}{suffix}"
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"


def size(n):
    for shift, suffix in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if n >= 1 << shift:
            return f"{n / (1 << shift):g} {suffix}"
    return f"{n} B"


def spread(values, digits=2):
    """Median, and least..most where there are several."""
    text = number(statistics.median(values), digits)
    if len(values) > 1:
        text += f" ({number(min(values), digits)}..{number(max(values), digits)})"
    return text


def table(head, rows):
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = [head, ["-" * w for w in widths], *rows]
    return "\n".join("  ".join(
        cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths))) for line in lines)
