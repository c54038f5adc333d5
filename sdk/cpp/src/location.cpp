#include <location.hpp>

#include <chrono>
#include <self_check.hpp>
#include <secrets.hpp>
#include <user_errors.hpp>

namespace headrace {
inline namespace sdk {

Location load_location(const std::function<Definitions()>& load) {
  Location location;
  const auto start = std::chrono::steady_clock::now();
  try {
    mask_dotenv();
    location.resolved = Resolved::make(load());
    location.spawn_reason = reason_to_spawn();
  } catch (...) {
    const auto error = std::current_exception();
    mask_dotenv(true);  // nobody can say now which fields are secret
    location.error = describe_error(error, {"load", "", "", 0});
  }
  location.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return location;
}

}  // namespace sdk
}  // namespace headrace
