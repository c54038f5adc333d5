#include <app/environment.hpp>

#include <config/environment.hpp>

namespace headrace::app {

Result<code_locations::ProcessEnvironment> make_environment(const EnvironmentSource& source,
                                                            const code_locations::LocationSpec& spec) {
  const auto own = config::process_environment();
  const auto file = std::filesystem::path(spec.working_directory) / ".env";
  auto dotenv = config::read_dotenv(file, own);
  if (!dotenv) return tl::unexpected(dotenv.error());
  std::string names;
  code_locations::DotenvNames from_file{file.string(), {}};
  for (const auto& [name, value] : dotenv->variables) {
    names += (names.empty() ? "" : ",") + name;
    from_file.names.push_back(name);
  }
  const config::Variables added{
      {"HEADRACE_HOME", source.home.string()},
      {"HEADRACE_STORAGE", (source.home / "storage").string()},
      {"HEADRACE_DURABILITY", source.durability == storage::Durability::full ? "full" : "fast"},
      {"HEADRACE_DOTENV_KEYS", names},
  };
  return code_locations::ProcessEnvironment{config::child_environment(own, dotenv->variables, added), std::move(dotenv->problems),
                                            std::move(from_file)};
}

}  // namespace headrace::app
