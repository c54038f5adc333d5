// Deleting what lies below a folder, by handles: a path that somebody changes meanwhile leads nowhere else.
#pragma once

#include <cstdint>
#include <string>

namespace headrace::storage {

/// Removes `name`, a folder in the open folder `parent`, with all that is in it; the bytes that its files had. Links are removed,
/// never followed. What lies on another mount stays, and with it the folders that lead there.
std::int64_t remove_folder(int parent, const std::string& name);

/// The bytes of all regular files below a folder, with the same restraint.
std::int64_t folder_bytes(int parent, const std::string& name);

}  // namespace headrace::storage
