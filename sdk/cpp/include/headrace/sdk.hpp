// All of the SDK but its tables: <headrace/tables.hpp> needs Arrow.
#pragma once

#include <headrace/code_location.hpp>
#include <headrace/definitions.hpp>
#include <headrace/filesystem_io_manager.hpp>
#include <headrace/materialize.hpp>
