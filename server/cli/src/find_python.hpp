// Which Python code locations run under when nobody says.
#pragma once

#include <string>

namespace headrace::cli {

/// `given`, else the `python` beside `program` (argv[0]), else $VIRTUAL_ENV's, else python3.
std::string find_python(const std::string& given, const std::string& program);

}  // namespace headrace::cli
