// What was done to files under a folder, in order and with its bytes, so that a power loss can be played afterwards: whoever
// reads the record knows which writes and renames no sync had made lasting at any moment (tests/faults/support/disk.py).
//
//   FAULTS_RECORD         the file to append to      FAULTS_RECORD_UNDER   the folder whose files count
#pragma once

#include <cstdint>

namespace faults {

enum class Deed : std::uint8_t { create, write, truncate, sync, rename, remove, make_folder, link, say };

bool is_recording();
/// True for files of the folder that is recorded.
bool is_recorded(const char* path);
/// After the call has succeeded. `other`: the second path of a rename or link.
void record(Deed deed, const char* path, int descriptor, std::int64_t offset, const void* data, std::uint64_t size,
            const char* other = "");

}  // namespace faults
