/** The guide's two assets, made slowly enough to be watched, and a third that fails until a file is there. */
export const filmed = `
import json
import os
from time import sleep as work  # lint: allow: a film, no test

import pandas as pd
from dagster import ConfigurableIOManager, Definitions, EnvVar, InputContext, OutputContext, asset


@asset(name="iris_data", group_name="raw", io_manager_key="my_io_manager", kinds={"csv"})
def get_iris_data():
    print("reading iris.csv")
    work(0.9)
    return pd.read_csv("iris.csv")


@asset(name="setosa", group_name="flowers", io_manager_key="my_io_manager")
def get_setosa(iris_data):
    work(1.1)
    return iris_data[iris_data["species"] == "setosa"]


@asset(name="virginica", group_name="flowers", io_manager_key="my_io_manager")
def get_virginica(iris_data):
    work(0.8)
    return iris_data[iris_data["species"] == "virginica"]


@asset(name="large_flowers", group_name="report", io_manager_key="my_io_manager", description="Flowers above the limits of limits.json.")
def get_large_flowers(context, setosa, virginica):
    context.log.info("reading the limits")
    with open("limits.json") as file:
        limit = json.load(file)["petal_length"]
    flowers = pd.concat([setosa, virginica])
    return flowers[flowers["petal_length"] > limit]


class MyIOManager(ConfigurableIOManager):
    path_prefix: str = ""

    def _get_path(self, context):
        os.makedirs(self.path_prefix, exist_ok=True)
        return self.path_prefix + context.asset_key.path[-1] + ".csv"

    def handle_output(self, context: OutputContext, df: pd.DataFrame):
        context.add_output_metadata({"nrows": len(df)})
        df.to_csv(self._get_path(context), index=False)

    def load_input(self, context: InputContext) -> pd.DataFrame:
        return pd.read_csv(self._get_path(context))


defs = Definitions(
    assets=[get_iris_data, get_setosa, get_virginica, get_large_flowers],
    resources={"my_io_manager": MyIOManager(path_prefix=EnvVar("DATA_PATH"))},
)
`;
