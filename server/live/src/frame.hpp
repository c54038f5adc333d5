// One server-sent event as bytes.
#pragma once

#include <core/event.hpp>

namespace headrace::live {

/// `data` is one line.
inline std::string frame(std::int64_t id, std::string_view event, std::string_view data) {
  std::string text = "id: " + std::to_string(id) + "\nevent: ";
  text.append(event).append("\ndata: ").append(data).append("\n\n");
  return text;
}

/// `ping` and `reset`: where the stream stands.
inline std::string position_frame(std::int64_t id, std::string_view event) {
  return frame(id, event, "{\"as_of\":" + std::to_string(id) + "}");
}

}  // namespace headrace::live
