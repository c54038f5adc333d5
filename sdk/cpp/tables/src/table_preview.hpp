// The first rows of Parquet and Arrow files, for the page.
#pragma once

#include <stored_value.hpp>
#include <tables/table_file.hpp>

namespace arrow::io {
class RandomAccessFile;
}

namespace headrace {
inline namespace sdk {

/// A file is mapped, not read.
std::shared_ptr<arrow::io::RandomAccessFile> open_source(const Stored& stored);
json preview_table(tables::Format format, const Stored& stored, std::int64_t rows);

}  // namespace sdk
}  // namespace headrace
