#include <checksum.hpp>

#include <core/protocol.hpp>

std::uint32_t headrace::sdk::checksum_of(std::string_view bytes) { return protocol::crc32(bytes); }
