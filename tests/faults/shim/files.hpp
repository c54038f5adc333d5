// Where a call goes: absolute paths of what callers name by a path or a descriptor. Nothing here allocates.
#pragma once

#include <climits>

namespace faults {

struct Path {
  char text[PATH_MAX];
};

/// The file behind a descriptor; empty for what is no file (a socket, a pipe, a memory file).
Path path_of(int descriptor);
/// `path` as the call sees it, relative to `folder` (a descriptor or AT_FDCWD).
Path path_at(int folder, const char* path);

}  // namespace faults
