#include <app/environment.hpp>

#include <unistd.h>

namespace headrace::app {

Result<std::vector<std::string>> make_environment(const EnvironmentSource& source, const code_locations::LocationSpec&) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry; ++entry) result.emplace_back(*entry);
  result.push_back("HEADRACE_HOME=" + source.home.string());
  result.push_back("HEADRACE_STORAGE=" + (source.home / "storage").string());
  result.push_back(std::string("HEADRACE_DURABILITY=") + (source.durability == storage::Durability::full ? "full" : "fast"));
  return result;
}

}  // namespace headrace::app
