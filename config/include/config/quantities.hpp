// Durations and sizes as people write them in settings: "90d", "12h", "10GiB", "500 MB".
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include <core/result.hpp>

namespace headrace::config {

/// A whole number with s, m (or min), h, d or w. The error says what fits.
Result<std::chrono::seconds> parse_duration(std::string_view text);
/// A whole number of bytes, alone or with B, KiB, MiB, GiB, TiB, KB, MB, GB or TB.
Result<std::int64_t> parse_size(std::string_view text);

}  // namespace headrace::config
