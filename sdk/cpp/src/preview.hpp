// The first rows of a stored value, for the page: read as data (core/protocol/README.md, section 3, `preview`).
#pragma once

#include <location.hpp>
#include <stored_value.hpp>

namespace headrace {
inline namespace sdk {

/// The journal line that answers a `preview` message: what can be seen of the value, or in a sentence why nothing can.
json preview_line(const Location& location, const json& message);

/// `columns` and the first `rows`, `total_rows` where the bytes that were read say it; cells are texts.
json preview_csv(const Stored& stored, std::int64_t rows, const json& schema);
/// `text`: the beginning.
json preview_json(const Stored& stored, std::int64_t rows, const json& schema);

/// A text that is not too long for a cell.
std::string shortened(const std::string& text);

}  // namespace sdk
}  // namespace headrace
