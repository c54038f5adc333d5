#include "files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace faults {

Path path_of(int descriptor) {
  const int kept = errno;
  Path path;
  char link[64];
  ::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const auto size = ::readlink(link, path.text, sizeof path.text - 1);
  path.text[size > 0 ? size : 0] = '\0';
  if (path.text[0] != '/') path.text[0] = '\0';
  errno = kept;
  return path;
}

Path path_at(int folder, const char* name) {
  Path path;
  if (name[0] == '/') {
    ::snprintf(path.text, sizeof path.text, "%s", name);
    return path;
  }
  path = path_of(folder);
  if (folder == AT_FDCWD) {
    const int kept = errno;
    if (!::getcwd(path.text, sizeof path.text)) path.text[0] = '\0';
    errno = kept;
  }
  const auto size = ::strlen(path.text);
  ::snprintf(path.text + size, sizeof path.text - size, "/%s", name);
  return path;
}

}  // namespace faults
