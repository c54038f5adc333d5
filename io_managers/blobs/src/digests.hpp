// Digests and base64, by OpenSSL.
#pragma once

#include <cstddef>
#include <string>

namespace headrace::blobs {

/// 64 hex digits.
std::string sha256_hex(const void* bytes, std::size_t size);
/// Of `text`, keyed: 32 bytes.
std::string hmac_sha256(const std::string& key, const std::string& text);
std::string base64(const std::string& bytes);
/// Empty: no base64.
std::string from_base64(const std::string& text);

}  // namespace headrace::blobs
