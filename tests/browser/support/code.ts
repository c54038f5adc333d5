// Projects that are not the guide's: each a module's one file.

/** Two assets, one of a numeric kind, that print, log and store by the default IO manager. */
export const chatty = `
import sys
from dagster import asset, AssetExecutionContext

@asset(group_name="raw", description="Where it begins", kinds={"python"}, owners=["team:data"], tags={"tier": "1"})
def first(context: AssetExecutionContext):
    print("printed by first")
    print("complained by first", file=sys.stderr)
    context.log.info("logged by first")
    return 1

@asset(group_name="ml")
def second(first):
    return first + 1
`;

/** The second asset fails until the file "mended" exists; the third is skipped with it. */
export const failing = `
import os
from dagster import asset

@asset
def good():
    return 1

@asset
def bad(good):
    if not os.path.exists("mended"):
        raise ValueError("bad row 17 in iris.csv")
    return 2

@asset
def after(bad):
    return 3
`;

/** Code that cannot be loaded, and what the page has to say of it. */
export const unloadable: [string, (string | RegExp)[]][] = [
  ["from dagster import asset\ndef broken(:\n    pass\n", ["SyntaxError", /__init__\.py:2/]],
  ["def helper():\n    raise ValueError('bad row 17 in iris.csv')\nhelper()\n", ["ValueError: bad row 17 in iris.csv", /__init__\.py:2/]],
  ["import no_such_package_here\n", ["ModuleNotFoundError", "no_such_package_here"]],
  ["x = 1\n", ["no Definitions"]],
  ["from dagster import Definitions\na = Definitions()\nb = Definitions()\n", [/\ba\b.*\bb\b/]],
  ["from dagster import asset\n\n@asset(name='twin')\ndef one(): ...\n\n@asset(name='twin')\ndef two(): ...\n", ["twin"]],
  ["from dagster import asset\n\n@asset\ndef iris(): ...\n\n@asset(name='Iris')\ndef other(): ...\n", [/iris.*Iris|Iris.*iris/]],
  ["from dagster import asset\n\n@asset\ndef chicken(egg): ...\n\n@asset\ndef egg(chicken): ...\n", [/chicken.*egg|egg.*chicken/]],
  ["from dagster import asset\n\n@asset(io_manager_key='my_io_manger')\ndef one(): ...\n", ["my_io_manger"]],
  ["import os\nos._exit(3)\n", ["exited with status 3"]],
];

/** Steps that end badly, each in its own way, and what the page has to say of it. */
export const endings: Record<string, string> = {
  leaves: "SystemExit: 7",
  exits: "exited with status 7",
  crashes: "SIGSEGV",
  cannot_pickle: "lambda",
  cannot_store: "OSError: the shelf is full",
  cannot_load: "who moved it",
  numpy_scalar: "numpy.int64",
};
export const endsBadly = `
import os, signal, sys
from dagster import Definitions, FilesystemIOManager, IOManager, asset
import numpy

class Broken(IOManager):
    def handle_output(self, context, obj):
        if context.asset_key.path == ["cannot_store"]:
            raise OSError("the shelf is full")

    def load_input(self, context):
        raise KeyError("who moved it")

@asset
def leaves():
    sys.exit(7)

@asset
def exits():
    os._exit(7)

@asset
def crashes():
    os.kill(os.getpid(), signal.SIGSEGV)

@asset
def cannot_pickle():
    return lambda: 1

@asset(io_manager_key="broken")
def cannot_store():
    return 1

@asset(io_manager_key="broken")
def stored():
    return 1

@asset
def cannot_load(stored):
    return 1

@asset
def numpy_scalar(context):
    context.add_output_metadata({"rows": numpy.int64(7)})
    return 1

defs = Definitions(
    assets=[leaves, exits, crashes, cannot_pickle, cannot_store, stored, cannot_load, numpy_scalar],
    resources={"broken": Broken()},
)
`;

/** Prints 100,000 lines. */
export const longWinded = `
from dagster import asset

@asset
def talker():
    print("\\n".join(f"line {i} of many" for i in range(100_000)))
    print("see https://example.org/a?b=c.")
`;

/** An asset with config, and one that is tried twice. */
export const configured = `
from dagster import Config, RetryPolicy, asset

class Reading(Config):
    rows: int = 100
    place: str = "here"

@asset
def reader(context, config: Reading):
    print(f"read {config.rows} rows from {config.place}")

@asset(retry_policy=RetryPolicy(max_retries=1, delay=0))
def second_time(context):
    print(f"this is try {context.retry_number}")
    if context.retry_number == 0:
        raise ValueError("not yet")
`;

/** Prints a line, then one more for each that someone writes into its pipe. */
export const prompted = `
import os
from dagster import asset

@asset
def prompted():
    os.mkfifo("gate")
    print("first word", flush=True)
    with open("gate") as gate:
        for line in gate:
            print("heard", line.strip(), flush=True)
`;

/** Once someone has written into its pipe, observes itself 20,000 times. */
export const flood = `
import os
from dagster import AssetObservation, asset

@asset
def flood(context):
    os.mkfifo("gate")
    print("ready", flush=True)
    with open("gate") as gate:
        gate.read()
    for number in range(20_000):
        context.log_event(AssetObservation(asset_key="flood", metadata={"number": number}))
`;

/** Waits for someone to write into a pipe, which nobody does. */
export const slow = `
import os
from dagster import asset

@asset
def slow_asset():
    os.mkfifo("gate")
    return open("gate").read()
`;

/** Fails, and is to be tried again much later. */
export const retrying = `
from dagster import Failure, RetryPolicy, asset

@asset(retry_policy=RetryPolicy(max_retries=1, delay=3600))
def flaky():
    raise Failure("the server is away", metadata={"status": 503})
`;

export const hostileText = ['<img src=x onerror="window.pwned=1">', '"><script>window.pwned=1</script>', "javascript:window.pwned=1", "\u202egnp.exe", "\u001b[31mred\u001b[0m", "'; DROP TABLE events; --", "${7*7}{{7*7}}"];

/** Whatever user code can say is hostile: metadata of all kinds, descriptions, output, log lines, an exception. */
export const hostile = `
import sys
from dagster import asset, AssetExecutionContext, MaterializeResult, MetadataValue

TEXTS = ${JSON.stringify(hostileText)}

@asset(description=TEXTS[0], metadata={TEXTS[1]: TEXTS[2]})
def sender(context: AssetExecutionContext):
    metadata = {}
    for number, text in enumerate(TEXTS):
        print(text)
        print(text, file=sys.stderr)
        context.log.info(text)
        metadata[f"text {number} {text}"] = MetadataValue.text(text)
        metadata[f"md {number}"] = MetadataValue.md(f"{text}\\n\\n[click]({text}) ![x]({text})")
        metadata[f"url {number}"] = MetadataValue.url(text)
        metadata[f"path {number}"] = MetadataValue.path(text)
        metadata[f"json {number}"] = MetadataValue.json({text: [text]})
    return MaterializeResult(metadata=metadata)

@asset(name="long_" + "x" * 295)
def long_name():
    return 1

@asset(deps=[sender])
def thrower():
    raise RuntimeError(TEXTS[0])
`;

/** One asset with an IO manager of its own that stores CSV, one whose numbers change with every run, one that is pickled. */
export const measured = `
import os
import pandas as pd
from dagster import ConfigurableIOManager, Definitions, MaterializeResult, MetadataValue, asset

class CsvIOManager(ConfigurableIOManager):
    folder: str

    def handle_output(self, context, obj):
        os.makedirs(self.folder, exist_ok=True)
        path = os.path.join(self.folder, context.asset_key.path[-1] + ".csv")
        obj.to_csv(path, index=False)
        context.add_output_metadata({"path": MetadataValue.path(path)})

    def load_input(self, context):
        return pd.read_csv(os.path.join(self.folder, context.asset_key.path[-1] + ".csv"))

@asset(io_manager_key="csv")
def cities():
    return pd.DataFrame({"city": ["Bern", "<b>Basel</b>"], "people": [134_591, 173_863], "share": [0.25, None]})

@asset
def counted():
    with open("count", "a+") as file:
        file.write("x")
        size = file.tell()
    return MaterializeResult(metadata={"size": size, "ratio": 1 / size})

@asset
def pickled():
    return {"a": 1}

defs = Definitions(assets=[cities, counted, pickled], resources={"csv": CsvIOManager(folder="data")})
`;

/** Six assets, one of each status but "in progress" once all and then the first were run: stored as CSV under a variable's folder, failed, skipped, made elsewhere. */
export const flowers = `
import os
import pandas as pd
from dagster import AssetSpec, ConfigurableIOManager, Definitions, EnvVar, MetadataValue, asset

class CsvIOManager(ConfigurableIOManager):
    folder: str

    def path(self, context):
        return os.path.join(self.folder, context.asset_key.path[-1] + ".csv")

    def handle_output(self, context, obj):
        os.makedirs(self.folder, exist_ok=True)
        obj.to_csv(self.path(context), index=False)
        context.add_output_metadata({"path": MetadataValue.path(self.path(context))})

    def load_input(self, context):
        return pd.read_csv(self.path(context))

@asset(group_name="raw", io_manager_key="csv", kinds={"csv"}, owners=["team:flowers"], description="Flowers as they were measured.", deps=["garden"])
def iris_data(context):
    print("150 flowers")
    data = pd.DataFrame({"species": ["setosa", "versicolor", "virginica"], "petal_length": [1.4, 4.7, 6.0]})
    context.add_output_metadata({"nrows": len(data)})
    return data

@asset(group_name="ml", io_manager_key="csv")
def setosa(iris_data):
    return iris_data[iris_data.species == "setosa"]

@asset(group_name="ml", io_manager_key="csv")
def virginica(iris_data):
    return iris_data[iris_data.species == "virginica"]

@asset(group_name="ml")
def model(setosa, virginica):
    raise ValueError("bad row 17 in iris.csv")

@asset(group_name="reports")
def report(model):
    return model

defs = Definitions(
    assets=[AssetSpec("garden", group_name="raw"), iris_data, setosa, virginica, model, report],
    resources={"csv": CsvIOManager(folder=EnvVar("DATA_PATH"))},
)
`;

/** Every kind of metadata value. */
export const metadata = `
from dagster import (asset, AssetKey, MaterializeResult, MetadataValue, TableColumn, TableColumnConstraints, TableRecord, TableSchema)

@asset
def everything():
    return MaterializeResult(metadata={
        "a_text": MetadataValue.text("two words"),
        "a_url": MetadataValue.url("https://example.org/x"),
        "a_path": MetadataValue.path("data/x.csv"),
        "a_notebook": MetadataValue.notebook("notes/x.ipynb"),
        "some_json": MetadataValue.json({"outer": {"inner": [1, "two", None]}}),
        "some_md": MetadataValue.md("# Head\\n\\n**bold** and [a link](https://example.org)\\n\\n1. one\\n2. two\\n\\n> said"),
        "an_int": MetadataValue.int(1234567),
        "a_big_int": MetadataValue.int(12345678901234567890),
        "a_float": MetadataValue.float(0.25),
        "not_a_number": MetadataValue.float(float("nan")),
        "a_bool": MetadataValue.bool(True),
        "nothing": MetadataValue.null(),
        "an_asset": MetadataValue.asset(AssetKey(["everything"])),
        "a_time": MetadataValue.timestamp(1700000000.0),
        "a_table": MetadataValue.table(records=[TableRecord({"name": "Ada", "n": 1}), TableRecord({"name": "Grace", "n": 2})]),
        "a_schema": MetadataValue.table_schema(TableSchema(columns=[TableColumn("id", "int", description="the key", constraints=TableColumnConstraints(nullable=False, unique=True))])),
    })
`;

/** A layered graph of n assets in fifty groups. */
export const large = (n: number): string => `
from dagster import asset, AssetKey, Definitions

N, GROUPS = ${n}, 50
PER = N // GROUPS

def make(i):
    group, place = divmod(i, PER)
    deps = []
    if place >= 20:
        deps.append(AssetKey(f"asset_{i - 20 + (i * 7919) % 7}"))
    elif group >= 8 and place == 0:
        deps.append(AssetKey(f"asset_{(group - 8) * PER + PER - 1}"))

    @asset(name=f"asset_{i}", group_name=f"group_{min(group, GROUPS - 1)}", deps=deps)
    def one():
        return None

    return one

defs = Definitions(assets=[make(i) for i in range(N)])
`;
