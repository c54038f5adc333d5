#include <stored_value.hpp>

#include <core/json.hpp>
#include <fmt/format.h>
#include <fstream>
#include <io_managers/atomic_write.hpp>
#include <preview.hpp>

namespace headrace {
inline namespace sdk {
namespace {

Value load_json(InputContext& context, const Stored& stored) {
  const auto text = stored.path ? io_managers::read_file(*stored.path) : stored.bytes;
  if (!text) throw NotFound(stored.name + " is not there any more");
  auto parsed = parse_json(*text);
  if (!parsed) throw TypeError(stored.name + " is no JSON: " + parsed.error().message);
  return context.type().from_json == nullptr ? Value::of<json>(std::move(*parsed)) : Value::from_json(context.type(), *parsed);
}

std::map<std::string, StoredFormat>& formats() {
  static std::map<std::string, StoredFormat> all{{"json", {load_json, preview_json}}, {"csv", {nullptr, preview_csv}}};
  return all;
}

void check_size(const Stored& stored, std::uintmax_t size, const json& told) {
  if (told.is_number_integer() && told.get<std::uintmax_t>() != size)
    throw TypeError(fmt::format("{} has {} bytes, but {} were stored: it was changed since", stored.name, size, told.dump()));
}

}  // namespace

void add_stored_format(const std::string& name, StoredFormat format) { formats()[name] = std::move(format); }

const StoredFormat* find_stored_format(const std::string& name) {
  const auto found = formats().find(name);
  return found == formats().end() ? nullptr : &found->second;
}

std::string Stored::beginning(std::size_t most) const {
  if (!path) return bytes.substr(0, most);
  std::ifstream file(*path, std::ios::binary);
  std::string text(most, '\0');
  file.read(text.data(), static_cast<std::streamsize>(most));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::optional<Stored> open_stored(const Resolved& resolved, ResourceSession& session, const json& stored) {
  const auto uri = stored.value("uri", "");
  const auto told = stored.value("bytes", json(nullptr));
  if (const auto path = io_managers::path_of_uri(uri)) {
    Stored opened{.name = path->string(), .path = path, .bytes = ""};
    std::error_code error;
    const auto size = std::filesystem::file_size(*path, error);
    if (error) throw NotFound(path->string() + " is not there any more");
    check_size(opened, size, told);
    return opened;
  }
  for (const auto& [key, resource] : resolved.definitions().resources) {
    const auto& scheme = resource.info().stored_scheme;
    if (scheme.empty() || !uri.starts_with(scheme + "://")) continue;  // others are not even set up
    auto bytes = session.get(key).read_stored(uri, session.log());
    if (!bytes) continue;
    Stored opened{.name = uri, .path = {}, .bytes = std::move(*bytes)};
    check_size(opened, opened.bytes.size(), told);
    return opened;
  }
  return {};
}

Value load_stored(const Resolved& resolved, ResourceSession& session, InputContext& context, const std::string& code_location) {
  const auto name = context.asset_key().to_user_string();
  const auto remedy = fmt::format("Give the input an IO manager of this code location: AssetIn(\"{}\", \"its key\")", name);
  const auto where =
      fmt::format("Asset \"{}\" is made in another code location ({})", name, code_location.empty() ? "unknown" : code_location);
  if (context.materialization().is_null()) throw NotFound(where + " and was never materialized");
  const auto stored = context.materialization().value("stored", json(nullptr));
  if (!stored.is_object()) throw DefinitionError(where + ", and its IO manager does not say how it is stored. " + remedy);
  const auto* format = find_stored_format(stored.value("format", ""));
  const auto opened = format != nullptr && format->load ? open_stored(resolved, session, stored) : std::nullopt;
  if (!opened)
    throw DefinitionError(fmt::format("{}, stored as {} in {}, which nothing here can read. {}", where,
                                      stored.value("format", ""), stored.value("uri", ""), remedy));
  return format->load(context, *opened);
}

}  // namespace sdk
}  // namespace headrace
