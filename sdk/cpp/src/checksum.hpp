// CRC-32 of journal lines: core's. Its header and the SDK's are never seen together, since both say headrace::AssetKey.
#pragma once

#include <cstdint>
#include <string_view>

namespace headrace {
inline namespace sdk {

std::uint32_t checksum_of(std::string_view bytes);

}  // namespace sdk
}  // namespace headrace
