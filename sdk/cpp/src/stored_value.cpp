#include <stored_value.hpp>

#include <core/json.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <io_managers/atomic_write.hpp>

namespace headrace {
inline namespace sdk {
namespace {

Value load_json(InputContext& context, const std::string& path) {
  const auto text = io_managers::read_file(path);
  if (!text) throw NotFound(path + " is not there any more");
  auto parsed = parse_json(*text);
  if (!parsed) throw TypeError(path + " is no JSON: " + parsed.error().message);
  return context.type().from_json == nullptr ? Value::of<json>(std::move(*parsed)) : Value::from_json(context.type(), *parsed);
}

std::map<std::string, StoredLoader>& loaders() {
  static std::map<std::string, StoredLoader> all{{"json", load_json}};
  return all;
}

}  // namespace

void add_stored_loader(const std::string& format, StoredLoader loader) { loaders()[format] = std::move(loader); }

Value load_stored(InputContext& context, const std::string& code_location) {
  const auto name = context.asset_key().to_user_string();
  const auto remedy = fmt::format("Give the input an IO manager of this code location: AssetIn(\"{}\", \"its key\")", name);
  const auto where =
      fmt::format("Asset \"{}\" is made in another code location ({})", name, code_location.empty() ? "unknown" : code_location);
  if (context.materialization().is_null()) throw NotFound(where + " and was never materialized");
  const auto stored = context.materialization().value("stored", json(nullptr));
  if (!stored.is_object()) throw DefinitionError(where + ", and its IO manager does not say how it is stored. " + remedy);
  const auto format = stored.value("format", ""), uri = stored.value("uri", "");
  const auto loader = loaders().find(format);
  const auto path = io_managers::path_of_uri(uri);
  if (loader == loaders().end() || !path)
    throw DefinitionError(fmt::format("{}, stored as {} in {}, which nothing here can read. {}", where, format, uri, remedy));
  std::error_code error;
  const auto bytes = stored.value("bytes", json(nullptr));
  const auto size = std::filesystem::file_size(*path, error);
  if (error) throw NotFound(path->string() + " is not there any more");
  if (bytes.is_number_integer() && bytes.get<std::uintmax_t>() != size)
    throw TypeError(fmt::format("{} has {} bytes, but {} were stored: it was changed since", path->string(), size, bytes.dump()));
  return loader->second(context, path->string());
}

}  // namespace sdk
}  // namespace headrace
