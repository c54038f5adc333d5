#include <config/quantities.hpp>

#include <charconv>
#include <limits>
#include <span>
#include <string>

namespace headrace::config {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};
constexpr Unit k_durations[] = {{"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"d", 86'400}, {"w", 604'800}};
constexpr std::int64_t k_thousand = 1000, k_1024 = 1024;
constexpr Unit k_sizes[] = {{"", 1},
                            {"B", 1},
                            {"KB", k_thousand},
                            {"MB", k_thousand* k_thousand},
                            {"GB", k_thousand* k_thousand* k_thousand},
                            {"TB", k_thousand* k_thousand* k_thousand* k_thousand},
                            {"KiB", k_1024},
                            {"MiB", k_1024* k_1024},
                            {"GiB", k_1024* k_1024* k_1024},
                            {"TiB", k_1024* k_1024* k_1024* k_1024}};

/// `ticks`: what one of the result is counted in later, without overflow.
Result<std::int64_t> parse(std::string_view text, std::span<const Unit> units, std::int64_t ticks, const char* examples) {
  const auto refused = [&] {
    return fail(ErrorCode::invalid, "must be a whole number with a unit, such as " + std::string(examples));
  };
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return refused();
  auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  for (const auto& known : units) {
    if (known.name != unit) continue;
    if (number > std::numeric_limits<std::int64_t>::max() / ticks / known.factor) return refused();
    return number * known.factor;
  }
  return refused();
}

}  // namespace

Result<std::chrono::seconds> parse_duration(std::string_view text) {
  auto seconds = parse(text, k_durations, 1'000'000, "\"90d\", \"12h\" or \"30m\"");
  if (!seconds) return tl::unexpected(seconds.error());
  return std::chrono::seconds(*seconds);
}

Result<std::int64_t> parse_size(std::string_view text) { return parse(text, k_sizes, 1, "\"10GiB\" or \"500MB\""); }

}  // namespace headrace::config
