// Which calls fail, and how. Read from the environment once, counted in a file that all processes of a campaign share.
//
//   FAULTS_RULES   rules, separated by ';'. A rule is fields, separated by blanks:
//                    role=daemon|host|worker    whose calls (default: everybody's)
//                    under=/a/folder            of which files (default: all)
//                    calls=write,sync           which calls (default: all of the write path); see k_call_names
//                    at=17 | from=17            which call number; at: this one alone, from: this one and all behind
//                    armed=1                    counts only while the campaign has set State::armed
//                    do=…                       kill-before, kill-after: SIGKILL to this process, before or after the call
//                                               kill:ROLE: SIGKILL to the latest process of another role, before the call
//                                               halt-before, halt-after: the same, and no other process makes a counted call any
//                                               more error:ENOSPC: the call is not made and fails so · short: half is written
//                                               count (default): nothing
//   FAULTS_STATE   a file with a State in it
//   FAULTS_TRACE   a file that gets one line for each counted call
#pragma once

#include <atomic>
#include <cstdint>

namespace faults {

enum class Call { open, write, rename, unlink, sync, truncate, lock, folder, memory };
constexpr const char* k_call_names[] = {"open", "write", "rename", "unlink", "sync", "truncate", "lock", "folder", "memory"};

constexpr int k_most_rules = 8;

constexpr const char* k_role_names[] = {"daemon", "host", "worker"};
constexpr int k_roles = 3;

/// What the processes of a campaign share; tests/faults/support/shim.py knows this layout.
struct State {
  std::atomic<std::uint64_t> counts[k_most_rules];  ///< calls that each rule has counted
  std::atomic<std::uint64_t> fired[k_most_rules];   ///< and how often it has done something
  std::atomic<std::uint64_t> armed;
  std::atomic<std::uint64_t> halted;
  std::atomic<std::int64_t> clock_offset;  ///< nanoseconds that the wall clock is ahead
  std::atomic<std::uint64_t> clock_readings;
  std::atomic<std::int64_t> pids[k_roles];  ///< the latest process of each role
};

struct Fate {
  enum class Kind { none, fail, cut_short, die_after, halt_after } kind = Kind::none;
  int error = 0;
};

/// Null where no campaign is under way.
State* state();

/// Counts a call and says what becomes of it. Does not return where the process is to die before it.
Fate decide(Call call, const char* name, const char* path);
/// The second half of a fate.
void carry_out(const Fate& fate);
/// For calls that no rule counts: nothing may be said any more once the machine stands still.
void die_if_halted();
[[noreturn]] void die();

}  // namespace faults
