// SHA-256 (FIPS 180-4).
#pragma once

#include <string>
#include <string_view>

namespace headrace {
inline namespace sdk {

/// 64 hex digits.
std::string sha256(std::string_view bytes);

}  // namespace sdk
}  // namespace headrace
