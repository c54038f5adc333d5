// Writing a file so that it is either the old one or the new one, whatever happens in between.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

namespace headrace::io_managers {

/// Calls `write` with the descriptor of a temporary file beside `path`, then puts it in `path`'s place. The size of the file.
/// If `write` throws, or the process is killed, the file at `path` stays as it was. A temporary file that a killed process left
/// behind is used again by the next write of the same path. `durable` (default: HEADRACE_DURABILITY is full) also syncs file and
/// folder, so that a power cut keeps one of the two as well. Throws std::system_error that names the path.
std::int64_t atomic_write(const std::filesystem::path& path, const std::function<void(int descriptor)>& write,
                          std::optional<bool> durable = {});

/// Makes a folder and those above it that are missing; `durable` as above.
void make_folders(const std::filesystem::path& folder, std::optional<bool> durable = {});

/// All bytes, to a descriptor.
void write_all(int descriptor, const void* bytes, std::size_t size);
/// A whole file; nothing where there is none.
std::optional<std::string> read_file(const std::filesystem::path& path);

/// "file:///a/b%20c"
std::string file_uri(const std::filesystem::path& path);
/// The path of a file:// URI, or of a relative one ("file:a/b%20c"); nothing for any other.
std::optional<std::filesystem::path> path_of_uri(std::string_view uri);

}  // namespace headrace::io_managers
