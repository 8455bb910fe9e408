"""Prints lines as an aligned table."""

COLUMNS = ("gateway", "nginx", "haproxy")


def _number(value):
    if value is None:
        return "–"
    if value >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _verdict(line):
    return {True: "yes", False: "no", None: ""}[line.met()]


def format_table(lines):
    header = ["row", "what", "unit", *COLUMNS, "÷ nginx", "÷ haproxy", "target", "met"]
    cells = [header]
    for line in lines:
        cells.append([str(line.row), line.what, line.unit, *(_number(line.median(name)) for name in COLUMNS),
                      *(_number(line.ratio(name)) for name in COLUMNS[1:]), line.goal, _verdict(line)])
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    left = {1, 2, 8, 9}
    def format_row(row):
        return "  ".join(c.ljust(w) if i in left else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))).rstrip()
    return "\n".join([format_row(header), "  ".join("─" * w for w in widths), *map(format_row, cells[1:])])
