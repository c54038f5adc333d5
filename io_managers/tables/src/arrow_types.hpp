// Arrow's types by their names, for formats whose bytes do not say the types of their columns.
#pragma once

#include <memory>
#include <string>

namespace arrow {
class DataType;
}

namespace headrace::tables {

/// Null: not one that is known here (nested ones, mostly).
std::shared_ptr<arrow::DataType> type_of(const std::string& name);

}  // namespace headrace::tables
