from headrace import Config, Definitions, MaterializeResult, asset


class ReportConfig(Config):
    limit: int = 5


@asset(key_prefix="raw")
def prices() -> list[float]:
    return [1.5, 2.0, 2.5]


@asset(group_name="ml", deps=[prices])
def model() -> float:
    return 0.5


@asset(group_name="ml")
def report(config: ReportConfig, model: float) -> MaterializeResult:
    return MaterializeResult(metadata={"limit": config.limit, "quality": model})


defs = Definitions(assets=[prices, model, report])
