// What a power cut does to the journals: nothing syncs them, so that their ends may be missing and parts of them wrong. The
// database is whole: its commits are synced.
#pragma once

#include <filesystem>

#include "witness.hpp"

namespace headrace::simulator {

/// Everybody is dead. Journals in `home` lose their end from some byte on, or have a wrong byte where no daemon has read yet.
void damage_journals(const std::filesystem::path& home, World& world, Witness& witness);

}  // namespace headrace::simulator
