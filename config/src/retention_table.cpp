// [retention]: "off" is how a limit is taken away; nothing said is the default.
#include <config/quantities.hpp>
#include <toml_tables.hpp>

namespace headrace::config {
namespace {

/// `parse` of a key's text; "off" is 0.
template <class Value, class Parse>
void take(TomlReader& reader, const toml::table& table, const char* key, Value& value, Parse parse) {
  const auto text = reader.text(table, key);
  if (text.empty()) return;
  if (text == "off") {
    value = Value{};
    return;
  }
  if (auto parsed = parse(text); !parsed)
    reader.complain(*table.get(key),
                    "\"" + std::string(key) + "\" " + parsed.error().message + ", or \"off\"; it is \"" + text + "\"");
  else
    value = *parsed;
}

}  // namespace

Retention read_retention(TomlReader& reader, const toml::table& table) {
  reader.known_keys(table, "[retention]", keys_of("retention"));
  Retention retention;
  take(reader, table, "max_age", retention.max_age, parse_duration);
  take(reader, table, "max_size", retention.max_bytes, parse_size);
  if (const auto* node = table.get("keep_runs"))
    retention.keep_runs = static_cast<int>(reader.number(*node, "keep_runs", 0, 1'000'000'000));
  return retention;
}

}  // namespace headrace::config
