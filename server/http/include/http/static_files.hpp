// The page's files as they lie in the binary. Made by tools/embed_files.py from ui/dist (a plain stand-in when that was not
// built). Immutable, for the whole life of the process; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace headrace {

struct StaticFile {
  std::string_view path;          ///< as in the URL, "/index.html"
  std::string_view content_type;  ///< "text/html; charset=utf-8"
  std::string_view etag;          ///< strong, with its quotes; of the identity form
  std::span<const std::byte> identity;
  std::span<const std::byte> gzip;    ///< empty where it would not be smaller
  std::span<const std::byte> brotli;  ///< empty where it would not be smaller
  bool immutable;                     ///< the path holds a hash of the content: cache for good
};

std::span<const StaticFile> static_files();

}  // namespace headrace
