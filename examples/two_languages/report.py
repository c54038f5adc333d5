"""Python reads and plots; what lies between, `means`, is made in C++ (crunch.cpp)."""

from pathlib import Path

import pandas as pd

from headrace import Definitions, MaterializeResult, MetadataValue, ParquetIOManager, asset

COLORS = {"setosa": "#5b8def", "versicolor": "#e6a23c", "virginica": "#67c23a"}


@asset(io_manager_key="tables", group_name="two_languages")
def measurements() -> pd.DataFrame:
    """Iris flowers, as somebody measured them."""
    return pd.read_csv("iris.csv")


@asset(group_name="two_languages")
def chart(means: pd.DataFrame) -> MaterializeResult:
    """A bar for each mean."""
    bars, top = [], 0
    for measure, rows in means.groupby("measure", sort=True):
        bars.append(f'<text x="0" y="{top + 12}">{measure}</text>')
        for row in rows.itertuples():
            top += 16
            color = COLORS.get(row.species, "#999")
            bars.append(f'<rect x="0" y="{top}" width="{row.mean * 50:.1f}" height="12" fill="{color}"/>')
            bars.append(f'<text x="{row.mean * 50 + 4:.1f}" y="{top + 10}">{row.species} {row.mean:.2f}</text>')
        top += 28
    path = Path("chart.svg")
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="520" height="{top}" font-family="sans-serif" font-size="11">'
        + "".join(bars)
        + "</svg>\n"
    )
    return MaterializeResult(metadata={"path": MetadataValue.path(str(path.resolve())), "bars": len(means)})


defs = Definitions(assets=[measurements, chart], resources={"tables": ParquetIOManager()})
