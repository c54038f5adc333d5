"""Two assets that need nothing but Headrace, for a first look at the container."""

from headrace import Definitions, MaterializeResult, asset


@asset
def apples() -> list[int]:
    """Grams."""
    return [152, 148, 171, 160]


@asset
def harvest(apples: list[int]) -> MaterializeResult:
    return MaterializeResult(metadata={"apples": len(apples), "grams": sum(apples)})


defs = Definitions(assets=[apples, harvest])
