#include "my_io_manager.hpp"

using namespace headrace;

Table get_iris_data() { return read_csv("iris.csv"); }

Table get_setosa(const Table& iris_data) { return rows_where(iris_data, "species", "setosa"); }

const Definitions defs{
    .assets =
        {
            asset("iris_data", get_iris_data, {.io_manager_key = "my_io_manager"}),
            asset("setosa", get_setosa, {.inputs = {"iris_data"}, .io_manager_key = "my_io_manager"}),
        },
    .resources = {{"my_io_manager", MyIOManager{.path_prefix = EnvVar("DATA_PATH")}}},
};

HEADRACE_CODE_LOCATION(defs)
