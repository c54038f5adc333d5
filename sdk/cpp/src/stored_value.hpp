// Values that another IO manager stored, by what their materialization says of them (`stored`).
#pragma once

#include <filesystem>
#include <functional>

#include <execution.hpp>

namespace headrace {
inline namespace sdk {

/// A stored value, opened: a file, or the bytes of an object.
struct Stored {
  std::string name;  ///< its path or address
  std::optional<std::filesystem::path> path;
  std::string bytes;  ///< where there is no path
  /// At most so many of its first bytes.
  std::string beginning(std::size_t most) const;
};

/// A file; else what a resource of the location has access to. Null: neither. Throws where it is not there any more, or not of
/// the size that it was stored with.
std::optional<Stored> open_stored(const Resolved& resolved, ResourceSession& session, const json& stored);

/// By the loader of its format; throws an error with the remedy where there is none.
Value load_stored(const Resolved& resolved, ResourceSession& session, InputContext& context, const std::string& code_location);

/// What is known of a format: how it is loaded, and what its first rows are (`preview` of the protocol). The tables library adds
/// its own.
struct StoredFormat {
  std::function<Value(InputContext& context, const Stored& stored)> load;
  std::function<json(const Stored& stored, std::int64_t rows, const json& schema)> preview;
};
void add_stored_format(const std::string& name, StoredFormat format);
/// Null: not known here.
const StoredFormat* find_stored_format(const std::string& name);

}  // namespace sdk
}  // namespace headrace
