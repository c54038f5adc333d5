// The numbered descriptors of hosts and workers (core/protocol/README.md, 2 and 3).
#pragma once

#include <span>
#include <string>
#include <vector>

namespace headrace {
inline namespace sdk {

constexpr int k_control = 3;                           ///< host: the line socket to the daemon; worker: its own
constexpr int k_fork = 4;                              ///< host: the packet socket for fork_worker
constexpr int k_journal = 4, k_log = 5, k_claims = 6;  ///< worker

/// Empty: fine; else what is missing.
std::string claim_host_descriptors();
std::string claim_worker_descriptors();
/// In a forked child: `received` become 1, 2, 3 …; `close` are the host's own.
void become_worker_descriptors(std::span<const int> received, std::span<const int> close);

}  // namespace sdk
}  // namespace headrace
