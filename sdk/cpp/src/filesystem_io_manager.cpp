#include <headrace/filesystem_io_manager.hpp>

#include <unistd.h>

#include <core/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <io_managers/atomic_write.hpp>

namespace headrace {
inline namespace sdk {
namespace fs = std::filesystem;
namespace {

/// A key's part, or a partition's, as a path that cannot leave its folder.
std::string safe_part(const std::string& part) {
  if (part == "..") return "%2E%2E";
  return part.starts_with("/") ? "%2F" + part.substr(1) : part;
}

}  // namespace

std::string storage_folder() {
  const char* given = std::getenv("HEADRACE_STORAGE");
  if (given != nullptr && *given != '\0') return given;
  return (fs::temp_directory_path() / ("headrace-" + std::to_string(::getpid())) / "storage").string();
}

std::string value_path(const IOContext& context, const std::string& base_dir, const std::string& extension) {
  fs::path path = base_dir.empty() ? storage_folder() : base_dir;
  for (const auto& part : context.asset_key().path()) path /= safe_part(part);
  if (context.has_partition_key()) path /= safe_part(context.partition_key());
  return path.string() + extension;
}

void FilesystemIOManager::handle_output(OutputContext& context, const Value& value) {
  const std::string text = dump_json(value.to_json());
  const fs::path path = value_path(context, base_dir, ".json");
  io_managers::make_folders(path.parent_path());
  const auto size =
      io_managers::atomic_write(path, [&](int descriptor) { io_managers::write_all(descriptor, text.data(), text.size()); });
  context.add_output_metadata({{"path", MetadataValue::path(path.string())}, {"bytes", size}});
  context.set_stored(io_managers::file_uri(path), "json", size);
}

Value FilesystemIOManager::load_input(InputContext& context) {
  const auto path = value_path(context, base_dir, ".json");
  const auto text = io_managers::read_file(path);
  const auto name = context.asset_key().to_user_string();
  if (!text) throw NotFound("No value of asset \"" + name + "\" is stored in " + path + ": materialize \"" + name + "\" first");
  auto parsed = parse_json(*text);
  if (!parsed)
    throw TypeError(path + " is damaged or no JSON (" + parsed.error().message + "). Materialize \"" + name + "\" again.");
  if (context.type().is_any) return Value::of<json>(std::move(*parsed));
  if (context.type().from_json == nullptr)
    throw TypeError("JSON cannot be loaded as a " + context.type().name + ": give the input another IO manager");
  return Value::from_json(context.type(), *parsed);
}

void InMemoryIOManager::handle_output(OutputContext& context, const Value& value) {
  values->insert_or_assign(value_path(context, "/", ""), value);
}

Value InMemoryIOManager::load_input(InputContext& context) {
  const auto found = values->find(value_path(context, "/", ""));
  const auto name = context.asset_key().to_user_string();
  if (found == values->end())
    throw NotFound("No value of asset \"" + name + "\" is in memory: materialize it in the same process");
  return found->second.as(context.type());
}

}  // namespace sdk
}  // namespace headrace
