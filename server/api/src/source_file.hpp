// A source file as it is now: small, regular, text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <core/result.hpp>

namespace headrace::api {

struct SourceFile {
  std::string text;
  std::int64_t written = 0;  ///< microseconds UTC: its text
  std::int64_t changed = 0;  ///< its text, or that it came to this place: a copy may keep the time of its original
};

/// The path is a code location's word, never a request's. Errors say what is there instead.
Result<SourceFile> read_source_file(const std::filesystem::path& path);

}  // namespace headrace::api
