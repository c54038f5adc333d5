// One JSON object a line over a stream socket.
#pragma once

#include <string>
#include <vector>

#include <headrace/asset_key.hpp>

namespace headrace {
inline namespace sdk {

/// A line that is no JSON object.
struct BadLine : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class LineSocket {
 public:
  explicit LineSocket(int descriptor) : descriptor_(descriptor) {}
  /// False when nobody reads any more.
  bool send(const json& message);
  /// Receives once, with recv's flags; false when nothing came: not yet, or never again (then `at_end`).
  bool receive(int flags);
  /// The whole messages so far; empty lines mean nothing. Throws BadLine.
  std::vector<json> take();
  bool at_end() const { return at_end_; }

 private:
  int descriptor_;
  bool at_end_ = false;
  std::string buffer_;
};

}  // namespace sdk
}  // namespace headrace
