// What is done where there is room for no more connections: whoever comes is told so and let go, without a wait.
#pragma once

#include <async/unique_fd.hpp>
#include <http/settings.hpp>

namespace headrace::http {

/// The limits as far as this many descriptors of the process allow: workers, journals and the database need some too, and
/// not all connections may be endless streams.
Limits within_descriptors(Limits limits, std::size_t descriptors);

/// How many descriptors the process may have.
std::size_t most_descriptors();

/// Answers 503 and closes.
void refuse(async::UniqueFd socket);

/// A descriptor that is kept back, to take and refuse those who wait where the process may open no other.
class SpareDescriptor {
 public:
  SpareDescriptor();
  /// `listener` does not block.
  void refuse_waiting(int listener);

 private:
  async::UniqueFd spare_;
};

}  // namespace headrace::http
